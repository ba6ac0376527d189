"""Rules of money that goes back: attempts, what became of them, refunds made by hand, disputes that forbid them."""

from datetime import datetime

from domain.billing.balance import SMALLEST_REFUND, refundable_of
from domain.billing.provider import PaymentStatus, RefundStatus
from domain.billing.records import Method, Payment, Refund
from domain.booking import Booking
from domain.commands import AdoptRefund, RecordRefund, RetryRefund, ReturnMoney
from domain.errors import NotFound, NothingPending
from domain.lifecycle import EngineAction, Transition, must_have_role, refusal
from domain.money import Paise, rupees

AUTOMATIC_ATTEMPTS = 3
"""So many attempts are made for the same money before an admin has to look."""


def refund_of(booking: Booking, payment: Payment, amount: Paise, reason: str, now: datetime) -> Refund:
    """A new attempt to send money back, with a key of its own that every retry repeats."""
    child = booking.next_child()
    # The payment's tail keeps two installations on one provider account apart.
    key = f"rf-{booking.id}-{child}-{(payment.payment_id or '')[-8:]}"
    return Refund(child, payment.id, payment.payment_id or "", amount, reason, key, now)


def refund_up_to(booking: Booking, amount: Paise, reason: str, now: datetime) -> None:
    """Send that much of what came in back, oldest payment first."""
    for payment in booking.payments:
        if payment.status is PaymentStatus.SUCCESS:
            part = min(amount, refundable_of(booking, payment))
            if part > 0:
                booking.refunds.append(refund_of(booking, payment, part, reason, now))
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
    refund = refund_of(booking, row, fact.amount, command.reason, now)
    refund.key = f"late-{fact.payment_id}"
    booking.refunds.append(refund)
    return Transition(EngineAction.RETURN_MONEY, booking.status, f"{rupees(fact.amount)} goes back: {command.reason}")


def record_refund(booking: Booking, command: RecordRefund, now: datetime) -> Transition:
    """What became of a refund; one that the bank failed is tried again under a new key, a few times by itself."""
    must_have_role(EngineAction.REFUND, command.actor)
    refund = _refund(booking, command.refund_row)
    reported = (command.status, command.needs_help, command.refund_id or refund.refund_id)
    if refund.replaced or reported == (refund.status, refund.needs_help, refund.refund_id):
        raise refusal(booking, EngineAction.REFUND, "that is known already")
    refund.status, refund.needs_help, refund.refund_id = reported
    refund.processed_at = now if command.status is RefundStatus.PROCESSED else None
    note = command.note or f"refund of {rupees(refund.amount)} {command.status}"
    if command.status is RefundStatus.FAILED and not refund.by_hand:
        note = _after_a_failure(booking, refund, command, now) or note
    return Transition(EngineAction.REFUND, booking.status, note)


def retry_refund(booking: Booking, command: RetryRefund, now: datetime) -> Transition:
    """An admin wants it tried now. What the provider is still asked for goes on; what was given up begins anew."""
    must_have_role(EngineAction.RETRY_REFUND, command.actor)
    refund = latest_attempt(booking, command.refund_row)
    if not refund.unsettled:
        raise NothingPending(f"refund {command.refund_row} is not pending")
    if booking.on_hold(refund.payment_id):
        raise NothingPending(f"refund {command.refund_row} waits until the dispute of its payment is decided")
    if refund.status is RefundStatus.FAILED:
        next_attempt(booking, refund, refund.amount, now)
    return Transition(EngineAction.RETRY_REFUND, booking.status, f"refund of {rupees(refund.amount)}")


def latest_attempt(booking: Booking, refund_row: int) -> Refund:
    """The newest attempt for the money of that refund."""
    refund = _refund(booking, refund_row)
    same_money = [r for r in booking.refunds if r.payment_row == refund.payment_row and not r.by_hand]
    return same_money[-1] if refund.replaced and same_money else refund


def adopt_refund(booking: Booking, command: AdoptRefund, now: datetime) -> Transition:
    """A refund that staff made by hand is money that went back; the status stays, an admin looks at it."""
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
    note = f"{rupees(fact.amount)} of {fact.payment_id} was refunded in the provider's dashboard"
    booking.attention.append(note)
    return Transition(EngineAction.REFUND, booking.status, note)


def _after_a_failure(booking: Booking, refund: Refund, command: RecordRefund, now: datetime) -> str | None:
    """Try again by itself, or settle with what was refunded by somebody else; else an admin is needed."""
    if command.left is not None and command.left < refund.amount:
        return _refund_the_rest(booking, refund, command.left, now)
    if command.again and refund.tries < AUTOMATIC_ATTEMPTS:
        next_attempt(booking, refund, refund.amount, now)
        return f"the bank failed the refund of {rupees(refund.amount)}; it is tried again"
    refund.needs_help = True
    return None


def _refund_the_rest(booking: Booking, refund: Refund, left: Paise, now: datetime) -> str:
    """Somebody else gave money of this payment back: only what is missing is still owed."""
    payment = next(p for p in booking.payments if p.id == refund.payment_row)
    ours = sum(
        other.amount
        for other in booking.refunds
        if other.payment_row == payment.id and not other.by_hand and other.status is RefundStatus.PROCESSED
    )
    rest = refund.amount - (payment.amount - left - ours)
    refund.replaced, refund.needs_help = True, False
    note = f"only {rupees(left)} of {refund.payment_id} can be refunded, the rest went back by hand"
    booking.attention.append(note)
    if rest >= SMALLEST_REFUND:
        next_attempt(booking, refund, min(rest, left), now)
    return note


def next_attempt(booking: Booking, refund: Refund, amount: Paise, now: datetime) -> None:
    """The same money under a new key; the attempt before it is replaced."""
    tries = refund.tries + 1
    base = refund.key.removesuffix(f"-try{refund.tries}")
    payment = next(p for p in booking.payments if p.id == refund.payment_row)
    after = refund_of(booking, payment, amount, refund.reason, now)
    after.key, after.tries = f"{base}-try{tries}", tries
    refund.replaced, refund.needs_help = True, False
    booking.refunds.append(after)


def _refund(booking: Booking, refund_row: int) -> Refund:
    refund = next((refund for refund in booking.refunds if refund.id == refund_row), None)
    if refund is None:
        raise NotFound(f"there is no refund {refund_row}")
    return refund
