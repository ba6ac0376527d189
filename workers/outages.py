"""A worker whose servers are away: it waits until Temporal answers, and says once a minute what is missing."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import TypeVar

import structlog
from temporalio.service import RPCError, RPCStatusCode

from adapters.part_checks import emails_must_leave
from adapters.parts import SAID_EVERY, Check, Parts
from adapters.resources import Resources
from adapters.temporal.reachability import must_have_namespace

_BETWEEN_TRIES = 1.0
_OF_OUR_MAKING = frozenset(
    {
        RPCStatusCode.PERMISSION_DENIED,
        RPCStatusCode.UNAUTHENTICATED,
        RPCStatusCode.INVALID_ARGUMENT,
        RPCStatusCode.UNIMPLEMENTED,
    }
)
"""What waiting does not mend."""

T = TypeVar("T")
log = structlog.get_logger("worker")


async def once_temporal_answers(do: Callable[[], Awaitable[T]], stop: asyncio.Event) -> T | None:
    """What ``do`` answers, tried again while Temporal is away or has no such namespace. None: told to stop before.

    Raises:
        RPCError: Temporal answers, and does not let us in.
    """
    clock, said = asyncio.get_running_loop().time, float("-inf")
    while not stop.is_set():
        try:
            return await do()
        except RPCError as fault:
            if fault.status in _OF_OUR_MAKING:
                raise
            if clock() - said >= SAID_EVERY.total_seconds():
                said = clock()
                log.warning("the worker waits for Temporal", status=fault.status.name, fault=fault.message[:300])
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), _BETWEEN_TRIES)
    return None


@asynccontextmanager
async def watched_parts(resources: Resources, *, activities: bool) -> AsyncIterator[None]:
    """Until the block ends, say once a minute what is not as it should be; only activities need MongoDB and mail."""
    checks: dict[str, Check] = {
        "postgresql": resources.ping_rows,
        "temporal": partial(must_have_namespace, resources.temporal),
    }
    if activities:
        checks |= {"mongodb": resources.mongo.ping, "mail": partial(emails_must_leave, resources.database)}
    watching = asyncio.create_task(Parts(checks).watch())
    try:
        yield
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
