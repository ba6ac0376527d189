"""Queries about bookings: one statement each, visibility inside it, JSON made by PostgreSQL.

What a viewer may not see is not found: the statement cannot tell a stranger's booking from a missing one.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import orjson
from sqlalchemy import TextClause, text

from adapters.postgres.engine import Database
from adapters.postgres.projection import STATE
from adapters.postgres.sql_format import INSTANT
from domain.errors import NotFound
from domain.people import Actor, Role
from kinds.vehicle_service.domain.visit import VisitBooking

# Statements are put together from these constants, never from anything that a client sent.
_TAKES_PART = (
    "EXISTS (SELECT FROM booking_participants AS mine WHERE mine.booking_id = b.id"
    " AND mine.person_id = :viewer AND mine.role = '{role}' AND mine.active)"
)
VISIBLE: dict[str, str] = {
    Role.ADMIN: "CAST(:viewer AS text) IS NOT NULL",
    Role.SYSTEM: "CAST(:viewer AS text) IS NOT NULL",
    Role.CUSTOMER: _TAKES_PART.format(role="customer"),
    Role.MECHANIC: _TAKES_PART.format(role="mechanic"),
}
_ENTRY = (
    "json_build_object('version', e.version, 'status', e.status, 'action', e.action, 'by',"
    " json_build_object('role', e.actor_role, 'id', e.actor_id, 'name', e.actor_name),"
    f" 'at', {INSTANT.format('e.at')}, 'note', e.note)"
)


# Of a customer who has left, documents keep the name and the address, as the law requires; nobody is shown the phone.
_HAS_LEFT = "EXISTS (SELECT FROM users AS u WHERE u.id = b.customer_id AND u.deleted_at IS NOT NULL)"
_STATE = (
    f"CASE WHEN {_HAS_LEFT} THEN jsonb_set(b.state, ARRAY['customer', 'phone'], to_jsonb(text '')) ELSE b.state END"
)


def _for_each_role(statement: str) -> dict[str, TextClause]:
    return {role: text(statement.format(visible=visible)) for role, visible in VISIBLE.items()}


_DETAIL = _for_each_role(
    f"SELECT ({_STATE})::text AS state, (SELECT coalesce(json_agg("  # noqa: S608 - constants of ours
    + _ENTRY
    + " ORDER BY e.version), '[]')::text FROM booking_events AS e WHERE e.booking_id = b.id) AS timeline"
    " FROM bookings AS b WHERE b.id = :id AND {visible}"
)
_EVENTS_AFTER = _for_each_role(
    "SELECT b.closed_at IS NOT NULL AS closed, (SELECT coalesce(json_agg("  # noqa: S608 - constants of ours
    + _ENTRY
    + " ORDER BY e.version), '[]')::text FROM booking_events AS e WHERE e.booking_id = b.id AND e.version > :after)"
    " AS entries FROM bookings AS b WHERE b.id = :id AND {visible}"
)
_VISIBLE_VERSION = _for_each_role("SELECT b.version FROM bookings AS b WHERE b.id = :id AND {visible}")
_STATUS = text(
    "SELECT b.status, b.version, b.closed_at IS NOT NULL AS closed, EXISTS (SELECT FROM booking_events AS e"
    " WHERE e.booking_id = b.id AND e.update_id = :update_id) AS done FROM bookings AS b WHERE b.id = :id"
)
_SUMMARY = (
    "(CASE WHEN " + _HAS_LEFT + " THEN (b.summaries -> {role}) #- ARRAY['customer', 'phone']"
    " ELSE b.summaries -> {role} END)"
)
_LIST = """
    WITH hit AS (SELECT b.id FROM bookings AS b WHERE {conditions}),
    page AS (SELECT id FROM hit ORDER BY id {order} LIMIT :limit OFFSET :offset)
    SELECT (SELECT count(*) FROM hit) AS total, (
        SELECT coalesce('[' || string_agg({summary}::text, ',' ORDER BY b.id {order}) || ']', '[]')
        FROM page JOIN bookings AS b USING (id)) AS rows
"""
_CONDITIONS = {
    "status": "b.status = :status",
    "customer_id": (
        "EXISTS (SELECT FROM booking_participants AS c WHERE c.booking_id = b.id AND c.person_id = :customer_id"
        " AND c.role = 'customer' AND c.active)"
    ),
    "mechanic_id": (
        "EXISTS (SELECT FROM booking_assignments AS a WHERE a.booking_id = b.id AND a.mechanic_id = :mechanic_id)"
    ),
    "since": "EXISTS (SELECT FROM visits AS v WHERE v.booking_id = b.id AND v.pickup_date >= :since)",
    "until": "EXISTS (SELECT FROM visits AS v WHERE v.booking_id = b.id AND v.pickup_date <= :until)",
    "action_required": "b.action_required = :action_required",
}
_ASSIGNMENTS = """
    WITH hit AS (SELECT a.* FROM booking_assignments AS a WHERE a.mechanic_id = :mechanic_id {conditions}),
    page AS (SELECT * FROM hit ORDER BY active DESC, at DESC, id DESC LIMIT :limit OFFSET :offset)
    SELECT (SELECT count(*) FROM hit) AS total, (
        SELECT coalesce('[' || string_agg(((b.summaries -> 'mechanic') || jsonb_build_object('assignment',
            jsonb_build_object('id', p.id, 'type', p.type, 'active', p.active, 'note', p.note, 'at', {at})))::text, ','
            ORDER BY p.active DESC, p.at DESC, p.id DESC) || ']', '[]')
        FROM page AS p JOIN bookings AS b ON b.id = p.booking_id) AS rows
"""
_DASHBOARD = """
    WITH hit AS (SELECT b.id, b.action_required = 'none' AS quiet, b.waiting_until, b.since FROM bookings AS b
        WHERE {conditions}),
    page AS (SELECT * FROM hit ORDER BY quiet, waiting_until NULLS LAST, since, id LIMIT :limit OFFSET :offset)
    SELECT (SELECT count(*) FROM hit) AS total,
        (SELECT coalesce(json_object_agg(status, number), '{{}}')::text
            FROM (SELECT status, count(*) AS number FROM bookings GROUP BY status) AS counted) AS counts,
        (SELECT coalesce('[' || string_agg(({summary} || jsonb_build_object(
            'action_required', b.action_required, 'deadline', {deadline},
            'age_seconds', greatest(0, floor(extract(epoch FROM now() - b.since)))::bigint))::text, ','
            ORDER BY p.quiet, p.waiting_until NULLS LAST, p.since, p.id) || ']', '[]')
        FROM page AS p JOIN bookings AS b USING (id)) AS rows
"""


@dataclass(frozen=True, slots=True)
class BookingWithTimeline:
    """A booking and its whole timeline, as the database has them."""

    booking: VisitBooking
    timeline: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class NewEvents:
    """The timeline entries after a version, and whether any more can come."""

    entries: list[dict[str, Any]]
    closed: bool


@dataclass(frozen=True, slots=True)
class BookingStatus:
    """What is known of a booking whose workflow does not answer; ``done``: this very update is in its timeline."""

    status: str
    version: int
    closed: bool
    done: bool


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list: the rows as JSON text, and how many there are in all."""

    rows: str
    total: int
    counts: dict[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Slice:
    """Which slice of a list, and in which order of age."""

    limit: int = 50
    offset: int = 0
    order: Literal["newest", "oldest"] = "newest"

    @property
    def direction(self) -> str:
        """The order as SQL."""
        return "DESC" if self.order == "newest" else "ASC"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What a list is narrowed to; None leaves a column alone. The dates are those of the pickup."""

    status: str | None = None
    customer_id: str | None = None
    mechanic_id: str | None = None
    since: date | None = None
    until: date | None = None
    action_required: str | None = None

    def given(self) -> dict[str, Any]:
        """The filters that narrow something, by name."""
        named = {name: getattr(self, name) for name in _CONDITIONS}
        return {name: value for name, value in named.items() if value is not None}


class BookingQueries:
    """Queries about bookings."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def detail(self, booking_id: int, viewer: Actor) -> BookingWithTimeline:
        """The booking with its timeline.

        Raises:
            NotFound: there is none, or it is not the viewer's.
        """
        row = await self._one(_DETAIL[viewer.role], id=booking_id, viewer=viewer.id)
        if row is None:
            raise missing(booking_id)
        return BookingWithTimeline(STATE.validate_json(row.state), orjson.loads(row.timeline))

    async def events_after(self, booking_id: int, viewer: Actor, after: int) -> NewEvents:
        """The timeline after a version.

        Raises:
            NotFound: there is no such booking, or it is not the viewer's (any more).
        """
        row = await self._one(_EVENTS_AFTER[viewer.role], id=booking_id, viewer=viewer.id, after=after)
        if row is None:
            raise missing(booking_id)
        return NewEvents(orjson.loads(row.entries), row.closed)

    async def visible_version(self, viewer: Actor, booking_id: int, named: str | None = None) -> int:
        """The version of a booking that the viewer may see: checked before any command.

        ``named``: what the viewer asked for, if not the booking.

        Raises:
            NotFound: there is none, or it is not the viewer's.
        """
        row = await self._one(_VISIBLE_VERSION[viewer.role], id=booking_id, viewer=viewer.id)
        if row is None:
            raise NotFound(f"there is no {named}") if named else missing(booking_id)
        return int(row.version)

    async def status_of(self, booking_id: int, update_id: str) -> BookingStatus | None:
        """What the rows say of a booking and of one update."""
        row = await self._one(_STATUS, id=booking_id, update_id=update_id)
        return BookingStatus(row.status, row.version, row.closed, row.done) if row else None

    async def page(self, role: Role, filters: Filters, part: Slice) -> Page:
        """List rows as this role sees them."""
        given = filters.given()
        conditions = " AND ".join(_CONDITIONS[name] for name in given) or "true"
        statement = _LIST.format(
            conditions=conditions, order=part.direction, summary=_SUMMARY.format(role="CAST(:role AS text)")
        )
        return await self._page(statement, part, role=str(role), **given)

    async def assignments(self, mechanic_id: str, part: Slice, *, active: bool | None = None) -> Page:
        """A mechanic's jobs, open ones first; also those that another mechanic took over."""
        conditions = "" if active is None else "AND a.active = :active"
        given = {} if active is None else {"active": active}
        statement = _ASSIGNMENTS.format(conditions=conditions, at=INSTANT.format("p.at"))
        return await self._page(statement, part, mechanic_id=mechanic_id, **given)

    async def dashboard(self, filters: Filters, part: Slice) -> Page:
        """What an admin looks at: first what requires an action, the earliest deadline on top; counts by status."""
        given = filters.given()
        conditions = " AND ".join(_CONDITIONS[name] for name in given) or "true"
        summary, deadline = _SUMMARY.format(role="'admin'"), INSTANT.format("b.waiting_until")
        statement = _DASHBOARD.format(conditions=conditions, deadline=deadline, summary=summary)
        return await self._page(statement, part, **given)

    async def _page(self, statement: str, part: Slice, **given: Any) -> Page:
        row = await self._one(text(statement), limit=part.limit, offset=part.offset, **given)
        counts = orjson.loads(row.counts) if hasattr(row, "counts") else None
        return Page(row.rows, row.total, counts)

    async def _one(self, statement: TextClause, **given: Any) -> Any:
        async with self._database.read.connect() as connection:
            return (await connection.execute(statement, given)).first()


def missing(booking_id: int) -> NotFound:
    """The one answer for a booking that is not there and for one that is not yours."""
    return NotFound(f"there is no booking {booking_id}")
