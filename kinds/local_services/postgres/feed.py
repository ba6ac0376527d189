"""What each person is told live: events with numbers of their own feed.

A head is raised under its row lock in the transaction that writes what is told, so the numbers of a person come in the
order of commit: whoever has read number 412 has missed nothing before it. A sequence would not promise that. A
notification only wakes; what is told are the rows.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.database import Database
from adapters.postgres.driver import Prepared

CHANNEL = "revcare_local_feed"
AT_ONCE = 100
"""Events that are read at once."""
FARTHEST_BEHIND = 1_000
"""Events that a client may have missed; beyond that it reads everything anew."""

FeedType = Literal["message", "read", "notification", "booking"]
_APPEND = text("SELECT append_to_feed(CAST(:events AS jsonb))")
_HEAD = Prepared("SELECT last FROM feed_heads WHERE user_id = :person")
_OLDEST = Prepared("SELECT min(id) FROM feed_events WHERE user_id = :person")
_AFTER = Prepared(
    f"""
    SELECT coalesce(array_agg(frame ORDER BY id), '{{}}'), max(id) FROM (
        SELECT id, json_build_object('type', type, 'id', id, 'data', data)::text AS frame
        FROM feed_events WHERE user_id = :person AND id > :after ORDER BY id LIMIT {AT_ONCE}
    ) AS found
    """  # noqa: S608 - a constant of ours
)
_AHEAD = Prepared("SELECT json_object_agg(user_id, last)::text FROM feed_heads WHERE user_id = ANY(:people)")
_NOTIFY = Prepared(f"SELECT pg_notify('{CHANNEL}', :said)")


@dataclass(frozen=True, slots=True)
class FeedEvent:
    """Something that a person is told: a message or a notification as its row, that something was read, or that a
    booking is at another version. What has a ``key`` is told once, however often it is appended."""

    user_id: str
    type: FeedType
    data: dict[str, Any]
    key: str | None = None


async def append_to_feed(connection: AsyncConnection, user_id: str, type: FeedType, data: dict[str, Any]) -> None:  # noqa: A002
    """Tell one person something when the caller's transaction commits.

    Whoever tells several people in one transaction does so with ``append_to_feeds``, at once and last: heads are locked
    in the order of their people, until the end of the transaction.
    """
    await append_to_feeds(connection, [FeedEvent(user_id, type, data)])


async def append_to_feeds(connection: AsyncConnection, events: Iterable[FeedEvent]) -> None:
    """Tell several people something when the caller's transaction commits, each in the order given here."""
    told = [asdict(event) for event in events]
    if told:
        await connection.execute(_APPEND, {"events": orjson.dumps(told).decode()})


async def head_of(database: Database, person: str) -> int:
    """The number of the last event of a person; 0 before the first."""
    row = await database.row(_HEAD, person=person)
    return int(row[0]) if row else 0


async def resumed_at(database: Database, person: str, last_id: int) -> int | None:
    """Behind which event somebody goes on who has seen ``last_id``; None if they have missed too much, or what they
    have missed is not kept any more, or they name what has not happened."""
    head = await head_of(database, person)
    if last_id == head:
        return head
    if last_id > head or head - last_id > FARTHEST_BEHIND:
        return None
    oldest = (await database.row(_OLDEST, person=person))[0]
    return last_id if oldest is not None and oldest <= last_id + 1 else None


async def events_after(database: Database, person: str, after: int) -> tuple[list[str], int]:
    """The next events behind a number, as the frames that clients get, and the number of the last of them."""
    frames, last = await database.row(_AFTER, person=person, after=after)
    return list(frames), after if last is None else int(last)


async def heads_of(database: Database, people: Iterable[str]) -> dict[str, int]:
    """The number of the last event of each of these people who was ever told something."""
    row = await database.row(_AHEAD, people=list(people))
    return orjson.loads(row[0]) if row and row[0] else {}


async def notify(database: Database, said: str) -> None:
    """Wake the sockets of every process, or hand them something that is kept nowhere."""
    await database.row(_NOTIFY, said=said)
