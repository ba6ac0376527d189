"""What a process of the API needs, part by part: without PostgreSQL it can do nothing, without any other part less."""

import asyncio
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from sqlalchemy import text

from adapters.resources import Resources
from adapters.temporal.reachability import POLLED_WITHIN, last_poll, must_have_namespace
from workflows.booking.messages import BOOKINGS_QUEUE, PAYMENTS_QUEUE

NEEDED = "postgresql"
ANSWERS_WITHIN = timedelta(seconds=1)
_LOOKS_EVERY = timedelta(seconds=1)
_MAIL_WAITS = timedelta(minutes=10)
_OLDEST_EMAIL = text("SELECT min(created_at) FROM outbox WHERE attempts > 0 OR next_at <= now()")


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


class Readiness:
    """Asks all parts at once, at most once a second however often somebody wants to know."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources
        self._known: dict[str, PartState] = {}
        self._looked_at = datetime.min.replace(tzinfo=UTC)
        self._looking = asyncio.Lock()

    async def look(self) -> Mapping[str, PartState]:
        """Every part by its name."""
        async with self._looking:
            if datetime.now(UTC) - self._looked_at >= _LOOKS_EVERY:
                checks = self._checks()
                found = await asyncio.gather(*(_state(check) for check in checks.values()))
                self._known = {name: self._since(name, *each) for name, each in zip(checks, found, strict=True)}
                self._looked_at = datetime.now(UTC)
            return self._known

    def _checks(self) -> dict[str, Awaitable[None]]:
        client = self._resources.temporal
        return {
            NEEDED: self._resources.ping_rows(),
            "mongodb": self._resources.mongo.ping(),
            "temporal": must_have_namespace(client),
            "workflows": self._must_be_polled(BOOKINGS_QUEUE, "workflows"),
            "activities": self._must_be_polled(PAYMENTS_QUEUE, "activities"),
            "mail": self._emails_must_leave(),
        }

    async def _must_be_polled(self, queue: str, role: str) -> None:
        asked = await last_poll(self._resources.temporal, queue, of_workflows=True)
        if asked is None:
            raise Degraded(f"no worker of the role {role} asks for work")
        if datetime.now(UTC) - asked > POLLED_WITHIN:
            raise Degraded(f"no worker of the role {role} has asked for work since {asked:%Y-%m-%d %H:%M:%S} UTC")

    async def _emails_must_leave(self) -> None:
        async with self._resources.database.read.connect() as connection:
            oldest = (await connection.execute(_OLDEST_EMAIL)).scalar()
        if oldest is not None and datetime.now(UTC) - oldest > _MAIL_WAITS:
            raise Degraded(f"an e-mail has waited since {oldest:%Y-%m-%d %H:%M} UTC")

    def _since(self, name: str, state: State, reason: str | None) -> PartState:
        before = self._known.get(name)
        since = before.since if before is not None and before.state is state else datetime.now(UTC)
        return PartState(state, reason, since)


async def _state(check: Awaitable[None]) -> tuple[State, str | None]:
    try:
        await asyncio.wait_for(check, ANSWERS_WITHIN.total_seconds())
    except (Degraded, LookupError) as told:
        return State.DEGRADED, str(told)
    except TimeoutError:
        return State.DOWN, f"it does not answer within {ANSWERS_WITHIN.total_seconds():g} s"
    except Exception as fault:
        return State.DOWN, f"it does not answer ({type(fault).__name__})"
    return State.OK, None
