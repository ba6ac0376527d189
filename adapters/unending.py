"""Work that goes on for as long as its process lives, whatever ends it once."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Never

import structlog

_log = structlog.get_logger()


async def unending(work: Callable[[], Awaitable[None]], pause: float, meanwhile: str) -> Never:
    """Do it again ``pause`` seconds after it ended, until the task is cancelled.

    The task of a loop that catches only the faults it knows ends with the first one that it does not know, and nobody
    sees that: the process serves on, only slower or later, until it is started again. asyncpg's InternalClientError,
    which is none of its other errors, was such a one. ``meanwhile``: for the log, what is missing and what is done
    instead.
    """
    while True:
        try:
            await work()
        except Exception as fault:
            _log.warning(meanwhile, fault=type(fault).__name__, why=str(fault)[:200])
        await asyncio.sleep(pause)
