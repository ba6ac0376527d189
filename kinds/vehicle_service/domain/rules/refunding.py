"""Money that goes back: intents, what became of them, refunds made by hand, and disputes that forbid them."""

from datetime import UTC, datetime

from domain.billing.provider import PaymentStatus, RefundStatus
from domain.billing.records import Dispute, Method, Payment, Refund
from domain.commands import AdoptRefund, RecordDispute, RecordRefund, RetryRefund, ReturnMoney
from domain.errors import NotFound, NothingPending
from domain.money import Paise, rupees
from kinds.vehicle_service.domain.cancellation import SMALLEST_REFUND
from kinds.vehicle_service.domain.lifecycle import LIFECYCLE, Action
from kinds.vehicle_service.domain.rules.transition import Transition, refusal
from kinds.vehicle_service.domain.visit import VisitBooking

AUTOMATIC_ATTEMPTS = 3
"""So many intents are made for the same money before an admin has to look."""


def refund_of(booking: VisitBooking, payment: Payment, amount: Paise, reason: str, now: datetime) -> Refund:
    """A new intent to send money back, with a key of its own that every retry repeats."""
    child = booking.next_child()
    # The payment's tail keeps two installations on one provider account apart.
    key = f"rf-{booking.id}-{child}-{(payment.payment_id or '')[-8:]}"
    return Refund(child, payment.id, payment.payment_id or "", amount, reason, key, now)


def return_money(booking: VisitBooking, command: ReturnMoney, now: datetime) -> Transition:
    """Captured money that we do not want is taken into the books and sent back whole, once by its key."""
    to = LIFECYCLE.after(booking.status, Action.RETURN_MONEY, command.actor.role)
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
    return Transition(Action.RETURN_MONEY, to, f"{rupees(fact.amount)} goes back: {command.reason}")


def record_refund(booking: VisitBooking, command: RecordRefund, now: datetime) -> Transition:
    """What became of a refund; one that the bank failed is tried again under a new key, a few times by itself."""
    to = LIFECYCLE.after(booking.status, Action.REFUND, command.actor.role)
    refund = _refund(booking, command.refund_row)
    word = (command.status, command.needs_help, command.refund_id or refund.refund_id)
    if refund.replaced or word == (refund.status, refund.needs_help, refund.refund_id):
        raise refusal(booking, Action.REFUND, "that is known already")
    refund.status, refund.needs_help, refund.refund_id = word
    refund.processed_at = now if command.status is RefundStatus.PROCESSED else None
    note = command.note or f"refund of {rupees(refund.amount)} {command.status}"
    if command.status is RefundStatus.FAILED and not refund.by_hand:
        note = _after_a_failure(booking, refund, command, now) or note
    return Transition(Action.REFUND, to, note)


def retry_refund(booking: VisitBooking, command: RetryRefund, now: datetime) -> Transition:
    """An admin wants it tried now. What the provider is still asked for goes on; what was given up begins anew."""
    to = LIFECYCLE.after(booking.status, Action.RETRY_REFUND, command.actor.role)
    refund = latest_attempt(booking, command.refund_row)
    if not refund.unsettled:
        raise NothingPending(f"refund {command.refund_row} is not pending")
    if booking.on_hold(refund.payment_id):
        raise NothingPending(f"refund {command.refund_row} waits until the dispute of its payment is decided")
    if refund.status is RefundStatus.FAILED:
        _next_attempt(booking, refund, refund.amount, now)
    return Transition(Action.RETRY_REFUND, to, f"refund of {rupees(refund.amount)}")


def latest_attempt(booking: VisitBooking, refund_row: int) -> Refund:
    """The newest intent for the money of that refund."""
    refund = _refund(booking, refund_row)
    same_money = [r for r in booking.refunds if r.payment_row == refund.payment_row and not r.by_hand]
    return same_money[-1] if refund.replaced and same_money else refund


def adopt_refund(booking: VisitBooking, command: AdoptRefund, now: datetime) -> Transition:
    """A refund that staff made by hand is money that went back; the status stays, an admin looks at it."""
    to = LIFECYCLE.after(booking.status, Action.REFUND, command.actor.role)
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
    return Transition(Action.REFUND, to, note)


def record_dispute(booking: VisitBooking, command: RecordDispute, now: datetime) -> Transition:
    """A dispute is shown and freezes refunds until it is decided; what it took, when lost, is not refunded again."""
    to = LIFECYCLE.after(booking.status, Action.DISPUTE, command.actor.role)
    fact = command.dispute
    if all(payment.payment_id != fact.payment_id for payment in booking.payments):
        raise NotFound(f"payment {fact.payment_id} is not of this booking")
    known = next((dispute for dispute in booking.disputes if dispute.dispute_id == fact.dispute_id), None)
    until = datetime.fromtimestamp(fact.respond_by, UTC) if fact.respond_by else None
    now_known = Dispute(
        fact.dispute_id,
        fact.payment_id,
        fact.amount,
        fact.amount_deducted,
        fact.status,
        fact.phase,
        fact.reason,
        until,
        known.since if known else now,
    )
    if known == now_known:
        raise refusal(booking, Action.DISPUTE, "that is known already")
    booking.disputes = [dispute for dispute in booking.disputes if dispute is not known] + [now_known]
    note = f"dispute {fact.dispute_id} over {rupees(fact.amount)}: {fact.status.replace('_', ' ')}"
    if fact.status == "lost":
        note = f"{note}, {rupees(fact.amount_deducted)} was taken from us"
        booking.attention.append(note)
        before = known.amount_deducted if known else 0
        _deduct_chargeback(booking, fact.payment_id, fact.amount_deducted - before, now)
    return Transition(Action.DISPUTE, to, note)


def _after_a_failure(booking: VisitBooking, refund: Refund, command: RecordRefund, now: datetime) -> str | None:
    """Try again by itself, or settle with what was refunded by somebody else; else an admin is needed."""
    if command.left is not None and command.left < refund.amount:
        return _refund_the_rest(booking, refund, command.left, now)
    if command.again and refund.tries < AUTOMATIC_ATTEMPTS:
        _next_attempt(booking, refund, refund.amount, now)
        return f"the bank failed the refund of {rupees(refund.amount)}; it is tried again"
    refund.needs_help = True
    return None


def _refund_the_rest(booking: VisitBooking, refund: Refund, left: Paise, now: datetime) -> str:
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
        _next_attempt(booking, refund, min(rest, left), now)
    return note


def _next_attempt(booking: VisitBooking, refund: Refund, amount: Paise, now: datetime) -> None:
    tries = refund.tries + 1
    base = refund.key.removesuffix(f"-try{refund.tries}")
    payment = next(p for p in booking.payments if p.id == refund.payment_row)
    after = refund_of(booking, payment, amount, refund.reason, now)
    after.key, after.tries = f"{base}-try{tries}", tries
    refund.replaced, refund.needs_help = True, False
    booking.refunds.append(after)


def _deduct_chargeback(booking: VisitBooking, payment_id: str, taken: Paise, now: datetime) -> None:
    """What the bank has paid the customer is not owed any more; only the rest goes back. What has left has left."""
    for refund in [r for r in booking.refunds if r.payment_id == payment_id and r.unsettled]:
        under_way = refund.status is RefundStatus.PENDING and refund.refund_id is not None
        if taken <= 0 or under_way:
            continue
        rest, taken = refund.amount - taken, taken - refund.amount
        if rest >= SMALLEST_REFUND:
            _next_attempt(booking, refund, rest, now)
        refund.status, refund.replaced, refund.needs_help = RefundStatus.FAILED, True, False


def _refund(booking: VisitBooking, refund_row: int) -> Refund:
    refund = next((refund for refund in booking.refunds if refund.id == refund_row), None)
    if refund is None:
        raise NotFound(f"there is no refund {refund_row}")
    return refund
