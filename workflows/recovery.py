"""Recovery of bookings whose workflow is gone: one workflow for all of them.

It looks every few seconds, and at once for a booking that a customer asks something of. What it finds is started again
from its rows, within the bounds of ``domain.recovery``.
"""

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.workflow_checks import RestartOrder, WorkflowCheck, WorkflowCheckActivities
from domain.errors import BookingError, Conflict
from domain.recovery import BookingRef, RecoveryState, RestartOutcome
from workflows import options

RECOVERY_ID = "booking-recovery"

LOOK_EVERY = timedelta(seconds=20)
"""A lost workflow is found within a minute, also when one look fails; a look that finds nothing costs two queries."""

COMPARE_EVERY = timedelta(minutes=30)
"""So often rows and workflows are compared one by one although their numbers agree: two errors may hide each other."""

FIRST_LOOK = timedelta(hours=1)
"""How far back the first look of all goes; what ended before is found by the counts."""

_LOOKS = 150
"""Looks of one run, some 1,500 events."""


@dataclass(slots=True)
class RecoveryRun:
    """What the next run takes over. ``every``: how often it looks."""

    every: timedelta = LOOK_EVERY
    state: RecoveryState = field(default_factory=RecoveryState)
    compared_at: datetime | None = None


@workflow.defn(failure_exception_types=[BookingError])
class BookingRecoveryWorkflow:
    """Finds bookings without a workflow and starts it again."""

    @workflow.init
    def __init__(self, run: RecoveryRun | None = None) -> None:
        self._run = run or RecoveryRun()
        self._state = self._run.state
        self._asked: dict[BookingRef, None] = {}
        self._look_now = True

    @workflow.run
    async def run(self, run: RecoveryRun | None = None) -> None:
        for _ in range(_LOOKS):
            await self._look()
            await self._wait_until(workflow.now() + self._run.every)
            if workflow.info().is_continue_as_new_suggested():
                break
        await workflow.wait_condition(workflow.all_handlers_finished)
        workflow.continue_as_new(self._run)

    @workflow.signal(description="A command met no workflow of that booking: start it again now.")
    def booking_missing(self, booking: BookingRef) -> None:
        self._asked[booking] = None

    @workflow.update(description="Operator: start the workflow of a booking again, also one whose tasks fail.")
    async def restart(self, booking: BookingRef, asked_by: str) -> str:
        outcome = await self._restarted(RestartOrder(booking, asked_by))
        if outcome is not RestartOutcome.RESTARTED:
            raise Conflict(f"booking {booking.booking_id} is not started again: {_WHY_NOT[outcome]}")
        return outcome

    @restart.validator
    def _validate_restart(self, booking: BookingRef, asked_by: str) -> None:
        """Refuses nothing that fits."""

    @workflow.update(description="Operator: so many are missing rightly; start them again.")
    async def go_on(self) -> None:
        self._state.go_on()
        await self._announce(0)
        self._look_now = True

    @go_on.validator
    def _validate_go_on(self) -> None:
        if not self._state.stopped:
            raise Conflict("the recovery was not stopped")

    @workflow.query(description="What it remembers: what was started again within the last hour, whether it stopped.")
    def state(self) -> RecoveryState:
        return self._state

    async def _look(self) -> None:
        self._look_now = False
        since, now = self._state.since, workflow.now()
        compare = self._run.compared_at is None or now - self._run.compared_at >= COMPARE_EVERY
        found = await workflow.execute_activity_method(
            WorkflowCheckActivities.check_workflows,
            WorkflowCheck(since or now - FIRST_LOOK, self._state.explained, compare),
            summary="compare rows and workflows" if compare else "look for missing workflows",
            **options.AUDIT,
        )
        self._state.since, self._state.failing, self._state.explained = now, found.failing, found.explained
        if compare:
            self._run.compared_at = now
        if self._state.note_missing(len(found.missing)):
            await self._announce(len(found.missing))
        await self._restart_some(found.missing)

    async def _wait_until(self, moment: datetime) -> None:
        while workflow.now() < moment and not self._look_now:
            with suppress(TimeoutError):
                await workflow.wait_condition(
                    lambda: bool(self._asked) or self._look_now,
                    timeout=moment - workflow.now(),
                    timeout_summary="until the next look",
                )
            asked, self._asked = list(self._asked), {}
            await self._restart_some(asked)

    async def _restart_some(self, wanted: list[BookingRef]) -> None:
        """Those that the bounds allow now; the others are found again by the next look."""
        for booking in self._state.allowed(wanted, workflow.now()):
            try:
                outcome = await self._restarted(RestartOrder(booking))
            except (ActivityError, BookingError) as failure:
                self._state.note_restart(booking, workflow.now())
                workflow.logger.error("booking %s could not be started again: %s", booking.booking_id, failure)
                continue
            if outcome is RestartOutcome.NOBODY_POLLS:
                return

    async def _restarted(self, order: RestartOrder) -> RestartOutcome:
        try:
            outcome = await workflow.execute_activity_method(
                WorkflowCheckActivities.restart_workflow,
                order,
                summary=f"start booking {order.booking.booking_id} again",
                **options.RESTART,
            )
        except ActivityError as failure:
            if isinstance(failure.cause, BookingError):
                raise failure.cause from None
            raise
        if outcome is RestartOutcome.RESTARTED:
            self._state.note_restart(order.booking, workflow.now())
        return outcome

    async def _announce(self, missing: int) -> None:
        await workflow.execute_activity_method(
            WorkflowCheckActivities.announce_recovery,
            args=[self._state.stopped, missing],
            summary="stopped: too many are missing" if self._state.stopped else "goes on",
            **options.MAINTENANCE_LOOKUP,
        )


_WHY_NOT = {
    RestartOutcome.RUNS: "its workflow runs, and its tasks do not fail",
    RestartOutcome.SETTLED: "it is closed",
    RestartOutcome.COMPLETE: "its workflow is complete",
    RestartOutcome.NOBODY_POLLS: "no worker polls",
}
