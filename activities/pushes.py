"""Sends pushes from their outbox, to every device of the person: at least once, and to none that has it already.

As with e-mails, one that a move has written leaves only when the version is in the workflow's own history.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import groupby
from typing import Any, Protocol

import structlog

from domain.errors import Invalid
from domain.pauses import growing_pause
from domain.pushes import Device, Fate, Outcome, Push, later

BATCH = 50
_AT_ONCE = 10
_CLAIM = timedelta(seconds=30)
SENT_WITHIN = timedelta(seconds=20)
"""For all devices of a person at once; less than a claim lasts."""
_GIVEN_UP_AFTER = timedelta(hours=24)
"""As long as a device that is off gets it: what is older tells nothing new."""
_FIRST_PAUSE, _LONGEST_PAUSE, _LONGEST_LOOK = timedelta(seconds=2), timedelta(minutes=10), timedelta(seconds=60)

log = structlog.get_logger("worker.pushes")


class PushSender(Protocol):
    """A push service."""

    async def send(self, device: Device, push: Push) -> Outcome:
        """Have a device show a push.

        Raises:
            Invalid: no device would be shown that.
        """


class WaitingPush(Protocol):
    """A push that waits."""

    @property
    def kind(self) -> str: ...
    @property
    def notification_id(self) -> int: ...
    @property
    def person_id(self) -> str: ...
    @property
    def booking_id(self) -> int | None: ...
    @property
    def version(self) -> int | None: ...
    @property
    def attempts(self) -> int: ...
    @property
    def age(self) -> timedelta: ...


class PushOutbox(Protocol):
    """The pushes that wait."""

    async def due(self, limit: int) -> Sequence[Any]:
        """What may be worked on now, the longest waiting first."""

    async def claim(self, waiting: Any, lasting: timedelta) -> tuple[Push, Sequence[int]] | None:
        """Take it, for so long, and learn which devices have it; None when somebody else has it, or it is gone."""

    async def told(self, waiting: Any, device: Device) -> None:
        """That device has it."""

    async def postpone(self, waiting: Any, pause: timedelta) -> None:
        """Not before that much later."""

    async def remove(self, waiting: Any) -> None:
        """Every device has it, nobody is to have it, or it is given up."""


class Devices(Protocol):
    """The devices of a kind's people."""

    async def devices(self, person_id: str, push: Push) -> Sequence[Device]:
        """Where that person is to be shown it."""

    async def forget(self, device: Device) -> None:
        """Its token is nobody's any more."""


class Versions(Protocol):
    """What workflows have in their history."""

    async def message_version(self, kind: str, booking_id: int) -> int | None:
        """Up to which version a booking's messages may leave; None when there is no such workflow."""


class PushDrain:
    """The one sender of pushes; ``devices`` are those of each kind that has any. Without a ``sender`` none leaves."""

    def __init__(
        self, outbox: PushOutbox, versions: Versions, devices: Mapping[str, Devices], sender: PushSender | None
    ) -> None:
        self._outbox = outbox
        self._versions = versions
        self._devices = devices
        self._sender = sender
        self._gate = asyncio.Semaphore(_AT_ONCE)
        self._said = False

    @property
    def needed(self) -> bool:
        """Whether any kind tells its people something on their devices."""
        return bool(self._devices)

    async def drain_batch(self) -> int:
        """How many of those that are due now left, or need not leave any more. A person gets theirs in their order."""
        due = sorted(await self._outbox.due(BATCH), key=lambda each: (each.kind, each.person_id, each.notification_id))
        people = [list(theirs) for _, theirs in groupby(due, key=lambda each: (each.kind, each.person_id))]
        return sum(await asyncio.gather(*(self._in_order(theirs) for theirs in people)))

    async def _in_order(self, theirs: Sequence[WaitingPush]) -> int:
        async with self._gate:
            return sum([await self._process(waiting) for waiting in theirs])

    async def _process(self, waiting: WaitingPush) -> bool:
        """Whether it left, or need not leave any more. What fails with one concerns no other."""
        try:
            return await self._look_at(waiting)
        except Exception as failure:
            log.warning("a push could not be looked at", **_name(waiting), error=f"{type(failure).__name__}: {failure}")
            return False  # it comes back when its claim is over, or at once

    async def _look_at(self, waiting: WaitingPush) -> bool:
        if waiting.booking_id is not None and waiting.version is not None:
            known = await self._versions.message_version(waiting.kind, waiting.booking_id)
            if known is None or known < waiting.version:
                await self._not_yet(waiting, "its version is not known")
                return False
        claimed = await self._outbox.claim(waiting, _CLAIM)
        if claimed is None:
            return False
        push, told = claimed
        async with asyncio.timeout(SENT_WITHIN.total_seconds()):
            outcomes = await self._sent(waiting, push, set(told))
        if not (postponed := [each for each in outcomes if each.fate is Fate.LATER]):
            await self._outbox.remove(waiting)
            return True
        worst = max(postponed, key=lambda each: (each.attention, each.seconds))
        (log.error if worst.attention else log.info)("a push is tried later", **_name(waiting), why=worst.why)
        await self._not_yet(waiting, worst.why, timedelta(seconds=worst.seconds))
        return False

    async def _sent(self, waiting: WaitingPush, push: Push, told: set[int]) -> list[Outcome]:
        devices = self._devices.get(waiting.kind)
        if self._sender is None or devices is None:
            if not self._said:
                log.warning("no push is sent: FCM_CREDENTIALS is not set")
                self._said = True
            return []
        wanted = [each for each in await devices.devices(waiting.person_id, push) if each.id not in told]
        return list(await asyncio.gather(*(self._to(waiting, devices, each, push, self._sender) for each in wanted)))

    async def _to(
        self, waiting: WaitingPush, devices: Devices, device: Device, push: Push, sender: PushSender
    ) -> Outcome:
        """One device; what it fails with is no reason to send it to the others again."""
        try:
            outcome = await sender.send(device, push)
        except Invalid as refused:
            log.error("a push was given up", **_name(waiting), error=refused.detail)
            return Outcome(Fate.GONE)
        except Exception as failure:
            pause = growing_pause(_FIRST_PAUSE, _LONGEST_PAUSE, waiting.attempts)
            return later(pause.total_seconds(), f"{type(failure).__name__}: {failure}"[:300])
        if outcome.fate is Fate.SENT:
            await self._outbox.told(waiting, device)
        elif outcome.fate is Fate.GONE:
            await devices.forget(device)
        return outcome

    async def _not_yet(self, waiting: WaitingPush, why: str, pause: timedelta | None = None) -> None:
        if waiting.age > _GIVEN_UP_AFTER:
            log.error("a push was given up", **_name(waiting), why=why)
            await self._outbox.remove(waiting)
        else:
            await self._outbox.postpone(waiting, pause if pause is not None else min(waiting.age, _LONGEST_LOOK))


def _name(waiting: WaitingPush) -> dict[str, Any]:
    named = {"kind": waiting.kind, "notification": waiting.notification_id, "booking": waiting.booking_id}
    return named | {"attempts": waiting.attempts}
