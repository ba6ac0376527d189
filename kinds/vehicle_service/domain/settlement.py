"""What is still owed when the car is home: refunds on their way, money to collect, documents to number."""

from dataclasses import dataclass

from domain.billing.provider import PaymentStatus, RefundStatus
from domain.billing.records import Payment
from domain.money import Paise
from kinds.vehicle_service.domain.lifecycle import LIFECYCLE
from kinds.vehicle_service.domain.pricing import settled
from kinds.vehicle_service.domain.visit import VisitBooking


@dataclass(frozen=True, slots=True)
class DueDocument:
    """A document that the books must number. ``kind``: invoice or credit-note; ``amount`` in paise, GST included.

    ``sequence``: which credit note of its invoice it is; an invoice is the only one of its leg.
    """

    kind: str
    leg: str
    amount: Paise
    invoice_number: str | None = None
    sequence: int = 1


def is_complete(booking: VisitBooking) -> bool:
    """Nothing is left to do: the car is home, the money settled, the documents issued."""
    return (
        booking.status in LIFECYCLE.final and not booking.with_us and settled(booking) and not has_open_items(booking)
    )


def is_settled(booking: VisitBooking) -> bool:
    """Closed, and nothing came up since: late money on its way back, a refund that failed after all."""
    return booking.closed_at is not None and not has_open_items(booking)


def has_open_items(booking: VisitBooking) -> bool:
    """Money that is on its way back, or a document that the books owe."""
    return any(refund.unsettled for refund in booking.refunds) or due_document(booking) is not None


def due_document(booking: VisitBooking) -> DueDocument | None:
    """The next document that the books owe: an invoice for money that is in, a credit note for money that went back."""
    return _due_invoice(booking) or _due_credit_note(booking)


def _kept(payment: Payment) -> bool:
    return payment.status is PaymentStatus.SUCCESS and not payment.superseded


def _due_invoice(booking: VisitBooking) -> DueDocument | None:
    invoiced = {invoice.leg for invoice in booking.invoices}
    for payment in booking.payments:
        if _kept(payment) and payment.leg not in invoiced:
            if booking.cancellation is None or payment.leg == "fee":
                return DueDocument("invoice", payment.leg, payment.amount)
            # Given up before the service was invoiced: only the fee that is kept gets an invoice.
            kept = booking.cancellation.fee + booking.cancellation.gst_on_fee
            if kept and "fee" not in invoiced:
                return DueDocument("invoice", "fee", kept)
    return None


def _due_credit_note(booking: VisitBooking) -> DueDocument | None:
    """What was invoiced beyond the money that stays with us, whoever gave it back: the books must say the same."""
    too_much = sum(invoice.total for invoice in booking.invoices) - sum(note.amount for note in booking.credit_notes)
    too_much -= _staying(booking)
    for invoice in booking.invoices:
        noted = [note.amount for note in booking.credit_notes if note.invoice_number == invoice.number]
        part = min(too_much, invoice.total - sum(noted))
        if part > 0:
            return DueDocument("credit-note", invoice.leg, part, invoice.number, len(noted) + 1)
    return None


def _staying(booking: VisitBooking) -> Paise:
    """Money that came in for good, less what goes back of it; a refund that failed has not left."""
    kept = {payment.id: payment.amount for payment in booking.payments if _kept(payment)}
    leaving = [refund for refund in booking.refunds if refund.status is not RefundStatus.FAILED]
    return sum(kept.values()) - sum(refund.amount for refund in leaving if refund.payment_row in kept)
