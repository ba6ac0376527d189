"""How the parts are that a process works with: asked for by whoever wants to know, and said while one is away."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import structlog

ANSWERS_WITHIN = timedelta(seconds=1)
SAID_EVERY = timedelta(minutes=1)
_LOOKS_EVERY = timedelta(seconds=1)

log = structlog.get_logger("parts")

Check = Callable[[], Awaitable[None]]
"""Nothing, if the part does what it is for; ``Degraded`` or any other exception says that it does not."""


class State(StrEnum):
    """``degraded``: it answers, and does not do its part."""

    OK = "ok"
    DEGRADED = "degraded"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class PartState:
    """How a part is, why, and since when, as this process has seen it."""

    state: State
    reason: str | None
    since: datetime


class Degraded(Exception):
    """The part answers, and something about it is not as it should be."""


class Parts:
    """Asks all parts at once, at most once a second however often somebody wants to know."""

    def __init__(self, checks: Mapping[str, Check]) -> None:
        self._checks = checks
        self._known: dict[str, PartState] = {}
        self._looked_at = datetime.min.replace(tzinfo=UTC)
        self._looking = asyncio.Lock()

    async def look(self) -> Mapping[str, PartState]:
        """Every part by its name."""
        async with self._looking:
            if datetime.now(UTC) - self._looked_at >= _LOOKS_EVERY:
                found = await asyncio.gather(*(_state(check) for check in self._checks.values()))
                self._known = {name: self._since(name, *each) for name, each in zip(self._checks, found, strict=True)}
                self._looked_at = datetime.now(UTC)
            return self._known

    async def watch(self, every: timedelta = SAID_EVERY) -> None:
        """Until cancelled, say every minute what does not do its part, and once that all do again."""
        away = False
        while True:
            faulty = {name: part for name, part in (await self.look()).items() if part.state is not State.OK}
            for name, part in faulty.items():
                since = f"{part.since:%Y-%m-%d %H:%M:%S} UTC"
                log.warning("a part is not as it should be", part=name, state=part.state, why=part.reason, since=since)
            if away and not faulty:
                log.info("all parts are as they should be")
            away = bool(faulty)
            await asyncio.sleep(every.total_seconds())

    def _since(self, name: str, state: State, reason: str | None) -> PartState:
        before = self._known.get(name)
        since = before.since if before is not None and before.state is state else datetime.now(UTC)
        return PartState(state, reason, since)


async def _state(check: Check) -> tuple[State, str | None]:
    try:
        await asyncio.wait_for(check(), ANSWERS_WITHIN.total_seconds())
    except (Degraded, LookupError) as told:
        return State.DEGRADED, str(told)
    except TimeoutError:
        return State.DOWN, f"it does not answer within {ANSWERS_WITHIN.total_seconds():g} s"
    except Exception as fault:
        return State.DOWN, f"it does not answer ({type(fault).__name__})"
    return State.OK, None
