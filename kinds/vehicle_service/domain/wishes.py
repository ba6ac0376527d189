"""When a customer wants to come, as far as they say: what is left open is the next free slot's.

A new booking keeps such a wish, for the slot that was found may be taken before it is reserved; then the next one is
found. A wish that names everything is not kept: what it names is free, or the booking is refused.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain.booking import Address
from domain.errors import Invalid
from domain.kind import Json
from kinds.vehicle_service.domain.parts import Leg, Timeslot
from kinds.vehicle_service.domain.visit import VisitBooking

HORIZON = timedelta(days=365)
"""How far ahead a date can be booked."""


def leaves_open(booking: VisitBooking) -> bool:
    """Whether the booking may get other slots than it has, should these be taken."""
    return booking.wish is not None


def with_slots(booking: VisitBooking, found: Json) -> VisitBooking:
    """The booking in the slots that were found: ``{"pickup": {"date", "timeslot"}, "drop": {..}}``."""
    zone = booking.policy.timezone
    pickup = leg_at(*slot_in(found["pickup"]), zone, booking.pickup.address)
    drop = leg_at(*slot_in(found["drop"]), zone, booking.drop.address)
    return replace(booking, pickup=pickup, drop=drop)


def slot_in(found: Json) -> tuple[date, Timeslot]:
    """A slot as it was found."""
    return date.fromisoformat(found["date"]), Timeslot(**found["timeslot"])


def leg_at(day: date, slot: Timeslot, timezone: str, place: Address | None) -> Leg:
    """A leg in that slot, by the shop's clock."""
    return Leg(day, slot, starts_at(day, slot, timezone), place)


def starts_at(day: date, slot: Timeslot, timezone: str) -> datetime:
    """When a slot begins, in UTC."""
    return datetime.combine(day, time.fromisoformat(slot.start_time), ZoneInfo(timezone)).astimezone(UTC)


def must_be_bookable(day: date, today: date) -> None:
    """Refuse a date of the past and one beyond the horizon, by the shop's calendar.

    Raises:
        Invalid: it is one of these.
    """
    if day < today:
        raise Invalid(f"{day} is in the past")
    if day > (last := today + HORIZON):
        raise Invalid(f"{day} is too far ahead; the last date that can be booked is {last}", last_date=str(last))
