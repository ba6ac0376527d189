"""Commands of one booking that come at once are sent a few at a time."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar
from weakref import WeakValueDictionary

from domain.errors import TooMany

T = TypeVar("T")

AT_ONCE = 5
"""Temporal takes ten updates of a workflow at a time, and a refusal of the eleventh throws away the task that is under
way for the others; so two processes of the API together stay within it."""
WAITING = 50
"""More than people ask of one booking; each holds a request and what it has sent."""
_COME_BACK = 5


class _Gate:
    def __init__(self) -> None:
        self.turns = asyncio.Semaphore(AT_ONCE)
        self.inside = 0


class Turns:
    """Who waits for a turn waits here, within the time that the command has, and costs the server nothing."""

    def __init__(self) -> None:
        self._gates: WeakValueDictionary[str, _Gate] = WeakValueDictionary()

    def of(self, workflow_id: str, call: Callable[[], Awaitable[T]]) -> Callable[[], Awaitable[T]]:
        """The call, when fewer than ``AT_ONCE`` of that workflow are under way; it raises ``TooMany`` when ``WAITING``
        others wait already."""

        async def in_turn() -> T:
            gate = self._gates.get(workflow_id)
            if gate is None:
                gate = self._gates[workflow_id] = _Gate()
            if gate.inside >= AT_ONCE + WAITING:
                raise TooMany("too many commands for this booking wait; try again shortly", retry_after=_COME_BACK)
            gate.inside += 1
            try:
                async with gate.turns:
                    return await call()
            finally:
                gate.inside -= 1

        return in_turn
