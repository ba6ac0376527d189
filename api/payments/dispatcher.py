"""Hints on their way to the workflows: the first about something goes at once, those that come meanwhile go together.

A provider that says the same thing four times a second must not wake a booking four times a second: a hint only says
"look", and one look sees everything. What a crash leaves undelivered is swept up by the worker.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field

import structlog

Tell = Callable[[], Awaitable[bool]]

PAUSE = 1.0
"""Seconds between two hints about the same thing; less than the sweep leaves alone."""
MOST_AT_ONCE = 16

_log = structlog.get_logger()


@dataclass(slots=True)
class _Pending:
    """The signal to send next, and the rows of the inbox that it is about."""

    tell: Tell
    rows: list[int] = field(default_factory=list)


class WebhookDispatcher:
    """Tells, and then says which rows were told."""

    def __init__(self, delivered: Callable[[list[int]], Awaitable[None]], pause: float = PAUSE) -> None:
        self._delivered = delivered
        self._pause = pause
        self._pending: dict[Hashable, _Pending] = {}
        self._slots = asyncio.Semaphore(MOST_AT_ONCE)
        self._running: set[asyncio.Task[None]] = set()

    def take(self, subject: Hashable, row: int, tell: Tell) -> None:
        """Pass a hint on, soon; ``tell`` answers whether there was anybody to be told."""
        pending = self._pending.get(subject)
        if pending is not None:
            pending.tell = tell
            pending.rows.append(row)
            return
        self._pending[subject] = _Pending(tell, [row])
        task = asyncio.create_task(self._run(subject))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _run(self, subject: Hashable) -> None:
        pending = self._pending[subject]
        try:
            while pending.rows:
                rows, pending.rows = pending.rows, []
                async with self._slots:
                    await self._tell(pending.tell, rows)
                await asyncio.sleep(self._pause)
        finally:
            del self._pending[subject]

    async def _tell(self, tell: Tell, rows: list[int]) -> None:
        try:
            if await tell():
                await self._delivered(rows)
        except Exception as fault:  # the answer has left; whatever it was, the rows stay in the inbox
            _log.info("webhooks wait for the sweep", rows=rows, fault=type(fault).__name__)
