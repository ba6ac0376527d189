"""What the shop offers on a day: its week (opening days, capacities), and the closures of single days.

Every condition is about a timeslot ``t`` on a day, which is given as SQL.
"""

from datetime import date

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from kinds.vehicle_service.postgres.closures import TO_COME, closed, why_closed

_MIDNIGHT = "CASE {0} WHEN '00:00' THEN '24:00' ELSE {0} END"
_ANY_DAY = "EXISTS (SELECT FROM opening_days)"
_OUTSIDE = text(
    f"SELECT {_ANY_DAY} AND NOT EXISTS (SELECT FROM opening_days AS o JOIN timeslots AS t ON t.id = :slot"  # noqa: S608 - ours
    f" WHERE o.weekday = extract(isodow FROM CAST(:day AS date)) AND o.opens <= t.start_time"
    f" AND {_MIDNIGHT.format('o.closes')} >= {_MIDNIGHT.format('t.end_time')})"
)


def offered(day: str) -> str:
    """The SQL condition that the timeslot is offered on that day, whether or not it is full."""
    week = (
        f"EXISTS (SELECT FROM opening_days AS o WHERE o.weekday = extract(isodow FROM {day})"  # noqa: S608 - ours
        f" AND o.opens <= t.start_time AND {_MIDNIGHT.format('o.closes')} >= {_MIDNIGHT.format('t.end_time')})"
    )
    return f"({week} OR NOT {_ANY_DAY}) AND NOT {closed(day)}"


def capacity(day: str) -> str:
    """How many cars the timeslot takes on that day, as SQL."""
    return (
        "coalesce((SELECT c.capacity FROM slot_capacities AS c"  # noqa: S608 - ours
        f" WHERE c.timeslot_id = t.id AND c.weekday = extract(isodow FROM {day})), t.capacity)"
    )


_LEGS = f"""
    SELECT r.booking_id AS booking, r.leg, r.on_date AS day, t.name AS timeslot, b.customer_id AS customer
    FROM slot_reservations AS r JOIN timeslots AS t ON t.id = r.timeslot_id JOIN bookings AS b ON b.id = r.booking_id
    WHERE r.on_date >= current_date AND {TO_COME}
"""  # noqa: S608 - constants of ours
_IN_ORDER = "ORDER BY r.on_date, t.start_time, r.booking_id, r.leg"
OUTSIDE = f"{_LEGS} AND NOT ({offered('r.on_date')}) {_IN_ORDER}"
"""Legs of bookings, from today on, in a timeslot that is not offered on its day any more."""
_HELD = "(SELECT u.used FROM slot_usage AS u WHERE u.on_date = r.on_date AND u.timeslot_id = r.timeslot_id)"
CROWDED = f"{_LEGS} AND {_HELD} > {capacity('r.on_date')} {_IN_ORDER}"
"""Those in a timeslot that takes fewer on its day than hold it."""


async def why_not_offered(connection: AsyncConnection, day: date, slot: int) -> str | None:
    """The reason, which may be empty, why that slot is not offered on that day; None: it is."""
    why = await why_closed(connection, day, slot)
    if why is None and (await connection.execute(_OUTSIDE, {"day": day, "slot": slot})).scalar():
        return f"we are not open then on {day:%A}s"
    return why
