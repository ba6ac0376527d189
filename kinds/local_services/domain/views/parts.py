"""Parts of a booking as its viewers see them. Amounts are decimal strings, times ISO 8601 in UTC."""

from datetime import timedelta

from domain.billing.views import Json, when
from domain.money import Paise, rupees
from domain.people import Actor
from kinds.local_services.domain.booking import ServiceBooking
from kinds.local_services.domain.cancellation import Quote
from kinds.local_services.domain.money import paid_with
from kinds.local_services.domain.parts import Offer, Review
from kinds.local_services.domain.roles import Party, shown

_HOUR = timedelta(hours=1)
_ROUGHLY = 2
"""Decimals of a point that does not say which house is meant: 0.01 degree."""


def hours(duration: timedelta) -> int | float:
    """A length of time in hours, whole ones without a fraction."""
    whole, rest = divmod(duration, _HOUR)
    return whole if not rest else round(duration / _HOUR, 6)


def price(amount: Paise | None) -> str | None:
    """An amount that may not be known yet."""
    return None if amount is None else rupees(amount)


def by_view(actor: Actor | None) -> Json | None:
    """Who did it."""
    return {"id": actor.id, "role": shown(actor.role)} if actor else None


def place_view(booking: ServiceBooking, party: str) -> Json | None:
    """Where it is done; until the booking is paid the provider reads only about where."""
    place = booking.place
    if place is None:
        return None
    if party in (Party.REQUESTER, Party.ADMIN) or paid_with(booking) is not None:
        return {"address": place.address, "lat": place.lat, "lng": place.lng, "pincode": place.pincode}
    lat, lng = round(place.lat, _ROUGHLY), round(place.lng, _ROUGHLY)
    return {"address": place.pincode, "lat": lat, "lng": lng, "pincode": place.pincode}


def offer_view(offer: Offer) -> Json:
    """One offer."""
    return {
        "id": offer.id,
        "by": offer.by,
        "total_price": price(offer.total),
        "scheduled_at": when(offer.starts_at),
        "duration_hours": hours(offer.duration),
        "note": offer.note,
        "state": str(offer.state),
        "created_at": when(offer.created_at),
    }


def completion_view(booking: ServiceBooking) -> Json | None:
    """When the work was done and confirmed, and by whom."""
    done = booking.completion
    if done is None:
        return None
    return {
        "completed_at": when(done.completed_at),
        "completed_by": by_view(done.completed_by),
        "confirmed": booking.confirmed,
        "confirmed_at": when(done.confirmed_at),
        "confirmed_by": by_view(done.confirmed_by),
    }


def quote_view(quote: Quote) -> Json:
    """What cancelling would cost."""
    return {
        "fee": rupees(quote.fee),
        "refund": rupees(quote.refund),
        "compensation": rupees(quote.compensation),
        "allowed": quote.allowed,
        "reason": quote.reason,
    }


def cancellation_view(booking: ServiceBooking) -> Json | None:
    """How and at what price it ended early."""
    done = booking.cancellation
    if done is None:
        return None
    return {
        "fee": rupees(done.fee),
        "refund": rupees(done.refund),
        "compensation": rupees(done.compensation),
        "cause": str(done.cause),
        "reason": done.reason,
        "by": by_view(done.by),
        "at": when(done.at),
    }


def dispute_view(booking: ServiceBooking) -> Json | None:
    """What one party holds against the other, and how it was decided."""
    dispute = booking.dispute
    if dispute is None:
        return None
    made = dispute.decision
    return {
        "by": by_view(dispute.by),
        "reason": dispute.reason,
        "description": dispute.description,
        "media_urls": list(dispute.media_urls),
        "state": "open" if dispute.open else "decided" if made else "withdrawn",
        "created_at": when(dispute.at),
        "withdrawn_at": when(dispute.withdrawn_at),
        "decision": made
        and {
            "outcome": str(made.outcome),
            "refund_amount": rupees(made.refund),
            "against": made.against,
            "note": made.note,
            "by": by_view(made.by),
            "at": when(made.at),
        },
    }


def review_view(booking: ServiceBooking, review: Review, viewer: Actor) -> Json:
    """A review; of a hidden one the other party learns only that there is one."""
    published = booking.reviews_published_at is not None
    if not published and review.reviewer_id != viewer.id and booking.party_of(viewer) != Party.ADMIN:
        return {"reviewer_id": review.reviewer_id, "published": False}
    return {
        "id": review.id,
        "booking_id": booking.id,
        "reviewer_id": review.reviewer_id,
        "reviewee_id": review.reviewee_id,
        "rating": review.rating,
        "comment": review.comment,
        "created_at": when(review.created_at),
        "published": published,
    }
