"""What is still owed when the car is home: refunds on their way, money to collect, documents to number."""

from dataclasses import dataclass

from domain.kinds.vehicle_service.booking import Booking, Payment
from domain.kinds.vehicle_service.life import LIFECYCLE
from domain.kinds.vehicle_service.pricing import settled
from domain.money import Paise
from domain.payments import PaymentStatus


@dataclass(frozen=True, slots=True)
class OwedDocument:
    """A document that the books must number. ``kind``: invoice or credit-note; ``amount`` in paise, GST included."""

    kind: str
    leg: str
    amount: Paise
    invoice_number: str | None = None


def finished(booking: Booking) -> bool:
    """Nothing is left to do: the car is home, the money settled, the documents issued."""
    return booking.status in LIFECYCLE.final and not booking.with_us and settled(booking) and not loose_ends(booking)


def over(booking: Booking) -> bool:
    """Closed, and nothing came up since: late money on its way back, a refund that failed after all."""
    return booking.closed_at is not None and not loose_ends(booking)


def loose_ends(booking: Booking) -> bool:
    """Money that is on its way back, or a document that the books owe."""
    return any(refund.unsettled for refund in booking.refunds) or owed_document(booking) is not None


def owed_document(booking: Booking) -> OwedDocument | None:
    """The next document that the books owe: an invoice for money that is in, a credit note for money that went back."""
    return _owed_invoice(booking) or _owed_credit_note(booking)


def _kept(payment: Payment) -> bool:
    return payment.status is PaymentStatus.SUCCESS and not payment.superseded


def _owed_invoice(booking: Booking) -> OwedDocument | None:
    invoiced = {invoice.leg for invoice in booking.invoices}
    for payment in booking.payments:
        if _kept(payment) and payment.leg not in invoiced:
            if booking.cancellation is None or payment.leg == "fee":
                return OwedDocument("invoice", payment.leg, payment.amount)
            # Given up before the service was invoiced: only the fee that is kept gets an invoice.
            kept = booking.cancellation.fee + booking.cancellation.gst_on_fee
            if kept and "fee" not in invoiced:
                return OwedDocument("invoice", "fee", kept)
    return None


def _owed_credit_note(booking: Booking) -> OwedDocument | None:
    """A cancellation after the invoice takes back the part that is refunded."""
    invoice = next((invoice for invoice in booking.invoices if invoice.leg == "service"), None)
    cancellation = booking.cancellation
    if invoice is None or cancellation is None or not cancellation.refund or booking.credit_notes:
        return None
    return OwedDocument("credit-note", "service", cancellation.refund, invoice.number)
