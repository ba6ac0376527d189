"""The life of the workers of one process: they begin together and stop together, in bounded time."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import timedelta

from temporalio.worker import Worker

MARGIN = timedelta(seconds=5)
"""What a stop may take longer than the time that work under way is given: answers still have to reach the server."""


async def serve(
    workers: Sequence[Worker],
    stop: asyncio.Event,
    begun: Callable[[], Awaitable[object]],
    stop_within: timedelta | None,
) -> bool:
    """Poll all queues until ``stop`` is set. True when everything under way was finished or handed back by then.

    ``begun`` is awaited once they poll. False: ``stop_within`` was over. A local activity that waits for a database
    that is away is repeated by the SDK for as long as it takes, also while stopping; another worker does it again.

    Raises:
        Exception: what a worker failed with; the others are stopped.
    """
    running = [asyncio.create_task(worker.run()) for worker in workers]
    stopping = asyncio.create_task(stop.wait())
    try:
        await begun()
        await asyncio.wait([stopping, *running], return_when=asyncio.FIRST_COMPLETED)
        for task in running:
            if task.done():
                task.result()
                raise RuntimeError("a worker ended by itself")
    finally:
        stopping.cancel()
        finished = await _stop(workers, running, stop_within)
    return finished


async def _stop(workers: Sequence[Worker], running: Sequence["asyncio.Task[None]"], within: timedelta | None) -> bool:
    """All at once: one after the other, each would be given its time in turn while the rest take new work."""
    shut_down = asyncio.gather(*(worker.shutdown() for worker in workers))
    with suppress(TimeoutError):
        async with asyncio.timeout(within.total_seconds() if within is not None else None):
            await shut_down
            await asyncio.gather(*running, return_exceptions=True)
            return True
    for worker in running:
        worker.cancel()
    return False
