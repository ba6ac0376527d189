"""Orders of a booking, and the rules about payments that are the same for every kind."""

from datetime import datetime

from domain.billing.provider import CURRENCY, PaymentStatus, ProviderOrder, ProviderPayment
from domain.billing.records import CreditNote, Invoice, Method, Payment
from domain.booking import Booking
from domain.commands import NotePaymentFailure, RecordInvoice
from domain.errors import AmountMismatch, NotFound
from domain.lifecycle import EngineAction, Transition, must_have_role, refusal
from domain.money import Paise, rupees
from domain.people import Actor

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


def open_order(
    booking: Booking,
    leg: str,
    order: ProviderOrder,
    amount: Paise,
    now: datetime,
    *,
    expires_at: datetime | None = None,
    service_ids: tuple[int, ...] = (),
) -> None:
    """Money is asked for by this order; earlier ones no longer stand.

    Raises:
        AmountMismatch: the order is over something else.
    """
    if order.amount != amount:
        raise AmountMismatch(f"the order is over {rupees(order.amount)}, {rupees(amount)} is due")
    supersede_orders(booking)
    row = Payment(booking.next_child(), leg, Method.ONLINE, amount, PaymentStatus.PENDING, now)
    row.order_id, row.expires_at, row.service_ids = order.order_id, expires_at, service_ids
    booking.payments.append(row)


def take_order(booking: Booking, fact: ProviderPayment, now: datetime) -> Payment:
    """Captured money pays the order that asked for it; what else was asked for no longer stands.

    Raises:
        ActionNotAllowed: the order does not stand, or asked for another amount.
        NotFound: the order is not of this booking.
    """
    row = order_row(booking, fact.order_id)
    if not row.payable or row.amount != fact.amount:
        raise refusal(booking, "pay", "this money is not what the booking waits for")
    supersede_orders(booking, but=row)
    row.status, row.payment_id, row.captured_at = PaymentStatus.SUCCESS, fact.payment_id, now
    booking.method = Method.ONLINE
    return row


def record_cash(booking: Booking, leg: str, amount: Paise, collector: Actor, now: datetime) -> None:
    """Cash that was taken: it settles what was to be collected, and no order stands beside it any more."""
    supersede_orders(booking)
    row = next((p for p in booking.payments if p.method is Method.OFFLINE and p.status is PaymentStatus.PENDING), None)
    if row is None:
        row = Payment(booking.next_child(), leg, Method.OFFLINE, amount, PaymentStatus.PENDING, now)
        booking.payments.append(row)
    row.status, row.captured_at, row.collected_by = PaymentStatus.SUCCESS, now, collector.id
    booking.method = Method.OFFLINE


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
