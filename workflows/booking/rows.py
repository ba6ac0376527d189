"""The state of a workflow compared with its rows, by whoever has read a version there that the workflow does not have.

A worker that dies between the commit and Temporal's record of it leaves rows that are one version ahead: the transition
is made again, or another one takes its place. Rows that stay ahead belong to a younger workflow than this one: Temporal
was restored from an older copy. People and the provider have acted on the rows, so they hold (docs/decisions/0024).
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from temporalio import workflow

from domain.commands import Command, Repair
from domain.kind import B
from workflows.booking.base import BookingBase, StateReplaced
from workflows.booking.messages import Start
from workflows.booking.rechecks import VainReports

CATCHING_UP = timedelta(seconds=5)

ROWS_HOLD = "2026-11-rows-hold"
"""Workflows of release 0.2.0 did not read the rows here."""

_UNKNOWN = "2026-11-unknown-is-looked-up"
"""Workflows of release 0.3.0 dropped a report about what they did not know."""


class RowsHandling(BookingBase[B]):
    """Rows that are ahead."""

    def __init__(self, start: Start[B]) -> None:
        super().__init__(start)
        self._projection_version = 0
        self._unknown = VainReports(start.unknown)

    def carried_over(self) -> Start[B]:
        """The start of the next run."""
        return replace(super().carried_over(), unknown=self._unknown.carried_over())

    def note_projection_version(self, version: int) -> None:
        """The projection check has read this version in the rows."""
        self._projection_version = version

    def rows_are_ahead(self) -> bool:
        """The projection check has found that."""
        return self._projection_version > self.booking.version

    async def catch_up(self, command: Command) -> None:
        """Wait for the version that the client read; briefly, for a transition that was lost never comes.

        If the rows have it all the same, the workflow goes on from them.
        """
        if not self.is_behind(command):
            return
        with suppress(TimeoutError):
            await workflow.wait_condition(
                lambda: not self.is_behind(command), timeout=CATCHING_UP, timeout_summary="catch up with the rows"
            )
        if self.is_behind(command) and workflow.patched(ROWS_HOLD):
            async with self._lock:
                await self._compare_with_rows()

    async def looked_up(self, subject: str, known: Callable[[], bool]) -> bool:
        """Whether the booking knows the order or refund that a report names, by ``known``.

        Whoever reports it has read it in the rows, so a workflow that does not know it may be behind. One that is not
        in the rows either is looked for ever less often, however often it is reported: rows are a whole state.
        """
        if known() or not workflow.patched(_UNKNOWN):
            return known()
        async with self._lock:
            if not known() and self._unknown.next_look(subject, workflow.now()) is None:
                await self._compare_with_rows()
                self._unknown.looked(subject, workflow.now(), news=known())
        return known()

    async def transition_again(self, command: Callable[[], Command | None]) -> None:
        """Transition with what ``command`` answers, if anything; it is asked again when the state was replaced."""
        while (wanted := command()) is not None:
            try:
                await self.transition(wanted)
            except StateReplaced:
                continue
            return

    async def repair_projection(self) -> None:
        """Go on from rows that stay ahead: nobody has made again what a worker that died, or an older copy, has lost.

        A workflow of release 0.2.0 has overwritten them.
        """
        async with self._lock:
            if self.rows_are_ahead():
                if workflow.patched(ROWS_HOLD):
                    await self._compare_with_rows()
                else:
                    await self.transition(Repair())
        self._projection_version = 0

    async def _compare_with_rows(self) -> None:
        rows = await self.load_rows()
        if rows.version > self.booking.version:
            await self.go_on_from(rows)
