"""Lists that only the vehicle service has: the jobs of a mechanic."""

from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.pages import Page, Slice
from adapters.postgres.people_of_booking import SUMMARY
from adapters.postgres.sql_format import INSTANT

_SUMMARY = SUMMARY.format(role="'mechanic'")
_ASSIGNMENTS = """
    WITH hit AS (SELECT a.* FROM booking_assignments AS a WHERE a.mechanic_id = :mechanic_id {conditions}),
    page AS (SELECT * FROM hit ORDER BY active DESC, at DESC, id DESC LIMIT :limit OFFSET :offset)
    SELECT (SELECT count(*) FROM hit) AS total, (
        SELECT coalesce('[' || string_agg(({summary} || jsonb_build_object('assignment',
            jsonb_build_object('id', p.id, 'type', p.type, 'active', p.active, 'note', p.note, 'at', {at})))::text, ','
            ORDER BY p.active DESC, p.at DESC, p.id DESC) || ']', '[]')
        FROM page AS p JOIN bookings AS b ON b.id = p.booking_id) AS rows
"""


async def assignments_of(
    connection: AsyncConnection, mechanic_id: str, part: Slice, *, active: bool | None = None
) -> Page:
    """A mechanic's jobs, open ones first; also those that another mechanic took over."""
    conditions = "" if active is None else "AND a.active = :active"
    statement = text(_ASSIGNMENTS.format(conditions=conditions, at=INSTANT.format("p.at"), summary=_SUMMARY))
    given: dict[str, Any] = {"mechanic_id": mechanic_id, "limit": part.limit, "offset": part.offset, "active": active}
    row = (await connection.execute(statement, given)).one()
    return Page(row.rows, row.total)
