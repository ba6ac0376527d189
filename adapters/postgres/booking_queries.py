"""Queries about bookings: one statement each, visibility inside it, JSON made by PostgreSQL.

What a viewer may not see is not found: the statement cannot tell a stranger's booking from a missing one.
"""

from dataclasses import dataclass
from typing import Any, Generic

import orjson
from pydantic import TypeAdapter
from sqlalchemy import TextClause, text

from adapters.postgres.database import Database
from adapters.postgres.kind import KindStorage
from adapters.postgres.pages import Filters, Page, Slice
from adapters.postgres.people_of_booking import ACTOR_NAME, PEOPLE, SUMMARY
from adapters.postgres.sql_format import INSTANT
from adapters.postgres.visibility import viewer_of, visible_to
from domain.errors import NotFound
from domain.kind import B, BookingKind
from domain.people import Actor, Person

# Statements are put together from these constants, never from anything that a client sent.
_ENTRY = (
    "json_build_object('version', e.version, 'status', e.status, 'action', e.action, 'by',"
    f" json_build_object('role', e.actor_role, 'id', e.actor_id, 'name', {ACTOR_NAME}),"
    f" 'at', {INSTANT.format('e.at')}, 'note', e.note)"
)


_DETAIL = (
    f"SELECT b.state::text AS state, {PEOPLE} AS people, (SELECT coalesce(json_agg("  # noqa: S608 - constants of ours
    + _ENTRY
    + " ORDER BY e.version), '[]')::text FROM booking_events AS e WHERE e.booking_id = b.id) AS timeline,"
    " (SELECT w.detail FROM workflow_problems AS w WHERE w.booking_id = b.id) AS problem"
    " FROM bookings AS b WHERE b.id = :id AND {visible}"
)
_EVENTS_AFTER = (
    "SELECT b.closed_at IS NOT NULL AS closed, (SELECT coalesce(json_agg("  # noqa: S608 - constants of ours
    + _ENTRY
    + " ORDER BY e.version), '[]')::text FROM booking_events AS e WHERE e.booking_id = b.id AND e.version > :after)"
    " AS entries FROM bookings AS b WHERE b.id = :id AND {visible}"
)
_VISIBLE_VERSION = "SELECT b.version FROM bookings AS b WHERE b.id = :id AND {visible}"
_STATUS = text(
    "SELECT b.status, b.version, b.settled, EXISTS (SELECT FROM booking_events AS e"
    " WHERE e.booking_id = b.id AND e.update_id = :update_id) AS done FROM bookings AS b WHERE b.id = :id"
)
_LIST = """
    WITH hit AS (SELECT b.id FROM bookings AS b WHERE {conditions}),
    page AS (SELECT id FROM hit ORDER BY id {order} LIMIT :limit OFFSET :offset)
    SELECT (SELECT count(*) FROM hit) AS total, (
        SELECT coalesce('[' || string_agg({summary}::text, ',' ORDER BY b.id {order}) || ']', '[]')
        FROM page JOIN bookings AS b USING (id)) AS rows
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
_DASHBOARD = """
    WITH hit AS (SELECT b.id, {action} = 'none' AS quiet, b.waiting_until, b.since FROM bookings AS b
        WHERE {conditions}),
    page AS (SELECT * FROM hit ORDER BY quiet, waiting_until NULLS LAST, since, id LIMIT :limit OFFSET :offset)
    SELECT (SELECT count(*) FROM hit) AS total,
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
            ORDER BY p.quiet, p.waiting_until NULLS LAST, p.since, p.id) || ']', '[]')
        FROM page AS p JOIN bookings AS b USING (id)) AS rows
"""


@dataclass(frozen=True, slots=True)
class BookingWithTimeline(Generic[B]):
    """A booking and its whole timeline, as the database has them, and its people by id, as they are known now.

    ``problem``: what is wrong with its workflow, if the last look has found something.
    """

    booking: B
    timeline: list[dict[str, Any]]
    people: dict[str, Person]
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class NewEvents:
    """The timeline entries after a version, and whether any more can come."""

    entries: list[dict[str, Any]]
    closed: bool


@dataclass(frozen=True, slots=True)
class BookingStatus:
    """What is known of a booking whose workflow does not answer; ``done``: this very update is in its timeline.

    ``settled``: nothing is open, so that its workflow has rightly ended.
    """

    status: str
    version: int
    settled: bool
    done: bool


class BookingQueries(Generic[B]):
    """Queries about the bookings of one kind."""

    def __init__(self, database: Database, kind: BookingKind[B], storage: KindStorage[B]) -> None:
        self._database = database
        self._kind = kind
        self._state = TypeAdapter(kind.state)
        self._conditions = {**_CONDITIONS, **storage.filters}

    async def detail(self, booking_id: int, viewer: Actor) -> BookingWithTimeline[B]:
        """The booking with its timeline.

        Raises:
            NotFound: there is none, or it is not the viewer's.
        """
        row = await self._visible(_DETAIL, viewer, id=booking_id)
        if row is None:
            raise missing(booking_id)
        people = {found["id"]: Person(**found) for found in orjson.loads(row.people)}
        return BookingWithTimeline(
            self._state.validate_json(row.state), orjson.loads(row.timeline), people, row.problem
        )

    async def events_after(self, booking_id: int, viewer: Actor, after: int) -> NewEvents:
        """The timeline after a version.

        Raises:
            NotFound: there is no such booking, or it is not the viewer's (any more).
        """
        row = await self._visible(_EVENTS_AFTER, viewer, id=booking_id, after=after)
        if row is None:
            raise missing(booking_id)
        return NewEvents(orjson.loads(row.entries), row.closed)

    async def visible_version(self, viewer: Actor, booking_id: int, named: str | None = None) -> int:
        """The version of a booking that the viewer may see: checked before any command.

        ``named``: what the viewer asked for, if not the booking.

        Raises:
            NotFound: there is none, or it is not the viewer's.
        """
        row = await self._visible(_VISIBLE_VERSION, viewer, id=booking_id)
        if row is None:
            raise NotFound(f"there is no {named}") if named else missing(booking_id)
        return int(row.version)

    async def status_of(self, booking_id: int, update_id: str) -> BookingStatus | None:
        """What the rows say of a booking and of one update."""
        row = await self._one(_STATUS, id=booking_id, update_id=update_id)
        return BookingStatus(row.status, row.version, row.settled, row.done) if row else None

    async def page(self, role: str, filters: Filters, part: Slice) -> Page:
        """List rows as this role sees them."""
        summary = SUMMARY.format(role="CAST(:role AS text)")
        statement = _LIST.format(conditions=self._narrowed(filters), order=part.direction, summary=summary)
        return await self._page(statement, filters, part, role=str(role))

    async def dashboard(self, filters: Filters, part: Slice) -> Page:
        """What an admin looks at: first what requires an action, the earliest deadline on top; counts by status."""
        summary, deadline = SUMMARY.format(role="'admin'"), INSTANT.format("b.waiting_until")
        given = {"conditions": self._narrowed(filters), "action": _ACTION_REQUIRED}
        statement = _DASHBOARD.format(deadline=deadline, summary=summary, **given)
        return await self._page(statement, filters, part)

    def _narrowed(self, filters: Filters) -> str:
        return " AND ".join(["b.kind = :booking_kind", *(self._conditions[name] for name in filters.given())])

    async def _page(self, statement: str, filters: Filters, part: Slice, **given: Any) -> Page:
        bounds = {"booking_kind": self._kind.name, "limit": part.limit, "offset": part.offset}
        row = await self._one(text(statement), **bounds, **filters.given(), **given)
        counts = orjson.loads(row.counts) if hasattr(row, "counts") else None
        return Page(row.rows, row.total, counts, getattr(row, "workflows", None))

    async def _visible(self, statement: str, viewer: Actor, **given: Any) -> Any:
        readable = text(statement.format(visible=visible_to(viewer.role)))
        return await self._one(readable, **viewer_of(self._kind, viewer), **given)

    async def _one(self, statement: TextClause, **given: Any) -> Any:
        async with self._database.read.connect() as connection:
            return (await connection.execute(statement, given)).first()


def missing(booking_id: int) -> NotFound:
    """The one answer for a booking that is not there and for one that is not yours."""
    return NotFound(f"there is no booking {booking_id}")
