"""Open bookings without a running workflow, and workflows whose tasks fail: found, shown, started again."""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from temporalio import activity

from activities.heartbeats import heartbeats
from domain.booking import Booking
from domain.closing import is_settled
from domain.errors import NotFound
from domain.kind import BookingKind
from domain.recovery import BookingRef, Problem, RestartOutcome, Standing, WorkflowProblem

OVERLAP = timedelta(minutes=2)
"""Temporal's search index is written after a run has ended: each look goes further back than to the last one."""

DESCRIBED_AT_MOST = 500
"""So many candidates of a kind are described one by one in a look: an empty index makes all of them suspects."""

_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class WorkflowCheck:
    """What to look at. ``since``: runs that closed since then. ``explained``: by kind, by how much the rows are more
    than the running workflows although none is missing. ``compare``: one by one, also where they are as many."""

    since: datetime
    explained: dict[str, int] = field(default_factory=dict)
    compare: bool = False


@dataclass(frozen=True, slots=True)
class WorkflowCheckResult:
    """What was found. ``missing``: bookings to be started again, the oldest first."""

    missing: list[BookingRef]
    explained: dict[str, int]
    failing: int = 0


@dataclass(frozen=True, slots=True)
class RestartOrder:
    """A workflow to start again. ``asked_by``: the operator who wants it by hand, also if it runs but fails."""

    booking: BookingRef
    asked_by: str | None = None


class OpenBookings(Protocol):
    """The rows of one kind that should have a running workflow: those that are not settled."""

    async def count_unsettled(self) -> int:
        """How many there are."""

    async def unsettled(self, among: Collection[int] | None = None) -> list[int]:
        """Their ids, or those among these."""

    async def load(self, booking_id: int) -> Booking:
        """The state of one."""


class Executions(Protocol):
    """Workflows as Temporal has them. Numbers and lists come from its search index, which may lag."""

    async def polled(self) -> bool:
        """Whether a worker asks for tasks of bookings."""

    async def count_running(self, kind: BookingKind[Any]) -> int:
        """How many bookings of that kind have a running workflow."""

    def running(self, kind: BookingKind[Any]) -> AsyncIterator[int]:
        """Their ids."""

    async def ended(self, kind: BookingKind[Any], since: datetime, limit: int) -> list[int]:
        """Bookings whose workflow was terminated, cancelled, failed or timed out since then."""

    async def failing(self, kinds: Iterable[BookingKind[Any]], limit: int) -> tuple[int, list[WorkflowProblem]]:
        """How many workflows have failing tasks, and the bookings that some of them belong to."""

    async def standing(self, booking: BookingRef) -> Standing:
        """How one workflow stands now, not by the index."""

    async def restart(self, kind: BookingKind[Any], booking: Any, why: str, *, terminate: bool) -> bool:
        """Start it from this state. False: it runs, and ``terminate`` does not allow to end it."""


class Problems(Protocol):
    """What is known of workflows that do not work, for those who look at bookings."""

    async def of_kind(self, kind: str) -> list[int]:
        """Bookings whose workflow was missing or complete at the last look."""

    async def replace(self, problems: Sequence[WorkflowProblem], failing: int, *, polled: bool) -> None:
        """The result of a look takes the place of the one before. ``failing``: how many fail in all."""

    async def solved(self, booking: BookingRef) -> None:
        """That one was started again."""

    async def stopped(self, stopped: bool) -> None:
        """Whether the recovery has stopped because too many were missing."""


class WorkflowCheckActivities:
    """Looks, and starts again. ``kinds`` and ``rows`` are by the name of the kind."""

    def __init__(
        self,
        kinds: Mapping[str, BookingKind[Any]],
        rows: Mapping[str, OpenBookings],
        executions: Executions,
        problems: Problems,
    ) -> None:
        self._kinds = kinds
        self._rows = rows
        self._executions = executions
        self._problems = problems

    @activity.defn
    async def check_workflows(self, check: WorkflowCheck) -> WorkflowCheckResult:
        """Find what is missing and what fails. Nothing is started or ended by that."""
        explained: dict[str, int] = {}
        found: list[WorkflowProblem] = []
        async with heartbeats() as tell:
            for name in self._kinds:
                tell(name)
                problems, difference = await self._check(name, check)
                found += problems
                if difference is not None:
                    explained[name] = difference
            failing, fail = await self._executions.failing(self._kinds.values(), DESCRIBED_AT_MOST)
            await self._problems.replace([*found, *fail], failing, polled=await self._executions.polled())
        missing = [each.booking for each in found if each.problem is Problem.MISSING]
        return WorkflowCheckResult(missing, explained, failing)

    @activity.defn
    async def restart_workflow(self, order: RestartOrder) -> RestartOutcome:
        """Start one again from its rows. What runs is ended only by hand, and only if its tasks fail."""
        ref, by_hand = order.booking, order.asked_by is not None
        if ref.kind not in self._kinds:
            raise NotFound(f"there is no kind {ref.kind}")
        standing = await self._executions.standing(ref)
        if standing.runs and not (by_hand and standing.fails):
            return RestartOutcome.RUNS
        kind, booking = self._kinds[ref.kind], await self._rows[ref.kind].load(ref.booking_id)
        if is_settled(kind, booking):
            return RestartOutcome.SETTLED
        problem = standing.problem(ref)
        if not by_hand and problem is not None and problem.problem is Problem.ENDED:
            return RestartOutcome.COMPLETE
        if not by_hand and not await self._executions.polled():
            return RestartOutcome.NOBODY_POLLS
        why = problem.detail if problem else "its workflow could not go on"
        why = f"{why}, and {order.asked_by} wants it started" if by_hand else why
        if not await self._executions.restart(kind, booking, why, terminate=by_hand and standing.runs):
            return RestartOutcome.RUNS
        activity.logger.error("booking %s: %s; it is started again from its rows", ref.booking_id, why)
        await self._problems.solved(ref)
        return RestartOutcome.RESTARTED

    @activity.defn
    async def announce_recovery(self, stopped: bool, missing: int) -> None:
        """Tell operators that nothing is started again any more, or that it goes on."""
        if stopped:
            activity.logger.error(
                "%s bookings have no workflow: nothing is started again until an operator says so"
                " (docs/runbook-recovery.md)",
                missing,
            )
        await self._problems.stopped(stopped)

    async def _check(self, name: str, check: WorkflowCheck) -> tuple[list[WorkflowProblem], int | None]:
        """The problems of a kind, and the difference of the numbers that a comparison has explained.

        The rows are counted before the workflows: a booking's workflow runs before its row is there. So more workflows
        than rows, of bookings that are being opened or have just closed, are no reason to compare.
        """
        kind, rows, since = self._kinds[name], self._rows[name], check.since - OVERLAP
        suspects = {*await self._executions.ended(kind, since, DESCRIBED_AT_MOST), *await self._problems.of_kind(name)}
        difference = await rows.count_unsettled() - await self._executions.count_running(kind)
        explained = check.explained.get(name, 0)
        compared = check.compare or difference > explained
        if compared:
            opened = await rows.unsettled()
            running = {each async for each in self._executions.running(kind)}
            suspects.update(each for each in opened if each not in running)
        some = sorted(suspects)[:DESCRIBED_AT_MOST]
        if len(some) < len(suspects):
            activity.logger.warning("%s: %s open rows without a running workflow in the index", name, len(suspects))
            return await self._verified(name, some), None
        known = difference if compared else min(explained, max(difference, 0))
        return await self._verified(name, some), known

    async def _verified(self, name: str, suspects: Sequence[int]) -> list[WorkflowProblem]:
        found: dict[int, WorkflowProblem] = {}
        for start in range(0, len(suspects), _AT_ONCE):
            refs = [BookingRef(name, each) for each in suspects[start : start + _AT_ONCE]]
            standings = await asyncio.gather(*(self._executions.standing(each) for each in refs))
            for ref, standing in zip(refs, standings, strict=True):
                if (problem := standing.problem(ref)) is not None:
                    found[ref.booking_id] = problem
        # What has closed meanwhile has rightly no workflow.
        return [found[each] for each in await self._rows[name].unsettled(found)] if found else []
