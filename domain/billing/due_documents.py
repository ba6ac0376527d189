"""What is still owed: documents to number for money that came in or went back."""

from collections.abc import Iterator
from dataclasses import dataclass

from domain.billing.provider import PaymentStatus, RefundStatus
from domain.billing.records import CreditNote, Payment
from domain.booking import Booking
from domain.money import Paise


@dataclass(frozen=True, slots=True)
class DueDocument:
    """A document that must be numbered. ``kind``: invoice or credit-note; ``amount`` in paise, GST included.

    ``sequence``: which of its kind and leg it is; a second invoice of a leg follows only a credit note of it.
    """

    kind: str
    leg: str
    amount: Paise
    invoice_number: str | None = None
    sequence: int = 1


def documents_of_money(booking: Booking) -> Iterator[DueDocument]:
    """Invoices for money that is in, credit notes for money that went back: the next one of each."""
    for due in (_due_invoice(booking), _due_credit_note(booking), _due_again(booking)):
        if due is not None:
            yield due


def _kept(payment: Payment) -> bool:
    return payment.status is PaymentStatus.SUCCESS and not payment.superseded


def _due_invoice(booking: Booking) -> DueDocument | None:
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


def _due_credit_note(booking: Booking) -> DueDocument | None:
    """What was invoiced beyond the money that stays with us, whoever gave it back."""
    too_much = _invoiced(booking) - _staying(booking)
    for invoice in booking.invoices:
        noted = [note.amount for note in booking.credit_notes if note.invoice_number == invoice.number]
        part = min(too_much, invoice.total - sum(noted))
        if part > 0:
            sequence = len(_notes_of(booking, invoice.leg)) + 1
            return DueDocument("credit-note", invoice.leg, part, invoice.number, sequence)
    return None


def _due_again(booking: Booking) -> DueDocument | None:
    """What was credited and stays in the end, so it is invoiced again: the bank failed a refund that staff had made by
    hand, or one of ours beside it, of which less was owed then.

    A refund of ours that failed is owed still, so its credit note stands.
    """
    kept = {payment.id for payment in booking.payments if _kept(payment)}
    failed = [each for each in booking.refunds if each.status is RefundStatus.FAILED and each.payment_row in kept]
    owed = sum(refund.amount for refund in failed if refund.unsettled)
    too_little = _staying(booking) - owed - _invoiced(booking)
    if booking.policy.credit_is_corrected:
        amount = too_little if _due_invoice(booking) is None else 0
    else:
        amount = min(too_little, sum(refund.amount for refund in failed if refund.by_hand))
    for leg in dict.fromkeys(invoice.leg for invoice in booking.invoices):
        _, *others = (invoice.total for invoice in booking.invoices if invoice.leg == leg)
        part = min(amount, sum(note.amount for note in _notes_of(booking, leg)) - sum(others))
        if part > 0:
            return DueDocument("invoice", leg, part, sequence=len(others) + 2)
    return None


def _invoiced(booking: Booking) -> Paise:
    """What the documents say now."""
    return sum(invoice.total for invoice in booking.invoices) - sum(note.amount for note in booking.credit_notes)


def _notes_of(booking: Booking, leg: str) -> list[CreditNote]:
    numbers = {invoice.number for invoice in booking.invoices if invoice.leg == leg}
    return [note for note in booking.credit_notes if note.invoice_number in numbers]


def _staying(booking: Booking) -> Paise:
    """Money that came in for good, less what goes back of it; a refund that failed has not left.

    Of a cancelled booking no more is to stay than the fee, so what the bank took for a lost dispute counts like the
    refund in whose place it went, whichever came first. Otherwise a loss takes nothing back: the work was done.
    """
    kept = {payment.id: payment for payment in booking.payments if _kept(payment)}
    leaving = [refund for refund in booking.refunds if refund.status is not RefundStatus.FAILED]
    staying = sum(payment.amount for payment in kept.values())
    staying -= sum(refund.amount for refund in leaving if refund.payment_row in kept)
    if booking.cancellation is None:
        return staying
    taken = sum(booking.charged_back(payment.payment_id) for payment in kept.values())
    return staying - min(taken, max(0, staying - booking.cancellation.fee - booking.cancellation.gst_on_fee))
