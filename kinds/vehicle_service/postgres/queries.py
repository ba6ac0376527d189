"""Lists that only the vehicle service has: the jobs of a mechanic."""

from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.pages import Page, Slice
from adapters.postgres.sql_format import INSTANT
from adapters.postgres.summaries import OUTDATED, Summaries, stored
from kinds.vehicle_service.domain.kind import VEHICLE_SERVICE
from kinds.vehicle_service.domain.roles import Role

_SUMMARIES = Summaries(VEHICLE_SERVICE)
_ASSIGNMENTS = """
    WITH found AS (SELECT a.* FROM booking_assignments AS a WHERE a.mechanic_id = :mechanic_id {conditions} {behind}
        ORDER BY a.active DESC, a.at DESC, a.id DESC LIMIT CAST(:limit AS bigint) + 1 OFFSET :offset),
    part AS (SELECT * FROM found ORDER BY active DESC, at DESC, id DESC LIMIT CAST(:limit AS bigint))
    SELECT (SELECT count(*) FROM booking_assignments AS a WHERE a.mechanic_id = :mechanic_id {conditions}) AS total,
        (SELECT count(*) FROM found) > CAST(:limit AS bigint) AS more,
        (SELECT json_build_array(active, at::text, id)::text FROM part ORDER BY active, at, id LIMIT 1) AS last,
        (SELECT coalesce('[' || string_agg(({summary} || jsonb_build_object('assignment',
            jsonb_build_object('id', p.id, 'type', p.type, 'active', p.active, 'note', p.note, 'at', {at})))::text, ','
            ORDER BY p.active DESC, p.at DESC, p.id DESC) || ']', '[]')
        FROM part AS p JOIN bookings AS b ON b.id = p.booking_id) AS rows,
        {outdated} AS outdated
"""
_BEHIND = (
    "AND (a.active, a.at, a.id) < (CAST(:was_active AS boolean), CAST(CAST(:was_at AS text) AS timestamptz),"
    " CAST(:id AS bigint))"
)


async def assignments_of(
    connection: AsyncConnection, mechanic_id: str, part: Slice, *, active: bool | None = None
) -> Page:
    """A mechanic's jobs, open ones first; also those that another mechanic took over."""
    conditions = "" if active is None else "AND a.active = :active"
    texts = {"conditions": conditions, "behind": _BEHIND if part.after else "", "at": INSTANT.format("p.at")}
    outdated = OUTDATED.format(id="booking_id")
    statement = text(_ASSIGNMENTS.format(summary=stored(f"'{Role.MECHANIC}'"), outdated=outdated, **texts))
    given: dict[str, Any] = {"mechanic_id": mechanic_id, "limit": part.limit, "offset": part.offset, "active": active}
    given["summary_version"] = _SUMMARIES.version
    place = dict(zip(("was_active", "was_at", "id"), part.after, strict=True)) if part.after else {}
    row = (await connection.execute(statement, {**given, **place})).one()
    rows = _SUMMARIES.renewed(row.rows, row.outdated, Role.MECHANIC, ("assignment",))
    return Page(rows, row.total, row.last if row.more else None)
