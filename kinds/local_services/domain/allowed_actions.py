"""Which actions are open to whom, now: what the table allows and the facts do not forbid. The clock is not asked."""

from domain.lifecycle import EngineAction
from domain.people import Actor
from kinds.local_services.domain.booking import ServiceBooking, Status
from kinds.local_services.domain.lifecycle import LIFECYCLE, Action
from kinds.local_services.domain.money import paid_with
from kinds.local_services.domain.roles import Party
from kinds.local_services.domain.rules.negotiating import MOST_OFFERS


def allowed_actions(booking: ServiceBooking, viewer: Actor) -> list[str]:
    """What this viewer may ask for; whoever may pay reads "pay"."""
    party = booking.party_of(viewer)
    if booking.closed_at is not None or party == Party.SYSTEM:
        return []
    granted = LIFECYCLE.allowed(Status(booking.status), party)
    words = [str(action) for action in granted if _open(booking, action, party, viewer.id)]
    return ["pay" if word == Action.PAY_INTENT else word for word in words]


def _open(booking: ServiceBooking, action: str, party: str, person: str) -> bool:
    match action:
        case Action.OFFER | Action.ACCEPT | Action.DECLINE:
            return _can_answer(booking, action, person)
        case Action.PAY_INTENT:
            return paid_with(booking) is None
        case Action.START:
            return paid_with(booking) is not None
        case Action.CANCEL:
            begun = booking.status == Status.IN_PROGRESS and party == Party.REQUESTER
            return not (begun or booking.disputed or booking.confirmed)
        case Action.CONFIRM:
            return not (booking.disputed or booking.confirmed)
        case Action.DISPUTE:
            return booking.dispute is None and not booking.confirmed and _held_back(booking)
        case Action.WITHDRAW:
            return booking.dispute is not None and booking.disputed and booking.dispute.by.id == person
        case Action.DECIDE:
            return booking.disputed
        case Action.REVIEW:
            return not booking.reviews_closed and all(each.reviewer_id != person for each in booking.reviews)
        case EngineAction.RETRY_REFUND:
            return any(refund.unsettled for refund in booking.refunds)
        case EngineAction.CLEAR_ATTENTION:
            return bool(booking.attention)
        case _:
            return True


def _can_answer(booking: ServiceBooking, action: str, person: str) -> bool:
    offer, moves = booking.open_offer, booking.status == Status.ACCEPTED
    if offer is not None and offer.by == person:
        return False
    if action == Action.OFFER:
        return sum(each.moves is moves for each in booking.offers) < MOST_OFFERS
    return offer is not None and (action == Action.DECLINE or offer.total is not None)


def _held_back(booking: ServiceBooking) -> bool:
    if booking.status != Status.CANCELLED:
        return True
    return booking.cancellation is not None and booking.cancellation.hold_from is not None
