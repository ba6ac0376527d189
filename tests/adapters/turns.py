"""Two transactions that take turns, a statement each, so that a circle of locks is found on any machine."""

import asyncio
from collections.abc import Awaitable
from contextvars import ContextVar

from sqlalchemy import event
from sqlalchemy.util import await_only

from adapters.postgres.database import Database

WAITS_FOR_A_LOCK = 0.05
"""Seconds without a statement of the other one, after which it is taken to wait for a lock."""
ENDED = 1_000


class Turns:
    """The second one begins when the first has made ``lead`` statements; from then on they alternate."""

    def __init__(self, lead: int) -> None:
        self._lead = lead
        self._made = [0, 0]
        self._news = asyncio.Condition()

    async def take(self, side: int, transaction: Awaitable[object]) -> object:
        """Run one of the two to its end."""
        _PLAYING.set((self, side))
        try:
            await self._wait(side)
            return await transaction
        finally:
            await self._count(side, ENDED)

    async def after_a_statement(self, side: int) -> None:
        await self._count(side, 1)
        await self._wait(side)

    async def _count(self, side: int, made: int) -> None:
        async with self._news:
            self._made[side] += made
            self._news.notify_all()

    async def _wait(self, side: int) -> None:
        ahead = self._lead if side == 0 else -self._lead
        try:
            async with asyncio.timeout(WAITS_FOR_A_LOCK), self._news:
                await self._news.wait_for(lambda: self._made[1 - side] >= self._made[side] - ahead)
        except TimeoutError:
            return


_PLAYING: ContextVar[tuple[Turns, int] | None] = ContextVar("playing", default=None)


def take_turns(database: Database) -> None:
    """From now on a transaction that is run by ``Turns.take`` waits for its turn after each statement."""

    def after(*_: object) -> None:
        if (playing := _PLAYING.get()) is not None:
            turns, side = playing
            await_only(turns.after_a_statement(side))

    event.listen(database.write.sync_engine, "after_cursor_execute", after)
