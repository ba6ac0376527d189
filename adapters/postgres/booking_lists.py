"""Lists of bookings: one statement each, rows as JSON made by PostgreSQL from what the projection has stored per role.

A part begins behind the last row of the part before, so that a late one costs no more than the first. The count of all
is made beside it and keeps no rows.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any, Generic

import orjson

from adapters.pages import Filters, Page, Slice
from adapters.postgres.database import Database
from adapters.postgres.driver import Prepared
from adapters.postgres.kind import KindStorage
from adapters.postgres.sql_format import INSTANT
from adapters.postgres.summaries import OUTDATED, Summaries, stored
from domain.kind import B, BookingKind

# Statements are put together from these constants, never from anything that a client sent.
_LIST = """
    WITH found AS (SELECT b.id FROM bookings AS b WHERE {conditions} {behind} ORDER BY b.id {order}
        LIMIT CAST(:limit AS bigint) + 1 OFFSET CAST(:offset AS bigint)),
    part AS (SELECT id FROM found ORDER BY id {order} LIMIT CAST(:limit AS bigint))
    SELECT (SELECT count(*) FROM bookings AS b WHERE {conditions}) AS total,
        (SELECT count(*) FROM found) > CAST(:limit AS bigint) AS more,
        (SELECT json_build_array(id)::text FROM part ORDER BY id {reverse} LIMIT 1) AS last,
        (SELECT coalesce('[' || string_agg({summary}::text, ',' ORDER BY b.id {order}) || ']', '[]')
            FROM part JOIN bookings AS b USING (id)) AS rows,
        {outdated} AS outdated
"""
_ACTION_REQUIRED = (
    "(CASE WHEN EXISTS (SELECT FROM workflow_problems AS w WHERE w.booking_id = b.id) THEN 'attention'"
    " ELSE b.action_required END)"
)
"""A booking without a workflow, or with one that fails, cannot say so itself."""
_CONDITIONS = {
    "status": "b.status = :status",
    "customer_id": (
        "EXISTS (SELECT FROM booking_participants AS c WHERE c.booking_id = b.id AND c.person_id = :customer_id"
        " AND c.role = 'customer' AND c.active)"
    ),
    "participant_id": (
        "EXISTS (SELECT FROM booking_participants AS p WHERE p.booking_id = b.id AND p.person_id = :participant_id)"
    ),
    "action_required": f"{_ACTION_REQUIRED} = :action_required",
}
_PLACE = "quiet, waiting_until, since, id"
_DASHBOARD = """
    WITH hit AS (SELECT b.id, {action} = 'none' AS quiet,
        coalesce(b.waiting_until, 'infinity') AS waiting_until, b.since FROM bookings AS b WHERE {conditions}),
    found AS (SELECT * FROM hit {behind} ORDER BY {place}
        LIMIT CAST(:limit AS bigint) + 1 OFFSET CAST(:offset AS bigint)),
    part AS (SELECT * FROM found ORDER BY {place} LIMIT CAST(:limit AS bigint))
    SELECT (SELECT count(*) FROM bookings AS b WHERE {conditions}) AS total,
        (SELECT count(*) FROM found) > CAST(:limit AS bigint) AS more,
        (SELECT json_build_array(quiet, waiting_until::text, since::text, id)::text FROM part
            ORDER BY quiet DESC, waiting_until DESC, since DESC, id DESC LIMIT 1) AS last,
        (SELECT coalesce(json_object_agg(status, number), '{{}}')::text
            FROM (SELECT status, count(*) AS number FROM bookings WHERE kind = :booking_kind GROUP BY status)
            AS counted) AS counts,
        (SELECT json_build_object('missing', count(*) FILTER (WHERE problem <> 'failing'),
            'failing', count(*) FILTER (WHERE problem = 'failing'),
            'restarts_stopped', EXISTS (SELECT FROM workflow_recovery WHERE stopped_at IS NOT NULL))::text
            FROM workflow_problems WHERE kind = :booking_kind) AS workflows,
        (SELECT coalesce('[' || string_agg(({summary} || jsonb_build_object(
            'action_required', {action}, 'deadline', {deadline},
            'age_seconds', greatest(0, floor(extract(epoch FROM now() - b.since)))::bigint))::text, ','
            ORDER BY p.quiet, p.waiting_until, p.since, p.id) || ']', '[]')
        FROM part AS p JOIN bookings AS b USING (id)) AS rows,
        {outdated} AS outdated
"""
_BESIDES = ("action_required", "deadline", "age_seconds")
"""What a row of the dashboard has beside the summary."""
_BEHIND_PLACE = (
    f"WHERE ({_PLACE}) > (CAST(:quiet AS boolean), CAST(CAST(:waiting_until AS text) AS timestamptz),"
    " CAST(CAST(:since_place AS text) AS timestamptz), CAST(:id AS bigint))"
)


class BookingLists(Generic[B]):
    """Lists of the bookings of one kind."""

    def __init__(self, database: Database, kind: BookingKind[B], storage: KindStorage[B]) -> None:
        self._database = database
        self._kind = kind
        self._summaries = Summaries(kind)
        self._conditions = {**_CONDITIONS, **storage.filters}

    async def page(self, role: str, filters: Filters, part: Slice) -> Page:
        """List rows as this role sees them."""
        narrowed = self._narrowed(filters)
        behind = f"AND b.id {part.behind} CAST(:id AS bigint)" if part.after else ""
        statement = _list(narrowed, part.direction, part.reverse, behind)
        place = {"id": part.after[0]} if part.after else {}
        return await self._page(statement, str(role), filters, part, place)

    async def dashboard(self, filters: Filters, part: Slice) -> Page:
        """What an admin looks at: first what requires an action, the earliest deadline on top; counts by status."""
        statement = _dashboard(self._narrowed(filters), _BEHIND_PLACE if part.after else "")
        names = ("quiet", "waiting_until", "since_place", "id")
        place = dict(zip(names, part.after, strict=True)) if part.after else {}
        return await self._page(statement, "admin", filters, part, place)

    def _narrowed(self, filters: Filters) -> str:
        return " AND ".join(["b.kind = :booking_kind", *(self._conditions[name] for name in filters.given())])

    async def _page(
        self, statement: Prepared, role: str, filters: Filters, part: Slice, place: Mapping[str, Any]
    ) -> Page:
        bounds = {"booking_kind": self._kind.name, "limit": part.limit, "offset": part.offset, "role": role}
        given = {**bounds, "summary_version": self._summaries.version, **filters.given(), **place}
        row = await self._database.row(statement, **given)
        rows = self._summaries.renewed(row["rows"], row["outdated"], role, _BESIDES)
        page = Page(rows, row["total"], last=row["last"] if row["more"] else None)
        if "counts" in row.keys():  # noqa: SIM118 - a record is no dict
            return replace(page, counts=orjson.loads(row["counts"]), workflows=row["workflows"])
        return page


_SUMMARY, _OUTDATED = stored("CAST(:role AS text)"), OUTDATED.format(id="id")


@lru_cache(200)
def _list(conditions: str, order: str, reverse: str, behind: str) -> Prepared:
    texts = {"conditions": conditions, "order": order, "reverse": reverse, "behind": behind}
    return Prepared(_LIST.format(summary=_SUMMARY, outdated=_OUTDATED, **texts))


@lru_cache(200)
def _dashboard(conditions: str, behind: str) -> Prepared:
    texts = {"conditions": conditions, "behind": behind, "place": _PLACE, "action": _ACTION_REQUIRED}
    return Prepared(
        _DASHBOARD.format(summary=_SUMMARY, outdated=_OUTDATED, deadline=INSTANT.format("b.waiting_until"), **texts)
    )
