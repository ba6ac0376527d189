"""The time slots that a visit holds."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from domain.kind import Json
from kinds.vehicle_service.domain.parts import Leg
from kinds.vehicle_service.domain.visit import VisitBooking

PICKUP, DROP = "pickup", "drop"


def reservations(booking: VisitBooking) -> Mapping[str, Json]:
    """The slots by leg.

    Cancelled before the car was collected it holds none; cancelled later, or delivered before its day, not that of
    the drop. Told by what has happened, so that no later transition takes a slot back.
    """
    given_up = booking.cancellation
    held = {}
    if given_up is None or given_up.returns_car:
        held[PICKUP] = slot_of(booking.pickup, booking.policy.timezone)
    if given_up is None and not _delivered_early(booking):
        held[DROP] = slot_of(booking.drop, booking.policy.timezone)
    return held


def slot_of(leg: Leg, timezone: str) -> Json:
    """The slot of one leg."""
    return {
        "date": leg.date.isoformat(),
        "timeslot_id": leg.timeslot.id,
        "timeslot": leg.timeslot.name,
        "timezone": timezone,
    }


def _delivered_early(booking: VisitBooking) -> bool:
    if booking.completed_at is None:
        return False
    return booking.completed_at.astimezone(ZoneInfo(booking.policy.timezone)).date() < booking.drop.date
