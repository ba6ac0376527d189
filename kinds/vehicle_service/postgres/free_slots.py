"""Which slots are free: those that a wish leaves open, and those that are offered instead of a full one.

Only slots count that have not begun, by the shop's clock, up to the last date that can be booked. What is found is held
for nobody: it is decided when it is reserved (``slots.reserve``).
"""

from dataclasses import asdict
from datetime import date
from typing import Any

import orjson
from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.kind import Json
from kinds.vehicle_service.domain.parts import Wish
from kinds.vehicle_service.domain.visit import VisitBooking
from kinds.vehicle_service.domain.wishes import HORIZON
from kinds.vehicle_service.postgres.calendar import capacity, offered

OFFERED = 6
OFFERED_WITHIN = 14
NEAR = 90
"""Days that are searched first: nearly always enough, and a quarter of the work of searching all that can be booked."""

_FREE = f"""
    WITH span AS (
        SELECT greatest(CAST(:first AS date), today) AS first, today + CAST(:horizon AS int) AS last
        FROM (SELECT (now() AT TIME ZONE CAST(:zone AS text))::date AS today) AS clock
    ), free AS MATERIALIZED (
        SELECT d.day::date AS day, t.id AS slot, t.name, t.start_time, t.end_time,
            {capacity("d.day")} - coalesce(u.used, 0) AS places
        FROM span
        CROSS JOIN generate_series(span.first, least(span.last, span.first + CAST(:days AS int)), interval '1 day')
            AS d(day)
        CROSS JOIN timeslots AS t
        LEFT JOIN slot_usage AS u ON u.on_date = d.day::date AND u.timeslot_id = t.id
        WHERE {capacity("d.day")} > coalesce(u.used, 0) AND {offered("d.day::date")}
            AND (d.day::date + t.start_time) AT TIME ZONE CAST(:zone AS text) > now()
    )"""  # noqa: S608 - constants of ours
_NEXT = text(f"{_FREE} SELECT day, slot, name, places FROM free ORDER BY day, start_time, slot LIMIT :most")  # noqa: S608 - ours
_SLOT = """json_build_object('date', {leg}.day, 'timeslot', json_build_object('id', {leg}.slot, 'name', {leg}.name,
    'start_time', to_char({leg}.start_time, 'HH24:MI'), 'end_time', to_char({leg}.end_time, 'HH24:MI')))"""
_WISHED = text(
    f"""{_FREE}, pickup AS (
        SELECT * FROM free
        WHERE day = coalesce(CAST(:pickup_date AS date), day) AND slot = coalesce(CAST(:pickup_slot AS int), slot)
            AND day <= coalesce(CAST(:drop_date AS date) - CAST(:working_days AS int), day)
        ORDER BY day, start_time, slot LIMIT 1
    ), home AS (
        SELECT f.* FROM free AS f CROSS JOIN pickup AS p
        WHERE f.day >= p.day + CAST(:working_days AS int)
            AND f.day = coalesce(CAST(:drop_date AS date), f.day) AND f.slot = coalesce(CAST(:drop_slot AS int), f.slot)
        ORDER BY f.slot <> p.slot, f.day, f.start_time, f.slot LIMIT 1
    )
    SELECT json_build_object('pickup', {_SLOT.format(leg="p")}, 'drop', {_SLOT.format(leg="h")})::text AS found
    FROM pickup AS p CROSS JOIN home AS h
    """  # noqa: S608 - constants of ours
)

_DROP = text(
    f"""{_FREE} SELECT {_SLOT.format(leg="f")}::text AS found FROM free AS f
    WHERE f.slot = coalesce(CAST(:named AS int), f.slot)
    ORDER BY f.slot <> CAST(:usual AS int), f.day, f.start_time, f.slot LIMIT 1
    """  # noqa: S608 - constants of ours
)


async def next_free_slots(
    connection: AsyncConnection, first: date, timezone: str, most: int = OFFERED
) -> list[dict[str, Any]]:
    """The next free slots from that date on."""
    given = {"first": first, "zone": timezone, "horizon": HORIZON.days, "days": OFFERED_WITHIN, "most": most}
    rows = await connection.execute(_NEXT, given)
    return [
        {"date": row.day.isoformat(), "timeslot_id": row.slot, "name": row.name, "free": row.places} for row in rows
    ]


async def find_free(connection: AsyncConnection, booking: VisitBooking) -> Json | None:
    """The slots that are free by now for a new booking; None: none are, or it names both."""
    if booking.wish is None:
        return None
    return await free_for(connection, booking.wish, booking.working_days, booking.policy.timezone)


async def free_for(connection: AsyncConnection, wish: Wish, working_days: int, timezone: str) -> Json | None:
    """The first slot that suits for the pickup, and for the drop the first one after the working days, in the same part
    of the day if there is one: ``{"pickup": {"date", "timeslot"}, "drop": {..}}``. None: something is missing."""
    wanted = {**asdict(wish), "first": wish.pickup_date or date.min, "working_days": working_days}
    return await _found(connection, _WISHED, wanted, timezone)


async def free_drop(
    connection: AsyncConnection, first: date, usual: int, named: int | None, timezone: str
) -> Json | None:
    """The first slot from that date on: the ``named`` one, else the ``usual`` one, else any."""
    return await _found(connection, _DROP, {"first": first, "usual": usual, "named": named}, timezone)


async def _found(connection: AsyncConnection, statement: TextClause, wanted: Json, timezone: str) -> Json | None:
    given = {**wanted, "zone": timezone, "horizon": HORIZON.days}
    for days in (NEAR, HORIZON.days):
        found = (await connection.execute(statement, {**given, "days": days})).scalar()
        if found is not None:
            return dict(orjson.loads(found))
    return None
