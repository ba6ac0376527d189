"""Sends the e-mails of bookings from the outbox, and beside them the pushes from theirs.

A row is written before its workflow knows of the version that it belongs to, and a worker that dies in between loses
that version. So an e-mail is claimed only after the version was seen in the workflow's own history, never after a
time alone.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any, Protocol

import structlog
from temporalio import activity

from activities.emails import EmailActivities
from activities.heartbeats import heartbeats
from activities.pushes import PushDrain
from domain.emails import BookingEmail
from domain.pauses import growing_pause

BATCH = 50
_AT_ONCE = 10
_ROUND = timedelta(minutes=5)
_CLAIM = timedelta(seconds=30)
"""Longer than an attempt (``activities.emails.SENT_WITHIN``) and its log take."""
HOLDING = 8
"""Attempts, some four minutes, for which an e-mail holds up the later ones of its booking and person."""
_GIVEN_UP_AFTER = timedelta(hours=24)
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(seconds=2), timedelta(minutes=10)
_LOOK_AGAIN = timedelta(seconds=5)
_RECORDED_WITHIN = timedelta(seconds=0.1)
"""What is younger is not asked about: the server would mostly not know its version yet. As long is a rest between two
batches that were not full, for one question is for all that came meanwhile about a booking."""

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

    async def due(self, limit: int, holding: int) -> Sequence[Any]:
        """What may be worked on now; what was tried ``holding`` times holds up no later ones."""

    async def claim(self, email: Any, lasting: timedelta) -> tuple[BookingEmail, bool] | None:
        """Take it, for so long, and learn whether it was sent before; None when somebody else has it, or it is gone."""

    async def postpone(self, email: Any, pause: timedelta) -> None:
        """Not before that much later."""

    async def remove(self, email: Any) -> None:
        """It was sent before, needs not be sent, or is given up; when it is sent, the log removes it."""


class Versions(Protocol):
    """What workflows have in their history."""

    async def message_version(self, kind: str, booking_id: int) -> int | None:
        """Up to which version a booking's e-mails may leave; None when there is no such workflow, or not any more."""


class _AskedOnce:
    """Those of one batch, whose rows were there before anybody asks: a move tells two people, and one answer is for
    both."""

    def __init__(self, versions: Versions) -> None:
        self._versions = versions
        self._answers: dict[tuple[str, int], asyncio.Task[int | None]] = {}

    async def message_version(self, kind: str, booking_id: int) -> int | None:
        """As ``Versions`` has it."""
        answer = self._answers.get((kind, booking_id))
        if answer is None:
            answer = asyncio.create_task(_asked(self._versions, kind, booking_id))
            self._answers[kind, booking_id] = answer
        return await answer


async def _asked(versions: Versions, kind: str, booking_id: int) -> int | None:
    return await versions.message_version(kind, booking_id)


class OutboxActivities:
    """The one sender of bookings' e-mails and of pushes; ``idle`` is how long it waits when there is nothing to do.

    Neither waits for the other: a mail server that is slow delays no push.
    """

    def __init__(
        self,
        outbox: Outbox,
        versions: Versions,
        emails: EmailActivities,
        idle: timedelta = timedelta(seconds=0.5),
        pushes: PushDrain | None = None,
    ) -> None:
        self._outbox = outbox
        self._versions = versions
        self._emails = emails
        self._idle = idle.total_seconds()
        self._recorded_within = min(_RECORDED_WITHIN, idle)
        self._gate = asyncio.Semaphore(_AT_ONCE)
        drains = [self._drain_batch]
        self._drains = [*drains, pushes.drain_batch] if pushes is not None and pushes.needed else drains

    @activity.defn
    async def drain_outbox(self) -> int:
        """Send what comes for some minutes; answers how many left. Ends early when the worker is told to stop."""
        sent = list[int]()
        until = asyncio.get_running_loop().time() + _ROUND.total_seconds()
        try:
            async with heartbeats(), asyncio.TaskGroup() as draining:
                for drain in self._drains:
                    draining.create_task(self._repeat(drain, until, sent))
        except asyncio.CancelledError:
            if not activity.is_worker_shutdown():
                raise
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from None
        return sum(sent)

    async def _repeat(self, drain: Callable[[], Awaitable[int]], until: float, sent: list[int]) -> None:
        loop = asyncio.get_running_loop()
        while loop.time() < until and not activity.is_worker_shutdown():
            done = await drain()
            sent.append(done)
            if done < BATCH // 2:
                await self._rest(self._recorded_within.total_seconds() if done else self._idle)

    async def _drain_batch(self) -> int:
        """How many of those that are due now left, or need not leave any more."""
        due, versions = await self._outbox.due(BATCH, HOLDING), _AskedOnce(self._versions)
        settled = [email for email in due if email.age >= self._recorded_within]
        return sum(await asyncio.gather(*(self._process(email, versions) for email in settled)))

    async def _rest(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await activity.wait_for_worker_shutdown()
        except TimeoutError:
            return

    async def _process(self, email: Pending, versions: Versions) -> bool:
        """Whether it left, or need not leave any more. What fails with one e-mail concerns no other."""
        async with self._gate:
            try:
                return await self._look_at(email, versions)
            except Exception as failure:
                _say(log.warning, "an e-mail could not be looked at", email, failure)
            with contextlib.suppress(Exception):  # the same database, probably; it comes back when its claim is over
                await self._outbox.postpone(email, _until_next_look(email))
            return False

    async def _look_at(self, email: Pending, versions: Versions) -> bool:
        known = await versions.message_version(email.kind, email.booking_id)
        if known is None or known < email.version:
            await self._unknown(email, known)
            return False
        try:
            claimed = await self._outbox.claim(email, _CLAIM)
            if claimed is None:
                return False
            content, was_sent = claimed
            left = not was_sent and await self._emails.send_from_outbox(content, email.version)
        except Exception as failure:
            await self._failed(email, failure)
            return False
        if not left:
            await self._outbox.remove(email)
        return True

    async def _unknown(self, email: Pending, known: int | None) -> None:
        """Its transition is under way or was lost; a workflow that is gone (``known`` is None) never tells."""
        if known is None and email.age > _GIVEN_UP_AFTER:
            log.error("an e-mail of a workflow that is gone was given up", **_name(email))
            await self._outbox.remove(email)
        else:
            await self._outbox.postpone(email, _until_next_look(email))

    async def _failed(self, email: Pending, failure: Exception) -> None:
        if email.age > _GIVEN_UP_AFTER and email.attempts >= HOLDING:
            _say(log.error, "an e-mail was given up", email, failure)
            await self._outbox.remove(email)
        else:
            _say(log.warning, "an e-mail was not sent", email, failure)
            await self._outbox.postpone(email, growing_pause(_FIRST_PAUSE, _LONGEST_PAUSE, email.attempts))


def _until_next_look(email: Pending) -> timedelta:
    """Short for a new one, whose version is probably being recorded; then longer and longer."""
    return min(email.age, max(_LOOK_AGAIN, email.age / 4), _LONGEST_PAUSE)


def _name(email: Pending) -> dict[str, Any]:
    return {"kind": email.kind, "booking": email.booking_id, "version": email.version, "slug": email.slug}


def _say(tell: Callable[..., Any], event: str, email: Pending, failure: Exception) -> None:
    tell(event, **_name(email), attempts=email.attempts, error=f"{type(failure).__name__}: {failure}")
