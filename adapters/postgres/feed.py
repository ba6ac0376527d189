"""Who waits for news of a booking is woken when its rows change: one LISTEN connection per process.

A notification can get lost with its connection, so nobody may rely on being woken: wait with a patience of your own
and look at the rows. That is also why waking everybody after a reconnect is right and cheap.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import asyncpg  # type: ignore[import-untyped]
import structlog
from sqlalchemy import make_url

from adapters.postgres.projection import CHANNEL

_RETRY_AFTER = 2.0
_log = structlog.get_logger()


class Watch:
    """One who waits for news of one booking."""

    def __init__(self) -> None:
        self._news = asyncio.Event()

    def wake(self) -> None:
        """There may be news."""
        self._news.set()

    async def news(self, patience: float) -> bool:
        """True when woken, False when the patience is over: look at the rows either way."""
        try:
            async with asyncio.timeout(patience):
                await self._news.wait()
        except TimeoutError:
            return False
        self._news.clear()
        return True


class BookingFeed:
    """Wakes those who watch a booking. Starts with the first watch; ``close()`` it at the end."""

    def __init__(self, postgresql_url: str) -> None:
        self._dsn = make_url(postgresql_url).set(drivername="postgresql").render_as_string(hide_password=False)
        self._watches: defaultdict[int, set[Watch]] = defaultdict(set)
        self._listening: asyncio.Task[None] | None = None
        self.closing = False

    @contextmanager
    def watch(self, booking_id: int) -> Iterator[Watch]:
        """Watch a booking for as long as the context is open."""
        if self._listening is None and not self.closing:
            self._listening = asyncio.create_task(self._listen())
        watch = Watch()
        self._watches[booking_id].add(watch)
        try:
            yield watch
        finally:
            self._watches[booking_id].discard(watch)
            if not self._watches[booking_id]:
                del self._watches[booking_id]

    async def close(self) -> None:
        """Let go of the connection and of everybody who waits."""
        self.closing = True
        self._wake_everybody()
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)

    async def _listen(self) -> None:
        while True:
            try:
                await self._listen_once()
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError) as fault:
                _log.warning("the feed of bookings is down, watchers poll", fault=type(fault).__name__)
            await asyncio.sleep(_RETRY_AFTER)

    async def _listen_once(self) -> None:
        connection = await asyncpg.connect(self._dsn, timeout=10)
        gone = asyncio.Event()
        try:
            connection.add_termination_listener(lambda _: gone.set())
            await connection.add_listener(CHANNEL, self._heard)
            self._wake_everybody()
            await gone.wait()
        finally:
            await connection.close(timeout=2)

    def _heard(self, _connection: Any, _pid: int, _channel: str, payload: object) -> None:
        booking_id = str(payload).partition(":")[0]
        for watch in self._watches.get(int(booking_id), ()) if booking_id.isdigit() else ():
            watch.wake()

    def _wake_everybody(self) -> None:
        for watches in self._watches.values():
            for watch in watches:
                watch.wake()
