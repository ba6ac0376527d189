"""Queries about one booking: one statement each, visibility inside it, JSON made by PostgreSQL.

What a viewer may not see is not found: the statement cannot tell a stranger's booking from a missing one.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any, Generic

import orjson
from pydantic import TypeAdapter

from adapters.postgres.database import Database
from adapters.postgres.driver import Prepared
from adapters.postgres.people_of_booking import ACTOR_NAME, PEOPLE
from adapters.postgres.sql_format import INSTANT
from adapters.postgres.visibility import viewer_of, visible_to
from domain.errors import NotFound
from domain.kind import B, BookingKind
from domain.people import Actor, Person

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
    " (SELECT w.detail FROM workflow_problems AS w WHERE w.booking_id = b.id) AS problem"
    " FROM bookings AS b WHERE b.id = :id AND {visible}"
)
_EVENTS_AFTER = (
    "SELECT b.closed_at IS NOT NULL AS closed, (SELECT coalesce(json_agg("  # noqa: S608 - constants of ours
    + ENTRY
    + " ORDER BY e.version), '[]')::text FROM booking_events AS e WHERE e.booking_id = b.id AND e.version > :after)"
    " AS entries FROM bookings AS b WHERE b.id = :id AND {visible}"
)
_VISIBLE_VERSION = "SELECT b.version FROM bookings AS b WHERE b.id = :id AND {visible}"
_STATUS = Prepared(
    "SELECT b.status, b.version, b.settled, EXISTS (SELECT FROM booking_events AS e"
    " WHERE e.booking_id = b.id AND e.update_id = :update_id) AS done FROM bookings AS b WHERE b.id = :id"
)


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

    def __init__(self, database: Database, kind: BookingKind[B]) -> None:
        self._database = database
        self._kind = kind
        self._state = TypeAdapter(kind.state)

    async def detail(self, booking_id: int, viewer: Actor) -> BookingWithTimeline[B]:
        """The booking with its timeline.

        Raises:
            NotFound: there is none, or it is not the viewer's.
        """
        row = await self._visible(_DETAIL, viewer, id=booking_id)
        if row is None:
            raise missing(booking_id)
        return with_timeline(self._state, row["state"], row["people"], row["timeline"], row["problem"])

    async def events_after(self, booking_id: int, viewer: Actor, after: int) -> NewEvents:
        """The timeline after a version.

        Raises:
            NotFound: there is no such booking, or it is not the viewer's (any more).
        """
        row = await self._visible(_EVENTS_AFTER, viewer, id=booking_id, after=after)
        if row is None:
            raise missing(booking_id)
        return NewEvents(orjson.loads(row["entries"]), row["closed"])

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

    async def status_of(self, booking_id: int, update_id: str) -> BookingStatus | None:
        """What the rows say of a booking and of one update."""
        row = await self._database.row(_STATUS, id=booking_id, update_id=update_id)
        return BookingStatus(row["status"], row["version"], row["settled"], row["done"]) if row else None

    async def _visible(self, statement: str, viewer: Actor, **given: Any) -> Any:
        readable = _prepared(statement, visible_to(viewer.role))
        return await self._database.row(readable, **viewer_of(self._kind, viewer), **given)


@cache
def _prepared(statement: str, visible: str) -> Prepared:
    return Prepared(statement.format(visible=visible))


def with_timeline(
    state_type: TypeAdapter[B], state: str, people: str, timeline: str, problem: str | None
) -> BookingWithTimeline[B]:
    """From the JSON of the columns."""
    known = {found["id"]: Person(**found) for found in orjson.loads(people)}
    return BookingWithTimeline(state_type.validate_json(state), orjson.loads(timeline), known, problem)


def missing(booking_id: int, named: str | None = None) -> NotFound:
    """The one answer for a booking that is not there and for one that is not yours; ``named``: what was asked for."""
    return NotFound(f"there is no {named or f'booking {booking_id}'}")
