"""Queries about one booking: one statement each, visibility inside it, JSON made by PostgreSQL.

What a viewer may not see is not found: the statement cannot tell a stranger's booking from a missing one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Generic

import orjson
from pydantic import TypeAdapter

from adapters.postgres.database import Database
from adapters.postgres.driver import Prepared
from adapters.postgres.people_of_booking import ACTOR_NAME, PEOPLE
from adapters.postgres.sql_format import INSTANT
from adapters.postgres.states import reader_of
from adapters.postgres.visibility import viewer_of, visible_to
from domain.errors import NotFound
from domain.kind import B, BookingKind
from domain.people import Actor, Person

NOTHING_MORE = "CAST(NULL AS text)"
"""For a kind whose storage shows nothing beside the state."""

# Statements are put together from these constants, never from anything that a client sent.
ENTRY = (
    "json_build_object('version', e.version, 'status', e.status, 'action', e.action, 'by',"
    f" json_build_object('role', e.actor_role, 'id', e.actor_id, 'name', {ACTOR_NAME}),"
    f" 'at', {INSTANT.format('e.at')}, 'note', e.note)"
)


_DETAIL = (
    f"SELECT b.state::text AS state, {PEOPLE} AS people, (SELECT coalesce(json_agg("  # noqa: S608 - constants of ours
    + ENTRY
    + " ORDER BY e.version), '[]')::text FROM booking_events AS e WHERE e.booking_id = b.id) AS timeline,"
    " (SELECT w.detail FROM workflow_problems AS w WHERE w.booking_id = b.id) AS problem, {shown} AS beside"
    " FROM bookings AS b WHERE b.id = :id AND {visible}"
)
_EVENTS_AFTER = (
    "SELECT b.closed_at IS NOT NULL AS closed, (SELECT coalesce(json_agg("  # noqa: S608 - constants of ours
    + ENTRY
    + " ORDER BY e.version), '[]')::text FROM booking_events AS e WHERE e.booking_id = b.id AND e.version > :after)"
    " AS entries, {shown} AS beside FROM bookings AS b WHERE b.id = :id AND {visible}"
)
_VISIBLE_VERSION = "SELECT b.version FROM bookings AS b WHERE b.id = :id AND {visible}"
_STATUS = Prepared(
    "SELECT b.status, b.version, b.settled, EXISTS (SELECT FROM booking_events AS e"
    " WHERE e.booking_id = b.id AND e.update_id = :update_id) AS done FROM bookings AS b WHERE b.id = :id"
)


@dataclass(frozen=True, slots=True)
class BookingWithTimeline(Generic[B]):
    """A booking and its whole timeline, as the database has them, and its people by id, as they are known now.

    ``problem``: what is wrong with its workflow, if the last look has found something. ``beside``: what the storage
    of the kind has beside the state.
    """

    booking: B
    timeline: list[dict[str, Any]]
    people: dict[str, Person]
    problem: str | None = None
    beside: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NewEvents:
    """The timeline entries after a version, and whether any more can come; ``beside`` as with the booking."""

    entries: list[dict[str, Any]]
    closed: bool
    beside: dict[str, Any] = field(default_factory=dict)


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
    """Queries about the bookings of one kind; ``shown`` is that of its storage."""

    def __init__(self, database: Database, kind: BookingKind[B], shown: str = NOTHING_MORE) -> None:
        self._database = database
        self._kind = kind
        self._shown = shown
        self._state = reader_of(kind.state)

    async def detail(self, booking_id: int, viewer: Actor) -> BookingWithTimeline[B]:
        """The booking with its timeline.

        Raises:
            NotFound: there is none, or it is not the viewer's.
        """
        row = await self._visible(_DETAIL, viewer, id=booking_id)
        if row is None:
            raise missing(booking_id)
        return with_timeline(self._state, row)

    async def events_after(self, booking_id: int, viewer: Actor, after: int) -> NewEvents:
        """The timeline after a version.

        Raises:
            NotFound: there is no such booking, or it is not the viewer's (any more).
        """
        row = await self._visible(_EVENTS_AFTER, viewer, id=booking_id, after=after)
        if row is None:
            raise missing(booking_id)
        return NewEvents(orjson.loads(row["entries"]), row["closed"], _loaded(row["beside"]))

    async def visible_version(self, viewer: Actor, booking_id: int, named: str | None = None) -> int:
        """The version of a booking that the viewer may see: checked before any command.

        ``named``: what the viewer asked for, if not the booking.

        Raises:
            NotFound: there is none, or it is not the viewer's.
        """
        row = await self._visible(_VISIBLE_VERSION, viewer, id=booking_id)
        if row is None:
            raise missing(booking_id, named)
        return int(row["version"])

    def listed(self, row: Mapping[str, Any]) -> BookingWithTimeline[B]:
        """A booking of a list that the kind makes itself, with the columns that a detail has."""
        return with_timeline(self._state, row)

    async def status_of(self, booking_id: int, update_id: str) -> BookingStatus | None:
        """What the rows say of a booking and of one update."""
        row = await self._database.row(_STATUS, id=booking_id, update_id=update_id)
        return BookingStatus(row["status"], row["version"], row["settled"], row["done"]) if row else None

    async def _visible(self, statement: str, viewer: Actor, **given: Any) -> Any:
        readable = _prepared(statement, visible_to(viewer.role), self._shown)
        return await self._database.row(readable, **viewer_of(self._kind, viewer), **given)


@cache
def _prepared(statement: str, visible: str, shown: str) -> Prepared:
    return Prepared(statement.format(visible=visible, shown=shown))


def with_timeline(state_type: TypeAdapter[B], row: Mapping[str, Any]) -> BookingWithTimeline[B]:
    """From the JSON of the columns."""
    people = {found["id"]: Person(**found) for found in orjson.loads(row["people"])}
    booking, timeline = state_type.validate_json(row["state"]), orjson.loads(row["timeline"])
    return BookingWithTimeline(booking, timeline, people, row["problem"], _loaded(row["beside"]))


def _loaded(beside: str | None) -> dict[str, Any]:
    return orjson.loads(beside) if beside else {}


def missing(booking_id: int, named: str | None = None) -> NotFound:
    """The one answer for a booking that is not there and for one that is not yours; ``named``: what was asked for."""
    return NotFound(f"there is no {named or f'booking {booking_id}'}")
