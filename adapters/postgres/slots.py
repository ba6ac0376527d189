"""Slot capacity: decided by PostgreSQL alone, because everybody wants the same morning."""

from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors import SlotTaken
from kinds.vehicle_service.domain.parts import Leg
from kinds.vehicle_service.domain.visit import VisitBooking

DAYS_AHEAD = 14
OFFERED = 6

_TAKE = text(
    """
    WITH room AS (SELECT id, capacity FROM timeslots WHERE id = :slot AND capacity > 0),
    taken AS (
        INSERT INTO slot_usage (on_date, timeslot_id, used) SELECT :day, id, 1 FROM room
        ON CONFLICT (on_date, timeslot_id) DO UPDATE SET used = slot_usage.used + 1
            WHERE slot_usage.used < (SELECT capacity FROM room)
        RETURNING on_date, timeslot_id
    )
    INSERT INTO slot_reservations (booking_id, leg, on_date, timeslot_id)
    SELECT :booking, :leg, on_date, timeslot_id FROM taken RETURNING leg
    """
)
_RELEASE = text(
    """
    WITH gone AS (
        DELETE FROM slot_reservations WHERE booking_id = :booking AND leg = ANY(CAST(:legs AS text[]))
        RETURNING on_date, timeslot_id
    ), counted AS (SELECT on_date, timeslot_id, count(*) AS n FROM gone GROUP BY on_date, timeslot_id)
    UPDATE slot_usage AS u SET used = u.used - c.n FROM counted AS c
    WHERE u.on_date = c.on_date AND u.timeslot_id = c.timeslot_id
    """
)
_HELD = text("SELECT leg, on_date, timeslot_id FROM slot_reservations WHERE booking_id = :booking FOR UPDATE")
_FREE = text(
    """
    SELECT d.day::date AS date, t.id AS timeslot_id, t.name, t.capacity - coalesce(u.used, 0) AS free
    FROM generate_series(CAST(:first AS date), CAST(:first AS date) + CAST(:days AS int), interval '1 day') AS d(day)
    CROSS JOIN timeslots AS t LEFT JOIN slot_usage AS u ON u.on_date = d.day::date AND u.timeslot_id = t.id
    WHERE t.capacity > coalesce(u.used, 0)
        AND (d.day + t.start_time) AT TIME ZONE CAST(:timezone AS text) > now()
    ORDER BY d.day, t.start_time LIMIT :most
    """
)


async def reserve(connection: AsyncConnection, booking: VisitBooking, timezone: str) -> None:
    """Take the slots of both ways for a new booking.

    Raises:
        SlotTaken: one is full; carries the next free ones.
    """
    for name, leg in _in_order({"pickup": booking.pickup, "drop": booking.drop}):
        await _take(connection, booking.id, name, leg, timezone)


async def move(connection: AsyncConnection, booking_id: int, legs: dict[str, Leg], timezone: str) -> None:
    """Make the booking hold exactly the slots of these legs; repeating it changes nothing.

    Raises:
        SlotTaken: a wanted slot is full; the caller's transaction must be rolled back.
    """
    held = {row.leg: (row.on_date, row.timeslot_id) for row in await connection.execute(_HELD, {"booking": booking_id})}
    for name, leg in _in_order(legs):
        if held.get(name) != (leg.date, leg.timeslot.id):
            await release(connection, booking_id, name)
            await _take(connection, booking_id, name, leg, timezone)


async def release(connection: AsyncConnection, booking_id: int, *legs: str) -> None:
    """Give slots back."""
    await connection.execute(_RELEASE, {"booking": booking_id, "legs": list(legs)})


async def free_slots(
    connection: AsyncConnection, first: date, timezone: str, most: int = OFFERED
) -> list[dict[str, Any]]:
    """The next free slots from that date on that have not begun yet, by the shop's clock."""
    given = {"first": first, "days": DAYS_AHEAD, "most": most, "timezone": timezone}
    rows = await connection.execute(_FREE, given)
    return [
        {"date": row.date.isoformat(), "timeslot_id": row.timeslot_id, "name": row.name, "free": row.free}
        for row in rows
    ]


def _in_order(legs: dict[str, Leg]) -> list[tuple[str, Leg]]:
    """By date and slot: everybody locks in the same order, so nobody waits in a circle."""
    return sorted(legs.items(), key=lambda item: (item[1].date, item[1].timeslot.id))


async def _take(connection: AsyncConnection, booking_id: int, name: str, leg: Leg, timezone: str) -> None:
    row = {"day": leg.date, "slot": leg.timeslot.id, "booking": booking_id, "leg": name}
    if (await connection.execute(_TAKE, row)).first() is None:
        raise SlotTaken(
            f"the {leg.timeslot.name} slot on {leg.date.isoformat()} is full",
            leg=name,
            next_free_slots=await free_slots(connection, leg.date, timezone),
        )
