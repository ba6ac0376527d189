"""What a booking says of the people in it: who kept it, who answered, who let the other down."""

from dataclasses import dataclass
from datetime import datetime

from kinds.local_services.domain.booking import ServiceBooking
from kinds.local_services.domain.parts import Cause
from kinds.local_services.domain.reputation import SHORT_NOTICE
from kinds.local_services.domain.roles import Party


@dataclass(frozen=True, slots=True)
class LetDown:
    """Somebody did not keep a booking that was agreed on; ``points`` is 2 at short notice."""

    by: str
    at: datetime
    points: int


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether the provider answered the request, and since when that is known."""

    given: bool
    at: datetime


def let_down(booking: ServiceBooking) -> LetDown | None:
    """Who gave the booking up after its acceptance, did not pay or did not come. Admins let nobody down."""
    end = booking.cancellation
    if end is None or booking.accepted_at is None:
        return None
    guilty = _guilty(booking)
    if guilty is None:
        return None
    at_short_notice = booking.starts_at - end.at < SHORT_NOTICE
    return LetDown(guilty, end.at, 2 if at_short_notice else 1)


def answer(booking: ServiceBooking) -> Answer | None:
    """Whether the request was answered by its provider; None while it can be.

    A counter-offer is an answer: a request that ends while the requester is to say something was answered.
    """
    if booking.accepted_at is not None:
        return Answer(given=True, at=booking.accepted_at)
    end = booking.cancellation
    if end is None:
        return None
    newest = booking.offers[-1]
    if end.cause is Cause.UNANSWERED:
        return Answer(given=newest.by == booking.provider, at=end.at)
    declined = end.by.id == booking.provider
    countered = any(offer.by == booking.provider for offer in booking.offers)
    return Answer(given=True, at=end.at) if declined or countered else None


def dispute_lost_by(booking: ServiceBooking) -> str | None:
    """Against whom a dispute was decided."""
    decision = booking.dispute.decision if booking.dispute else None
    sides = {Party.REQUESTER: booking.requester, Party.PROVIDER: booking.provider}
    return sides.get(Party(decision.against)) if decision and decision.against in list(sides) else None


def _guilty(booking: ServiceBooking) -> str | None:
    end = booking.cancellation
    if end is None or end.cause in (Cause.DECLINED, Cause.UNANSWERED):
        return None
    if end.cause is Cause.UNPAID:
        return booking.requester
    if end.cause is Cause.NOT_STARTED:
        return booking.provider
    if end.by.id not in (booking.requester, booking.provider):
        return None
    return booking.other(end.by.id) if end.cause is Cause.NO_SHOW else end.by.id
