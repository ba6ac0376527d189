"""Days on which mechanics are away: kept by admins, asked when a job is given to one."""

from datetime import date

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.listings import Listing, SortColumn
from adapters.postgres.statements import Json, one, write
from domain.errors import Duplicate, NotFound, TooMany

MOST_AHEAD = 100
"""Absences of one mechanic that are not over."""

_ROWS = "SELECT a.id, a.mechanic_id, a.first_date, a.last_date FROM mechanic_absences AS a"
ABSENCES = Listing(
    f"""{_ROWS} WHERE (CAST(:mechanic AS text) IS NULL OR a.mechanic_id = :mechanic)
        AND a.last_date >= coalesce(CAST(:since AS date), a.last_date)
        AND a.first_date <= coalesce(CAST(:until AS date), a.first_date)""",
    (SortColumn("first_date", "date"), SortColumn("id")),
)
# Whoever removes the mechanic locks the same row: one of the two waits for the other.
_MECHANIC = text(
    """
    SELECT u.id FROM users AS u JOIN mechanics AS m ON m.user_id = u.id
    WHERE u.id = :mechanic AND u.deleted_at IS NULL FOR NO KEY UPDATE OF u
    """
)
_KNOWN = text(
    """
    SELECT count(*) AS ahead, min(id) FILTER (WHERE first_date <= :last_date AND last_date >= :first_date) AS same
    FROM mechanic_absences WHERE mechanic_id = :mechanic AND last_date >= :today
    """
)
_ADD = """INSERT INTO mechanic_absences (mechanic_id, first_date, last_date)
    VALUES (:mechanic, :first_date, :last_date) RETURNING id"""
TO_MOVE = Listing(
    """
    SELECT j.booking_id, j.type AS job, due.day AS date, b.customer_id, b.status
    FROM mechanic_absences AS a JOIN booking_assignments AS j ON j.mechanic_id = a.mechanic_id AND j.active
    JOIN bookings AS b ON b.id = j.booking_id JOIN visits AS v ON v.booking_id = j.booking_id
    CROSS JOIN (SELECT (now() AT TIME ZONE CAST(:zone AS text))::date AS today) AS clock
    CROSS JOIN LATERAL (SELECT CASE WHEN j.type = 'pickup' THEN greatest(v.pickup_date, today)
        WHEN b.status = 'cancelled' THEN today ELSE greatest(v.drop_date, today) END AS day) AS due
    WHERE a.id = :id AND a.first_date <= due.day
        AND a.last_date >= CASE WHEN j.type IN ('pickup', 'drop') THEN due.day ELSE today END
    """,
    (SortColumn("date", "date"), SortColumn("booking_id"), SortColumn("job", "text")),
    beside="SELECT json_build_object('id', id) FROM mechanic_absences WHERE id = :id",
)
"""The open jobs of the mechanic that fall into absence ``id``, by the clock of ``zone``: pickups and drops on their
day, work in the shop that may last until the drop. Beside them the absence."""


async def add_absence(
    connection: AsyncConnection, mechanic: str, first_date: date, last_date: date, today: date
) -> Json:
    """An absence, as it reads.

    Raises:
        NotFound: there is no such mechanic.
        Duplicate: it overlaps with another one.
        TooMany: they have as many as may be.
    """
    if (await connection.execute(_MECHANIC, {"mechanic": mechanic})).first() is None:
        raise NotFound(f"there is no mechanic {mechanic}")
    when = {"mechanic": mechanic, "first_date": first_date, "last_date": last_date}
    known = (await connection.execute(_KNOWN, {**when, "today": today})).one()
    if known.same:
        raise Duplicate(f"absence {known.same} of {mechanic} covers some of these days already")
    if known.ahead >= MOST_AHEAD:
        raise TooMany(f"{mechanic} has {MOST_AHEAD} absences that are not over; remove some")
    added = await write(connection, _ADD, **when)
    return await one(connection, f"{_ROWS} WHERE a.id = :id", id=added) or {}


async def remove_absence(connection: AsyncConnection, absence_id: int) -> None:
    """From now on the mechanic gets jobs on these days.

    Raises:
        NotFound: there is no such absence.
    """
    if await write(connection, "DELETE FROM mechanic_absences WHERE id = :id RETURNING id", id=absence_id) is None:
        raise NotFound(f"there is no absence {absence_id}")
