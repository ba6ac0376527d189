"""Orders of a booking, and the rules about payments that are the same for every kind."""

from datetime import datetime

from domain.billing.provider import CURRENCY, PaymentStatus
from domain.billing.records import CreditNote, Invoice, Method, Payment
from domain.booking import Booking
from domain.commands import NotePaymentFailure, RecordInvoice
from domain.errors import NotFound
from domain.lifecycle import EngineAction, Transition, must_have_role
from domain.money import Paise

SMALLEST_ORDER: Paise = 100
"""The provider takes nothing below INR 1.00."""


def order_row(booking: Booking, order_id: str | None) -> Payment:
    """The payment that the order asks for.

    Raises:
        NotFound: the order is not of this booking.
    """
    row = next((p for p in booking.payments if p.order_id == order_id and p.method is Method.ONLINE), None)
    if row is None:
        raise NotFound(f"order {order_id} is not of this booking")
    return row


def supersede_orders(booking: Booking, but: Payment | None = None) -> None:
    """Orders that no longer stand: should their money still come, it goes back whole."""
    for payment in booking.payments:
        if payment.method is Method.ONLINE and payment is not but and payment.status is not PaymentStatus.SUCCESS:
            payment.superseded, payment.status = True, PaymentStatus.FAILED


def close_orders(booking: Booking) -> None:
    """Nothing is paid any more, neither online nor in cash."""
    for payment in booking.payments:
        if payment.status is PaymentStatus.PENDING:
            payment.status, payment.superseded = PaymentStatus.FAILED, True


def note_failure(booking: Booking, command: NotePaymentFailure, now: datetime) -> Transition:
    """An attempt failed: recorded as an attempt only, the order stays payable.

    Wrong money that is held but never taken blocks its order at the provider: the next choice makes a new one.
    """
    must_have_role(EngineAction.PAYMENT_FAILED, command.actor)
    payment = order_row(booking, command.payment.order_id)
    payment.failed_attempts = (*payment.failed_attempts, command.payment.payment_id)
    asked_for = (command.payment.amount, command.payment.currency) == (payment.amount, CURRENCY)
    if command.payment.status == "authorized" and payment.live and not asked_for:
        payment.spent, payment.status = True, PaymentStatus.FAILED
    return Transition(EngineAction.PAYMENT_FAILED, booking.status, command.note or command.payment.error)


def record_invoice(booking: Booking, command: RecordInvoice, now: datetime) -> Transition:
    """An invoice or a credit note of this booking was numbered."""
    must_have_role(EngineAction.ISSUE_INVOICE, command.actor)
    issued_at = command.issued_at or now
    if command.kind == "invoice":
        booking.invoices.append(Invoice(command.id, command.leg, command.number, issued_at, command.amount))
    else:
        booking.credit_notes.append(CreditNote(command.number, issued_at, command.amount, command.invoice_number or ""))
    return Transition(EngineAction.ISSUE_INVOICE, booking.status, command.number)
