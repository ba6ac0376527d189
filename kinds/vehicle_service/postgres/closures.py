"""Days on which the shop is closed: kept by admins, asked by everything that offers or reserves a slot.

Whoever closes a day waits for the reservations that are being made, and these for them: each booking either hears that
the day is closed, or is in the list of those that have to be moved.
"""

from datetime import date

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.listings import Listing, SortColumn
from adapters.postgres.statements import Json, one, write
from domain.errors import Duplicate, NotFound, TooMany

MOST_AHEAD = 500
"""Closures that are not over."""

_KEY = "hashtextextended('closures of the shop', 0)"
SHARED_LOCK = f"SELECT pg_advisory_xact_lock_shared({_KEY})"
LOCK = f"SELECT pg_advisory_xact_lock({_KEY})"

_ROWS = """SELECT c.id, c.first_date, c.last_date, to_char(c.opens, 'HH24:MI') AS opens,
    to_char(c.closes, 'HH24:MI') AS closes, c.reason FROM closures AS c"""
CLOSURES = Listing(
    f"""{_ROWS} WHERE c.last_date >= coalesce(CAST(:since AS date), c.last_date)
        AND c.first_date <= coalesce(CAST(:until AS date), c.first_date)""",
    (SortColumn("first_date", "date"), SortColumn("id")),
)
_EXCLUDES = """(c.opens IS NULL AND c.closes IS NULL OR t.start_time < c.opens
    OR CASE t.end_time WHEN '00:00' THEN '24:00' ELSE t.end_time END > c.closes)"""
TO_COME = """CASE r.leg WHEN 'pickup' THEN b.status IN ('booked', 'pickup')
    ELSE b.status NOT IN ('delivered', 'cancelled') END"""
"""The SQL condition that the leg of reservation ``r`` is still to come for its booking ``b``."""
_WHEN = ("first_date", "last_date", "opens", "closes")
_KNOWN = text(
    """
    SELECT count(*) AS ahead, min(id) FILTER (WHERE first_date = :first_date AND last_date = :last_date
        AND opens IS NOT DISTINCT FROM CAST(:opens AS time)
        AND closes IS NOT DISTINCT FROM CAST(:closes AS time)) AS same
    FROM closures WHERE last_date >= :today
    """
)
_ADD = """INSERT INTO closures (first_date, last_date, opens, closes, reason)
    VALUES (:first_date, :last_date, :opens, :closes, :reason) RETURNING id"""
TO_MOVE = Listing(
    f"""
    SELECT r.booking_id, r.leg, r.on_date AS date, r.timeslot_id, t.name AS timeslot, b.customer_id, b.status
    FROM closures AS c JOIN slot_reservations AS r ON r.on_date BETWEEN c.first_date AND c.last_date
    JOIN timeslots AS t ON t.id = r.timeslot_id JOIN bookings AS b ON b.id = r.booking_id
    WHERE c.id = :id AND r.on_date >= (now() AT TIME ZONE CAST(:zone AS text))::date AND {_EXCLUDES}
        AND {TO_COME}
    """,  # noqa: S608 - constants of ours
    (SortColumn("date", "date"), SortColumn("booking_id"), SortColumn("leg", "text")),
    beside="SELECT json_build_object('id', id) FROM closures WHERE id = :id",
)
"""The legs of bookings that closure ``id`` leaves without a slot, from today on by the clock of ``zone``. Beside them
the closure."""
_WHY = text(
    f"""
    SELECT coalesce(c.reason, '') AS reason FROM closures AS c JOIN timeslots AS t ON t.id = :slot
    WHERE :day BETWEEN c.first_date AND c.last_date AND {_EXCLUDES} ORDER BY c.id LIMIT 1
    """  # noqa: S608 - constants of ours
)


def closed(day: str) -> str:
    """The SQL condition that the timeslot ``t`` is not offered on a day, given as SQL."""
    return f"EXISTS (SELECT FROM closures AS c WHERE {day} BETWEEN c.first_date AND c.last_date AND {_EXCLUDES})"


async def why_closed(connection: AsyncConnection, day: date, slot: int) -> str | None:
    """The reason, which may be empty, why that slot is not offered on that day; None: it is."""
    found: str | None = (await connection.execute(_WHY, {"day": day, "slot": slot})).scalar()
    return found


async def add_closure(connection: AsyncConnection, row: Json, today: date) -> Json:
    """A closure, as it reads, once nobody reserves a slot without knowing of it; ``row`` has all columns.

    Raises:
        Duplicate: there is such a one.
        TooMany: there are as many as may be.
    """
    await connection.execute(text(LOCK))
    known = (await connection.execute(_KNOWN, {name: row[name] for name in _WHEN} | {"today": today})).one()
    if known.same:
        raise Duplicate(f"closure {known.same} says the same already")
    if known.ahead >= MOST_AHEAD:
        raise TooMany(f"there are {MOST_AHEAD} closures that are not over; remove some")
    added = await write(connection, _ADD, **row)
    return await one(connection, f"{_ROWS} WHERE c.id = :id", id=added) or {}


async def remove_closure(connection: AsyncConnection, closure_id: int) -> None:
    """From now on its days are offered as others are.

    Raises:
        NotFound: there is no such closure.
    """
    if await write(connection, "DELETE FROM closures WHERE id = :id RETURNING id", id=closure_id) is None:
        raise NotFound(f"there is no closure {closure_id}")
