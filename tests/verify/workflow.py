"""A workflow that does what a booking does at Temporal, and no more."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from temporalio import activity, workflow

from domain.errors import Conflict


@dataclass(frozen=True)
class Note:
    """What is sent: values that JSON alone does not keep."""

    at: datetime
    amount: Decimal
    words: str


@activity.defn
async def write(note: Note) -> int:
    """A local activity, as the one that writes a booking's rows."""
    return len(note.words)


@workflow.defn
class VerifyWorkflow:
    """Takes notes until it is told to end; the same words twice are refused."""

    @workflow.init
    def __init__(self, first: Note) -> None:
        self._notes = [first]
        self._ends = False

    @workflow.run
    async def run(self, first: Note) -> list[Note]:
        """All notes."""
        await workflow.wait_condition(lambda: self._ends)
        return self._notes

    @workflow.update
    async def note(self, note: Note) -> int:
        """Write it down; answers how many there are."""
        await workflow.execute_local_activity(write, note, start_to_close_timeout=timedelta(seconds=10))
        self._notes.append(note)
        return len(self._notes)

    @note.validator
    def _refuse(self, note: Note) -> None:
        if any(note.words == each.words for each in self._notes):
            raise Conflict("noted already", words=note.words)

    @workflow.signal
    async def end(self) -> None:
        """After a moment, which is a timer."""
        await asyncio.sleep(0.05)
        self._ends = True
