"""Money that goes back: intents, what became of them, refunds made by hand, and disputes that forbid them."""

from datetime import UTC, datetime

from domain.errors import NotFound, NothingPending
from domain.kinds.vehicle_service.booking import Booking, Dispute, Method, Payment, Refund
from domain.kinds.vehicle_service.fees import SMALLEST_REFUND
from domain.kinds.vehicle_service.life import LIFECYCLE, Action
from domain.kinds.vehicle_service.requests import (
    AdoptRefund,
    RecordDispute,
    RecordRefund,
    RetryRefund,
    ReturnMoney,
)
from domain.kinds.vehicle_service.rules.outcome import Outcome, refuse
from domain.money import Paise, rupees
from domain.payments import PaymentStatus, RefundStatus

AUTOMATIC_TRIES = 3
"""So many intents are made for the same money before an admin has to look."""


def refund_of(draft: Booking, payment: Payment, amount: Paise, reason: str, now: datetime) -> Refund:
    """A new intent to send money back, with a key of its own that every retry repeats."""
    child = draft.next_child()
    # The payment's tail keeps two installations on one provider account apart.
    key = f"rf-{draft.id}-{child}-{(payment.payment_id or '')[-8:]}"
    return Refund(child, payment.id, payment.payment_id or "", amount, reason, key, now)


def return_money(draft: Booking, request: ReturnMoney, now: datetime) -> Outcome:
    """Captured money that we do not want is taken into the books and sent back whole, once by its key."""
    to = LIFECYCLE.after(draft.status, Action.RETURN_MONEY, request.actor.role)
    fact = request.payment
    order = next((p for p in draft.payments if p.order_id == fact.order_id and p.method is Method.ONLINE), None)
    if order is None:
        raise NotFound(f"order {fact.order_id} is not of this booking")
    if order.status is not PaymentStatus.SUCCESS:
        # An order that was paid keeps its payment; only this second capture of it goes back.
        order.spent, order.status = True, PaymentStatus.FAILED
    row = Payment(
        draft.next_child(),
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
    draft.payments.append(row)
    refund = refund_of(draft, row, fact.amount, request.reason, now)
    refund.key = f"late-{fact.payment_id}"
    draft.refunds.append(refund)
    return Outcome(Action.RETURN_MONEY, to, f"{rupees(fact.amount)} goes back: {request.reason}")


def record_refund(draft: Booking, request: RecordRefund, now: datetime) -> Outcome:
    """What became of a refund; one that the bank failed is tried again under a new key, a few times by itself."""
    to = LIFECYCLE.after(draft.status, Action.REFUND, request.actor.role)
    refund = _refund(draft, request.refund_row)
    word = (request.status, request.needs_help, request.refund_id or refund.refund_id)
    if refund.replaced or word == (refund.status, refund.needs_help, refund.refund_id):
        raise refuse(draft, Action.REFUND, "that is known already")
    refund.status, refund.needs_help, refund.refund_id = word
    refund.processed_at = now if request.status is RefundStatus.PROCESSED else None
    note = request.note or f"refund of {rupees(refund.amount)} {request.status}"
    if request.status is RefundStatus.FAILED and not refund.by_hand:
        note = _after_a_failure(draft, refund, request, now) or note
    return Outcome(Action.REFUND, to, note)


def retry_refund(draft: Booking, request: RetryRefund, now: datetime) -> Outcome:
    """An admin wants it tried now. What the provider is still asked for goes on; what was given up begins anew."""
    to = LIFECYCLE.after(draft.status, Action.RETRY_REFUND, request.actor.role)
    refund = latest_try(draft, request.refund_row)
    if not refund.unsettled:
        raise NothingPending(f"refund {request.refund_row} is not pending")
    if draft.frozen(refund.payment_id):
        raise NothingPending(f"refund {request.refund_row} waits until the dispute of its payment is decided")
    if refund.status is RefundStatus.FAILED:
        _next_intent(draft, refund, refund.amount, now)
    return Outcome(Action.RETRY_REFUND, to, f"refund of {rupees(refund.amount)}")


def latest_try(booking: Booking, refund_row: int) -> Refund:
    """The newest intent for the money of that refund."""
    refund = _refund(booking, refund_row)
    same_money = [r for r in booking.refunds if r.payment_row == refund.payment_row and not r.by_hand]
    return same_money[-1] if refund.replaced and same_money else refund


def adopt_refund(draft: Booking, request: AdoptRefund, now: datetime) -> Outcome:
    """A refund that staff made by hand is money that went back; the status stays, an admin looks at it."""
    to = LIFECYCLE.after(draft.status, Action.REFUND, request.actor.role)
    fact = request.refund
    payment = next((p for p in draft.payments if p.payment_id == fact.payment_id), None)
    if payment is None:
        raise NotFound(f"payment {fact.payment_id} is not of this booking")
    processed = now if fact.status == RefundStatus.PROCESSED else None
    draft.refunds.append(
        Refund(
            draft.next_child(),
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
    draft.attention.append(note)
    return Outcome(Action.REFUND, to, note)


def record_dispute(draft: Booking, request: RecordDispute, now: datetime) -> Outcome:
    """A dispute is shown and freezes refunds until it is decided; what it took, when lost, is not refunded again."""
    to = LIFECYCLE.after(draft.status, Action.DISPUTE, request.actor.role)
    fact = request.dispute
    if all(payment.payment_id != fact.payment_id for payment in draft.payments):
        raise NotFound(f"payment {fact.payment_id} is not of this booking")
    known = next((dispute for dispute in draft.disputes if dispute.dispute_id == fact.dispute_id), None)
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
        raise refuse(draft, Action.DISPUTE, "that is known already")
    draft.disputes = [dispute for dispute in draft.disputes if dispute is not known] + [now_known]
    note = f"dispute {fact.dispute_id} over {rupees(fact.amount)}: {fact.status.replace('_', ' ')}"
    if fact.status == "lost":
        note = f"{note}, {rupees(fact.amount_deducted)} was taken from us"
        draft.attention.append(note)
        before = known.amount_deducted if known else 0
        _covered_by_the_bank(draft, fact.payment_id, fact.amount_deducted - before, now)
    return Outcome(Action.DISPUTE, to, note)


def _after_a_failure(draft: Booking, refund: Refund, request: RecordRefund, now: datetime) -> str | None:
    """Try again by itself, or settle with what was refunded by somebody else; else an admin is needed."""
    if request.left is not None and request.left < refund.amount:
        return _settle_the_rest(draft, refund, request.left, now)
    if request.again and refund.tries < AUTOMATIC_TRIES:
        _next_intent(draft, refund, refund.amount, now)
        return f"the bank failed the refund of {rupees(refund.amount)}; it is tried again"
    refund.needs_help = True
    return None


def _settle_the_rest(draft: Booking, refund: Refund, left: Paise, now: datetime) -> str:
    """Somebody else gave money of this payment back: only what is missing is still owed."""
    payment = next(p for p in draft.payments if p.id == refund.payment_row)
    ours = sum(
        other.amount
        for other in draft.refunds
        if other.payment_row == payment.id and not other.by_hand and other.status is RefundStatus.PROCESSED
    )
    rest = refund.amount - (payment.amount - left - ours)
    refund.replaced, refund.needs_help = True, False
    note = f"only {rupees(left)} of {refund.payment_id} can be refunded, the rest went back by hand"
    draft.attention.append(note)
    if rest >= SMALLEST_REFUND:
        _next_intent(draft, refund, min(rest, left), now)
    return note


def _next_intent(draft: Booking, refund: Refund, amount: Paise, now: datetime) -> None:
    tries = refund.tries + 1
    base = refund.key.removesuffix(f"-try{refund.tries}")
    payment = next(p for p in draft.payments if p.id == refund.payment_row)
    after = refund_of(draft, payment, amount, refund.reason, now)
    after.key, after.tries = f"{base}-try{tries}", tries
    refund.replaced, refund.needs_help = True, False
    draft.refunds.append(after)


def _covered_by_the_bank(draft: Booking, payment_id: str, taken: Paise, now: datetime) -> None:
    """What the bank has paid the customer is not owed any more; only the rest goes back. What has left has left."""
    for refund in [r for r in draft.refunds if r.payment_id == payment_id and r.unsettled]:
        under_way = refund.status is RefundStatus.PENDING and refund.refund_id is not None
        if taken <= 0 or under_way:
            continue
        rest, taken = refund.amount - taken, taken - refund.amount
        if rest >= SMALLEST_REFUND:
            _next_intent(draft, refund, rest, now)
        refund.status, refund.replaced, refund.needs_help = RefundStatus.FAILED, True, False


def _refund(draft: Booking, refund_row: int) -> Refund:
    refund = next((refund for refund in draft.refunds if refund.id == refund_row), None)
    if refund is None:
        raise NotFound(f"there is no refund {refund_row}")
    return refund
