"""Commands of one booking that come at once are sent a few at a time."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar
from weakref import WeakValueDictionary

T = TypeVar("T")

AT_ONCE = 5
"""Temporal takes ten updates of a workflow at a time, and a refusal of the eleventh throws away the task that is under
way for the others; so two processes of the API together stay within it."""


class Turns:
    """Who waits for a turn waits here, within the time that the command has, and costs the server nothing."""

    def __init__(self) -> None:
        self._gates: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    def of(self, workflow_id: str, call: Callable[[], Awaitable[T]]) -> Callable[[], Awaitable[T]]:
        """The call, when fewer than ``AT_ONCE`` of that workflow are under way."""

        async def in_turn() -> T:
            gate = self._gates.get(workflow_id)
            if gate is None:
                gate = self._gates[workflow_id] = asyncio.Semaphore(AT_ONCE)
            async with gate:
                return await call()

        return in_turn
