"""Slot capacity: decided by PostgreSQL alone, because everybody wants the same morning.

Locked in the lock order (``adapters.postgres.lock_order``): the booking's own ``slot_reservations``, timeslots by id,
slots (``slot_usage``) by date and timeslot id, the old and the new ones of a move together. Whoever closes a day waits
until no slot is held that way (``closures``).
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors import SlotTaken
from domain.kind import Json
from kinds.vehicle_service.postgres.calendar import capacity, offered, why_not_offered
from kinds.vehicle_service.postgres.closures import SHARED_LOCK
from kinds.vehicle_service.postgres.free_slots import next_free_slots

Slot = tuple[date, int]

# The rows of all slots that will be counted, in the lock order; a slot that nobody has used gets its row here.
_LOCK = text(
    f"""
    WITH wanted AS (
        SELECT DISTINCT w.on_date, w.timeslot_id
        FROM unnest(CAST(:days AS date[]), CAST(:slots AS bigint[])) AS w(on_date, timeslot_id)
        CROSS JOIN ({SHARED_LOCK}) AS nobody_closes_days
    ), shifts AS MATERIALIZED (
        SELECT id FROM timeslots WHERE id IN (SELECT timeslot_id FROM wanted) ORDER BY id FOR KEY SHARE
    )
    INSERT INTO slot_usage (on_date, timeslot_id, used)
    SELECT w.on_date, w.timeslot_id, 0 FROM wanted AS w JOIN shifts ON shifts.id = w.timeslot_id
    ORDER BY w.on_date, w.timeslot_id
    ON CONFLICT (on_date, timeslot_id) DO UPDATE SET used = slot_usage.used
    """  # noqa: S608 - constants of ours
)
_TAKE = text(
    f"""
    WITH taken AS (
        UPDATE slot_usage AS u SET used = u.used + 1 FROM timeslots AS t
        WHERE u.on_date = :day AND u.timeslot_id = :slot AND t.id = u.timeslot_id
            AND u.used < {capacity("u.on_date")} AND {offered("u.on_date")}
        RETURNING u.on_date, u.timeslot_id
    )
    INSERT INTO slot_reservations (booking_id, leg, on_date, timeslot_id)
    SELECT :booking, :leg, on_date, timeslot_id FROM taken RETURNING leg
    """  # noqa: S608 - constants of ours
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
# Not FOR UPDATE: whoever removes a timeslot asks whether a reservation refers to it, and must not wait for this one.
_RESERVED = text(
    "SELECT leg, on_date, timeslot_id FROM slot_reservations WHERE booking_id = :booking FOR NO KEY UPDATE"
)


async def reserve(connection: AsyncConnection, booking_id: int, legs: Mapping[str, Json]) -> None:
    """Make the booking hold exactly these slots on these legs; repeating it changes nothing.

    The old slots and the new ones are locked together before anything is counted: of two bookings that exchange their
    slots one waits, and neither stands in the other's way.

    Raises:
        SlotTaken: a wanted slot is full, or not offered on that day; carries the next free ones. The caller's
            transaction must be rolled back.
    """
    reserved = await _reserved(connection, booking_id)
    changed = {name: wanted for name, wanted in legs.items() if reserved.get(name) != _slot(wanted)}
    old = {name: slot for name, slot in reserved.items() if name in changed}
    await _lock(connection, [*old.values(), *map(_slot, changed.values())])
    await connection.execute(_RELEASE, {"booking": booking_id, "legs": list(old)})
    await _take(connection, booking_id, changed)


async def release(connection: AsyncConnection, booking_id: int, legs: Collection[str]) -> None:
    """Give slots back."""
    reserved = await _reserved(connection, booking_id)
    await _lock(connection, [slot for name, slot in reserved.items() if name in legs])
    await connection.execute(_RELEASE, {"booking": booking_id, "legs": list(legs)})


async def _lock(connection: AsyncConnection, slots: Iterable[Slot]) -> None:
    """Hold the rows of these slots, in the lock order, until the transaction ends."""
    if every := sorted(set(slots)):
        await connection.execute(_LOCK, {"days": [day for day, _ in every], "slots": [slot for _, slot in every]})


async def _reserved(connection: AsyncConnection, booking_id: int) -> dict[str, Slot]:
    """The slots of a booking, by leg; two attempts of one command wait for each other here."""
    rows = await connection.execute(_RESERVED, {"booking": booking_id})
    return {row.leg: (row.on_date, row.timeslot_id) for row in rows}


def _slot(wanted: Json) -> Slot:
    return date.fromisoformat(wanted["date"]), wanted["timeslot_id"]


async def _take(connection: AsyncConnection, booking_id: int, legs: Mapping[str, Json]) -> None:
    """Count slots that are locked already."""
    for name, wanted in legs.items():
        day, timeslot = _slot(wanted)
        row = {"day": day, "slot": timeslot, "booking": booking_id, "leg": name}
        if (await connection.execute(_TAKE, row)).first() is None:
            raise SlotTaken(
                f"the {wanted['timeslot']} slot on {day.isoformat()} is {await _why_not(connection, day, timeslot)}",
                leg=name,
                next_free_slots=await next_free_slots(connection, day, wanted["timezone"]),
            )


async def _why_not(connection: AsyncConnection, day: date, timeslot: int) -> str:
    why = await why_not_offered(connection, day, timeslot)
    if why is None:
        return "full"
    return f"not offered: {why}" if why else "not offered"
