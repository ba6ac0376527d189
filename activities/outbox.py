"""Sends the e-mails of bookings from the outbox.

A row is written before its workflow knows of the version that it belongs to, and a worker that dies in between loses
that version. So an e-mail is claimed only after the version was seen in the workflow's own history, never after a
time alone.
"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Protocol

import structlog
from temporalio import activity

from activities.emails import EmailActivities
from domain.emails import BookingEmail

BATCH = 50
_AT_ONCE = 10
_ROUND = timedelta(minutes=5)
_SENT_WITHIN = timedelta(seconds=12)
_CLAIM = timedelta(seconds=15)
_BEAT = 2.0
_TRIED_FOR = timedelta(hours=24)
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(seconds=2), timedelta(minutes=10)
_UNKNOWN_AT_MOST = timedelta(seconds=5)

log = structlog.get_logger("worker.outbox")


class Pending(Protocol):
    """An e-mail that waits."""

    @property
    def kind(self) -> str: ...
    @property
    def booking_id(self) -> int: ...
    @property
    def version(self) -> int: ...
    @property
    def slug(self) -> str: ...
    @property
    def attempts(self) -> int: ...
    @property
    def age(self) -> timedelta: ...


class Outbox(Protocol):
    """The e-mails that wait, in their order by booking and person."""

    async def due(self, limit: int) -> Sequence[Any]:
        """What may be worked on now."""

    async def claim(self, email: Any, lasting: timedelta) -> BookingEmail | None:
        """Take it, for so long; None when it is gone or somebody else works on it."""

    async def postpone(self, email: Any, pause: timedelta) -> None:
        """Not before that much later."""

    async def remove(self, email: Any) -> None:
        """It was sent, or is given up."""


class Versions(Protocol):
    """What workflows have in their history."""

    async def message_version(self, kind: str, booking_id: int) -> int | None:
        """Up to which version a booking's e-mails may leave; None when there is no such workflow, or not any more."""


class OutboxActivities:
    """The one sender of bookings' e-mails; ``idle`` is how long it waits when there is nothing to do."""

    def __init__(
        self, outbox: Outbox, versions: Versions, emails: EmailActivities, idle: timedelta = timedelta(seconds=0.5)
    ) -> None:
        self._outbox = outbox
        self._versions = versions
        self._emails = emails
        self._idle = idle.total_seconds()
        self._gate = asyncio.Semaphore(_AT_ONCE)

    @activity.defn
    async def drain_outbox(self) -> int:
        """Send what comes for some minutes; answers how many left. Ends early when the worker is told to stop."""
        loop, sent, alive = asyncio.get_running_loop(), 0, asyncio.create_task(_heartbeats())
        until = loop.time() + _ROUND.total_seconds()
        try:
            while loop.time() < until and not activity.is_worker_shutdown():
                done = await self._drain_batch()
                sent += done
                if not done:
                    await self._rest()
        except asyncio.CancelledError:
            if not activity.is_worker_shutdown():
                raise
        finally:
            alive.cancel()
        return sent

    async def _drain_batch(self) -> int:
        """How many of those that are due now left, or need not leave any more."""
        due = await self._outbox.due(BATCH)
        return sum(await asyncio.gather(*(self._process(email) for email in due)))

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(self._idle):
                await activity.wait_for_worker_shutdown()
        except TimeoutError:
            return

    async def _process(self, email: Pending) -> bool:
        """Whether it left, or need not leave any more."""
        async with self._gate:
            known = await self._versions.message_version(email.kind, email.booking_id)
            if known is None and email.age > _TRIED_FOR:
                log.error(
                    "an e-mail of a workflow that is gone was given up", booking=email.booking_id, slug=email.slug
                )
                await self._outbox.remove(email)
                return True
            if known is None or known < email.version:
                await self._outbox.postpone(email, min(email.age, _UNKNOWN_AT_MOST))
                return False
            content = await self._outbox.claim(email, _CLAIM)
            if content is None:
                return False
            try:
                async with asyncio.timeout(_SENT_WITHIN.total_seconds()):
                    await self._emails.send_booking_email(content)
            except Exception as failure:
                return await self._failed(email, content, failure)
            await self._outbox.remove(email)
            return True

    async def _failed(self, email: Pending, content: BookingEmail, failure: Exception) -> bool:
        if email.age > _TRIED_FOR:
            log.error("an e-mail was given up", email=content.identity, error=f"{type(failure).__name__}: {failure}")
            await self._outbox.remove(email)
            return False
        await self._outbox.postpone(email, min(_FIRST_PAUSE * 2 ** min(email.attempts, 20), _LONGEST_PAUSE))
        return False


async def _heartbeats() -> None:
    """Also while a batch waits for a slow mail server."""
    while True:
        activity.heartbeat()
        await asyncio.sleep(_BEAT)
