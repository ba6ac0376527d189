"""Booking workflows as Temporal lists, describes and starts them. Lists come from its search index, which may lag."""

from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.common import SearchAttributeKey, WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from adapters.temporal.activity_log import booking_of
from adapters.temporal.reachability import POLLED_WITHIN, last_poll
from adapters.temporal.signals import WorkflowNaming
from domain.booking import Booking
from domain.kind import BookingKind
from domain.recovery import BookingRef, Problem, Standing, WorkflowProblem

FAILING_ATTEMPT = 3
"""From this attempt of one workflow task on, the server takes no update for it: its tasks fail."""

_PROBLEMS = SearchAttributeKey.for_keyword_list("TemporalReportedProblems")
_FAILING = f"{_PROBLEMS.name} IS NOT NULL AND ExecutionStatus = 'Running'"
_ENDED_BADLY = "ExecutionStatus IN ('Terminated', 'Canceled', 'Failed', 'TimedOut')"
_PAGE = 1000


class WorkflowExecutions:
    """The workflows of bookings. ``polled_within``: how recently a worker must have polled."""

    def __init__(self, client: Client, names: WorkflowNaming, polled_within: timedelta = POLLED_WITHIN) -> None:
        self._client = client
        self._names = names
        self._polled_within = polled_within

    async def polled(self) -> bool:
        """Whether a worker asks for workflow tasks of bookings."""
        asked = await last_poll(self._client, self._names.booking_queue, of_workflows=True)
        return asked is not None and asked >= datetime.now(UTC) - self._polled_within

    async def count_running(self, kind: BookingKind[Any]) -> int:
        """How many workflows of that kind run."""
        return (await self._client.count_workflows(_running(kind))).count

    async def running(self, kind: BookingKind[Any]) -> AsyncIterator[int]:
        """The bookings whose workflow runs."""
        async for each in self._client.list_workflows(_running(kind), page_size=_PAGE):
            if (booking_id := booking_of(each.id)) is not None:
                yield booking_id

    async def ended(self, kind: BookingKind[Any], since: datetime, limit: int) -> list[int]:
        """Bookings with a run that was terminated, cancelled, failed or timed out since then; some started again."""
        closed = f"{_type(kind)} AND {_ENDED_BADLY} AND CloseTime > '{since.isoformat()}'"
        listed = self._client.list_workflows(closed, page_size=min(limit, _PAGE), limit=limit)
        ids = [booking_of(each.id) async for each in listed]
        return [each for each in ids if each is not None]

    async def failing(self, kinds: Iterable[BookingKind[Any]], limit: int) -> tuple[int, list[WorkflowProblem]]:
        """How many workflows of any type have failing tasks, and the bookings that some of them belong to."""
        number = (await self._client.count_workflows(_FAILING)).count
        if not number:
            return 0, []
        by_type = {kind.workflow: kind.name for kind in kinds}
        found = {}
        async for each in self._client.list_workflows(_FAILING, page_size=min(limit, _PAGE), limit=limit):
            booking_id, kind = booking_of(each.id), by_type.get(each.workflow_type)
            if booking_id is not None and kind is not None:
                causes = ", ".join(each.typed_search_attributes.get(_PROBLEMS) or ())
                detail = f"the tasks of its workflow fail: {causes}"
                found[booking_id] = WorkflowProblem(BookingRef(kind, booking_id), Problem.FAILING, detail)
        return number, list(found.values())

    async def standing(self, booking: BookingRef) -> Standing:
        """How the newest run of a booking stands, told by the server itself and not by the index."""
        handle = self._client.get_workflow_handle(self._names.booking(booking.kind, booking.booking_id))
        try:
            described = await handle.describe()
        except RPCError as refused:
            if refused.status is not RPCStatusCode.NOT_FOUND:
                raise
            return Standing(runs=False)
        if described.status is not WorkflowExecutionStatus.RUNNING:
            ended = (described.status or WorkflowExecutionStatus.FAILED).name
            return Standing(runs=False, ended=ended.lower().replace("_", " "))
        attempt = described.raw_description.pending_workflow_task.attempt
        fails = attempt >= FAILING_ATTEMPT or bool(described.typed_search_attributes.get(_PROBLEMS))
        return Standing(runs=True, fails=fails)

    async def restart(self, kind: BookingKind[Any], booking: Booking, why: str, *, terminate: bool) -> bool:
        """Start a booking's workflow from its state. False: it runs, and ``terminate`` does not allow to end it."""
        conflict = WorkflowIDConflictPolicy.TERMINATE_EXISTING if terminate else WorkflowIDConflictPolicy.FAIL
        try:
            await self._client.start_workflow(
                kind.workflow,
                self._names.reopened(booking, why),
                id=self._names.booking(kind.name, booking.id),
                task_queue=self._names.booking_queue,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                id_conflict_policy=conflict,
                static_summary=kind.ui.static_summary(booking),
                static_details=kind.ui.static_details(booking),
            )
        except WorkflowAlreadyStartedError:
            return False
        return True


def _type(kind: BookingKind[Any]) -> str:
    return f"WorkflowType = '{kind.workflow}'"


def _running(kind: BookingKind[Any]) -> str:
    return f"{_type(kind)} AND ExecutionStatus = 'Running'"
