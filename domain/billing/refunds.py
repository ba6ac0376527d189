"""Money that goes back: refunds are asked for here; what follows when one fails is in ``refund_retries``."""

from datetime import datetime

from domain.billing.balance import refundable_of
from domain.billing.owed import settle_with
from domain.billing.provider import PaymentStatus, RefundStatus
from domain.billing.records import Method, Payment, Refund
from domain.billing.refund_attempts import new_attempt
from domain.booking import Booking
from domain.commands import AdoptRefund, ReturnMoney
from domain.errors import NotFound
from domain.lifecycle import EngineAction, Transition, must_have_role
from domain.money import Paise, rupees


def refund_up_to(booking: Booking, amount: Paise, reason: str, now: datetime) -> None:
    """Send that much of what came in back, oldest payment first."""
    for payment in booking.payments:
        if payment.status is PaymentStatus.SUCCESS:
            part = min(amount, refundable_of(booking, payment))
            if part > 0:
                booking.refunds.append(new_attempt(booking, payment, part, reason, now))
                amount -= part


def return_money(booking: Booking, command: ReturnMoney, now: datetime) -> Transition:
    """Captured money that we do not want is recorded and sent back whole, once by its key."""
    must_have_role(EngineAction.RETURN_MONEY, command.actor)
    fact = command.payment
    order = next((p for p in booking.payments if p.order_id == fact.order_id and p.method is Method.ONLINE), None)
    if order is None:
        raise NotFound(f"order {fact.order_id} is not of this booking")
    if order.status is not PaymentStatus.SUCCESS:
        # An order that was paid keeps its payment; only this second capture of it goes back.
        order.spent, order.status = True, PaymentStatus.FAILED
    row = Payment(
        booking.next_child(),
        order.leg,
        Method.ONLINE,
        fact.amount,
        PaymentStatus.SUCCESS,
        now,
        order_id=fact.order_id,
        payment_id=fact.payment_id,
        captured_at=now,
        spent=True,
        superseded=True,
    )
    booking.payments.append(row)
    refund = new_attempt(booking, row, fact.amount, command.reason, now)
    refund.key = f"late-{fact.payment_id}"
    booking.refunds.append(refund)
    return Transition(EngineAction.RETURN_MONEY, booking.status, f"{rupees(fact.amount)} goes back: {command.reason}")


def adopt_refund(booking: Booking, command: AdoptRefund, now: datetime) -> Transition:
    """A refund that staff made by hand is money that went back: it is not sent as well. An admin looks at it."""
    must_have_role(EngineAction.REFUND, command.actor)
    fact = command.refund
    payment = next((p for p in booking.payments if p.payment_id == fact.payment_id), None)
    if payment is None:
        raise NotFound(f"payment {fact.payment_id} is not of this booking")
    processed = now if fact.status == RefundStatus.PROCESSED else None
    booking.refunds.append(
        Refund(
            booking.next_child(),
            payment.id,
            fact.payment_id,
            fact.amount,
            "refunded by hand",
            f"by-hand-{fact.refund_id}",
            now,
            RefundStatus(fact.status),
            fact.refund_id,
            processed,
            by_hand=True,
        )
    )
    if fact.status != RefundStatus.FAILED:
        settle_with(booking, payment, fact.amount, now)
    note = f"{rupees(fact.amount)} of {fact.payment_id} was refunded in the provider's dashboard"
    booking.attention.append(note)
    return Transition(EngineAction.REFUND, booking.status, note)
