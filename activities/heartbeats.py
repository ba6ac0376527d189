"""Heartbeats beside work that cannot send them itself: one long statement, a batch that waits for a slow server."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from temporalio import activity

_HEARTBEAT_SECONDS = 2.0
Tell = Callable[[str], None]


@asynccontextmanager
async def heartbeats() -> AsyncIterator[Tell]:
    """Heartbeats while the block runs; the function that it yields sets their details."""
    doing = ["starting"]

    async def beat() -> None:
        while True:
            activity.heartbeat(doing[0])
            await asyncio.sleep(_HEARTBEAT_SECONDS)

    def tell(what: str) -> None:
        doing[0] = what

    beating = asyncio.create_task(beat())
    try:
        yield tell
    finally:
        beating.cancel()
        with suppress(asyncio.CancelledError):
            await beating
