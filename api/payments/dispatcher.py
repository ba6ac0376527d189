"""Signals about webhooks: the first about a subject is sent at once, those that come meanwhile are sent as one.

A provider that repeats a webhook four times a second must not wake a booking four times a second: a signal carries no
facts, and the workflow that it wakes fetches all of them. For the same reason what came meanwhile is often no news any
more: of a payment the provider sends three webhooks at once. What a crash leaves unsent is sent by the worker's sweep.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from typing import Protocol

import structlog

Tell = Callable[[], Awaitable[bool]]

PAUSE = 1.0
"""Seconds between two signals about the same thing; less than the age from which the sweep repeats them."""
MOST_AT_ONCE = 16

_log = structlog.get_logger()


@dataclass(slots=True)
class _Pending:
    """The signal to send next, and the rows of the inbox that it is about."""

    tell: Tell
    rows: list[int] = field(default_factory=list)


class Inbox(Protocol):
    """Where the rows are."""

    async def delivered(self, row_ids: list[int]) -> None:
        """Their signal was sent."""

    async def still_news(self, row_ids: list[int]) -> list[int]:
        """Those of them that tell more than is recorded; of the others it is noted that nobody has to hear."""


class WebhookDispatcher:
    """Sends signals, and marks the rows whose signal was sent."""

    def __init__(self, inbox: Inbox, pause: float = PAUSE) -> None:
        self._inbox = inbox
        self._pause = pause
        self._pending: dict[Hashable, _Pending] = {}
        self._slots = asyncio.Semaphore(MOST_AT_ONCE)
        self._running: set[asyncio.Task[None]] = set()

    def take(self, subject: Hashable, row: int, tell: Tell) -> None:
        """Send a signal soon; ``tell`` sends it and answers whether a workflow took it."""
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
        pending, first = self._pending[subject], True
        try:
            while pending.rows:
                rows, pending.rows = pending.rows, []
                async with self._slots:
                    await self._tell(pending.tell, rows, first=first)
                first = False
                await asyncio.sleep(self._pause)
        finally:
            del self._pending[subject]

    async def _tell(self, tell: Tell, rows: list[int], *, first: bool) -> None:
        try:
            news = rows if first else await self._inbox.still_news(rows)
            if news and await tell():
                await self._inbox.delivered(news)
        except Exception as fault:  # the answer has left; whatever it was, the rows stay in the inbox
            _log.info("webhooks wait for the sweep", rows=rows, fault=type(fault).__name__)
