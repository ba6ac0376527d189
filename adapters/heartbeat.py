"""A sign that a process works: a file that is touched while its loop turns, and an end for a process whose loop hangs.

Who runs containers asks how old the file is and starts again what has ended; nobody ends what hangs. The end is
faulthandler's, by a thread of its own without the interpreter's lock, so that no code of ours can hold it up.
"""

import asyncio
import faulthandler
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path

EVERY = timedelta(seconds=5)
HANGS_AFTER = timedelta(minutes=2)
"""Longer than a machine that is short of processors or memory holds a loop up, shorter than customers wait."""
_STANDARD_ERROR = 2


@asynccontextmanager
async def beating(
    file: Path | None, *, every: timedelta = EVERY, hangs_after: timedelta = HANGS_AFTER
) -> AsyncIterator[None]:
    """Until the block ends, touch the file; without a file do nothing.

    A loop that stands still for ``hangs_after`` ends the process with exit code 1, and with the stack of each thread on
    standard error.

    Raises:
        OSError: the file cannot be made.
    """
    if file is None:
        yield
        return
    _touch(file)  # what cannot be done even once is told, before anything would end the process for it
    beats = asyncio.create_task(_beats(file, every, hangs_after))
    try:
        yield
    finally:
        beats.cancel()
        with suppress(asyncio.CancelledError):
            await beats
        _end(file)


async def _beats(file: Path, every: timedelta, hangs_after: timedelta) -> None:
    while True:
        faulthandler.dump_traceback_later(hangs_after.total_seconds(), exit=True, file=_STANDARD_ERROR)
        with suppress(OSError):  # a file that grows old says it; the loop turns
            _touch(file)
        await asyncio.sleep(every.total_seconds())


def _touch(file: Path) -> None:
    file.touch()


def _end(file: Path) -> None:
    faulthandler.cancel_dump_traceback_later()
    file.unlink(missing_ok=True)
