"""The rule of disputes: the customer asks the bank for the money."""

from datetime import UTC, datetime

from domain.billing.balance import SMALLEST_REFUND
from domain.billing.provider import ProviderDispute, RefundStatus
from domain.billing.records import Dispute
from domain.billing.refund_retries import next_attempt
from domain.booking import Booking
from domain.commands import RecordDispute
from domain.errors import NotFound
from domain.lifecycle import EngineAction, Transition, must_have_role, refusal
from domain.money import Paise, rupees


def record_dispute(booking: Booking, command: RecordDispute, now: datetime) -> Transition:
    """A dispute is shown and freezes refunds until it is decided; what it took, when lost, is not refunded again."""
    must_have_role(EngineAction.DISPUTE, command.actor)
    fact = command.dispute
    if all(payment.payment_id != fact.payment_id for payment in booking.payments):
        raise NotFound(f"payment {fact.payment_id} is not of this booking")
    known = next((dispute for dispute in booking.disputes if dispute.dispute_id == fact.dispute_id), None)
    now_known = dispute_record(fact, known.since if known else now)
    if known == now_known:
        raise refusal(booking, EngineAction.DISPUTE, "that is known already")
    booking.disputes = [dispute for dispute in booking.disputes if dispute is not known] + [now_known]
    note = f"dispute {fact.dispute_id} over {rupees(fact.amount)}: {fact.status.replace('_', ' ')}"
    if fact.status == "lost":
        note = f"{note}, {rupees(fact.amount_deducted)} was taken from us"
        booking.attention.append(note)
        before = known.amount_deducted if known else 0
        _deduct_chargeback(booking, fact.payment_id, fact.amount_deducted - before, now)
    return Transition(EngineAction.DISPUTE, booking.status, note)


def dispute_record(fact: ProviderDispute, since: datetime) -> Dispute:
    """What a booking keeps of a dispute that it knows ``since`` then."""
    return Dispute(
        fact.dispute_id,
        fact.payment_id,
        fact.amount,
        fact.amount_deducted,
        fact.status,
        fact.phase,
        fact.reason,
        datetime.fromtimestamp(fact.respond_by, UTC) if fact.respond_by else None,
        since,
    )


def _deduct_chargeback(booking: Booking, payment_id: str, taken: Paise, now: datetime) -> None:
    """What the bank has paid the customer is not owed any more; only the rest goes back. What has left has left."""
    for refund in [r for r in booking.refunds if r.payment_id == payment_id and r.unsettled]:
        under_way = refund.status is RefundStatus.PENDING and refund.refund_id is not None
        if taken <= 0 or under_way:
            continue
        rest, taken = refund.amount - taken, taken - refund.amount
        if rest >= SMALLEST_REFUND:
            next_attempt(booking, refund, rest, now)
        refund.status, refund.replaced, refund.needs_help = RefundStatus.FAILED, True, False
