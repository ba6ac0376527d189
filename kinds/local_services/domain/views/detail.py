"""A booking in detail, and as a row of a list.

A requester sees no payout, a provider neither checkout nor payments; a review is hidden from the other until both are
in. Admins see all.
"""

from domain.billing.views import Json, checkout, payment_view, refund_view, when
from domain.kind import ViewContext
from domain.lifecycle import EngineAction
from domain.money import rupees
from domain.people import Actor
from kinds.local_services.domain.allowed_actions import allowed_actions
from kinds.local_services.domain.booking import ServiceBooking
from kinds.local_services.domain.money import paid_with
from kinds.local_services.domain.papers import papers_view
from kinds.local_services.domain.payment_status import payment_status
from kinds.local_services.domain.payouts import current, share, shares
from kinds.local_services.domain.roles import Party, Role
from kinds.local_services.domain.views.parties import party_view
from kinds.local_services.domain.views.parts import (
    cancellation_view,
    completion_view,
    dispute_view,
    hours,
    offer_view,
    place_view,
    price,
    review_view,
)

_INTERNAL = frozenset({EngineAction.ALERT, EngineAction.CLEAR_ATTENTION, EngineAction.REPAIR, EngineAction.DISPUTE})
_OF_THE_PAYMENT = frozenset(
    {EngineAction.PAYMENT_FAILED, EngineAction.RETURN_MONEY, EngineAction.REFUND, EngineAction.RETRY_REFUND}
)
HIDDEN_NOTES: dict[str, frozenset[str]] = {
    Role.SEEKER: _INTERNAL | {"payout"},
    Role.PROVIDER: _INTERNAL | _OF_THE_PAYMENT,
}
"""Whose notes are not for whom: neither party learns what the other gets or how he pays, nor why an admin is called."""


def view(booking: ServiceBooking, viewer: Actor, context: ViewContext) -> Json:
    """Everything this viewer may know of the booking, beside what the engine adds."""
    party = booking.party_of(viewer)
    pays, earns = party != Party.PROVIDER, party != Party.REQUESTER
    return {
        **_row(booking, party),
        "customer": {"id": booking.requester},
        "requester": party_view(booking, viewer, context, booking.requester),
        "provider": party_view(booking, viewer, context, booking.provider),
        "offers": [offer_view(offer) for offer in booking.offers],
        "allowed_actions": allowed_actions(booking, viewer),
        "checkout": checkout(booking, context.key_id) if pays else None,
        "payments": [payment_view(booking.id, payment) for payment in booking.payments] if pays else [],
        "refunds": [_refund(booking, refund_view(booking.id, refund), pays=pays) for refund in booking.refunds],
        "payout": payout_view(booking) if earns else None,
        "cancellation": cancellation_view(booking),
        "completion": completion_view(booking),
        "dispute": dispute_view(booking),
        "reviews": [review_view(booking, review, viewer) for review in booking.reviews],
        "documents": papers_view(booking, viewer.id, everything=party == Party.ADMIN),
    }


def summary(booking: ServiceBooking, role: str) -> Json:
    """What a list row has; it is stored by role, so it tells no more than either party may know."""
    return _row(booking, Party.ADMIN if role == Role.ADMIN else Party.PROVIDER)


def payout_view(booking: ServiceBooking) -> Json | None:
    """The provider's share, once the booking is paid."""
    if paid_with(booking) is None:
        return None
    made = current(booking)
    state, transfer_id = ("pending", None) if made is None else (str(made.state), made.transfer_id)
    return {"state": state, "amount": rupees(share(booking)), **shares(booking), "transfer_id": transfer_id}


def _row(booking: ServiceBooking, party: str) -> Json:
    return {
        "listing_id": booking.listing.id,
        "requester_id": booking.requester,
        "provider_id": booking.provider,
        "scheduled_at": when(booking.starts_at),
        "duration_hours": hours(booking.duration),
        "ends_at": when(booking.ends_at),
        "location": place_view(booking, party),
        "total_price": price(booking.total),
        "list_price": price(booking.list_price),
        "payment_status": payment_status(booking),
        "notes": booking.notes,
        "listing": {
            "id": booking.listing.id,
            "title": booking.listing.title,
            "pricing_unit": str(booking.listing.unit),
            "category_id": booking.listing.category_id,
            "category": booking.listing.category,
        },
        "options": [
            {"id": option.id, "name": option.name, "price": price(option.price)} for option in booking.listing.options
        ],
    }


def _refund(booking: ServiceBooking, shown: Json, *, pays: bool) -> Json:
    """A provider learns what went back, not of which payment."""
    return shown if pays else {**shown, "payment_id": None, "refund_id": None}
