"""Notifications that a booking's rows have changed: one LISTEN connection per process, many subscriptions.

The connection shares an advisory lock of each booking that somebody subscribed to, by which writers know that they have
to notify. It goes with the connection, so a process that dies leaves none behind.

A notification can get lost with its connection, so no subscriber may rely on it: wait with a timeout and read the rows.
That is also why waking every subscriber after a reconnect is right and cheap.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import asyncpg  # type: ignore[import-untyped]
from sqlalchemy import make_url

from adapters.postgres.database import KEEPALIVES
from adapters.postgres.projection import CHANNEL, WATCHED
from adapters.unending import unending

_RETRY_AFTER, _LOOK_AGAIN = 2.0, 0.02
"""Seconds until a new connection; until a lock is asked for again that a writer holds until it commits."""
_WATCH = f"SELECT id FROM unnest($1::bigint[]) AS id WHERE pg_try_advisory_lock_shared({WATCHED})"  # noqa: S608
_LEAVE = f"SELECT pg_advisory_unlock_shared({WATCHED}) FROM unnest($1::bigint[]) AS id"  # noqa: S608


class Subscription:
    """A wait for changes of one booking."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def wake(self) -> None:
        """The rows may have changed."""
        self._event.set()

    async def changed(self, seconds: float) -> bool:
        """True when notified, False after so many ``seconds``: read the rows either way."""
        try:
            async with asyncio.timeout(seconds):
                await self._event.wait()
        except TimeoutError:
            return False
        self._event.clear()
        return True


class BookingChanges:
    """Notifies the subscriptions of a booking. Connects with the first one; ``close()`` it at the end."""

    def __init__(self, postgresql_url: str) -> None:
        self._dsn = make_url(postgresql_url).set(drivername="postgresql").render_as_string(hide_password=False)
        self._subscriptions: defaultdict[int, set[Subscription]] = defaultdict(set)
        self._listening: asyncio.Task[None] | None = None
        self._other_bookings = asyncio.Event()
        self.closing = False

    @contextmanager
    def subscribe(self, booking_id: int) -> Iterator[Subscription]:
        """Subscription of a booking for as long as the context is open; woken first when notifications can come."""
        if self._listening is None and not self.closing:
            meanwhile = "no connection for changes of bookings; subscribers poll"
            self._listening = asyncio.create_task(unending(self._listen, _RETRY_AFTER, meanwhile))
        subscription = Subscription()
        self._subscriptions[booking_id].add(subscription)
        self._other_bookings.set()
        try:
            yield subscription
        finally:
            self._subscriptions[booking_id].discard(subscription)
            if not self._subscriptions[booking_id]:
                del self._subscriptions[booking_id]
                self._other_bookings.set()

    async def close(self) -> None:
        """Close the connection and wake every subscriber."""
        self.closing = True
        self._wake_all()
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)

    async def _listen(self) -> None:
        connection = await asyncpg.connect(self._dsn, timeout=10, command_timeout=10, server_settings=KEEPALIVES)
        try:
            connection.add_termination_listener(lambda _: self._other_bookings.set())
            await connection.add_listener(CHANNEL, self._notified)
            await self._watch(connection)
        finally:
            await connection.close(timeout=2)

    async def _watch(self, connection: Any) -> None:
        """Hold the locks of what is subscribed to until the connection is gone."""
        held: set[int] = set()
        while not connection.is_closed():
            self._other_bookings.clear()
            wanted = set(self._subscriptions)
            if left := held - wanted:
                await connection.execute(_LEAVE, list(left))
                held -= left
            if new := wanted - held:
                granted = {row["id"] for row in await connection.fetch(_WATCH, list(new))}
                held |= granted
                self._wake(granted)
                if granted != new:
                    await asyncio.sleep(_LOOK_AGAIN)
                    continue
            await self._other_bookings.wait()

    def _notified(self, _connection: Any, _pid: int, _channel: str, payload: object) -> None:
        booking_id = str(payload).partition(":")[0]
        self._wake([int(booking_id)] if booking_id.isdigit() else [])

    def _wake_all(self) -> None:
        self._wake(self._subscriptions)

    def _wake(self, bookings: Iterable[int]) -> None:
        for booking in bookings:
            for subscription in self._subscriptions.get(booking, ()):
                subscription.wake()
