"""The rule of disputes: the customer asks the bank for the money."""

from datetime import UTC, datetime

from domain.billing.owed import settle_with
from domain.billing.provider import ProviderDispute
from domain.billing.records import Dispute
from domain.booking import Booking
from domain.commands import RecordDispute
from domain.errors import NotFound
from domain.lifecycle import EngineAction, Transition, must_have_role, refusal
from domain.money import rupees


def record_dispute(booking: Booking, command: RecordDispute, now: datetime) -> Transition:
    """A dispute is shown and freezes refunds until it is decided; what it took is not refunded again.

    The bank may take the money before it decides, and may give it back.
    """
    must_have_role(EngineAction.DISPUTE, command.actor)
    fact = command.dispute
    payment = next((each for each in booking.payments if each.payment_id == fact.payment_id), None)
    if payment is None:
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
    settle_with(booking, payment, fact.amount_deducted - (known.amount_deducted if known else 0), now)
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
