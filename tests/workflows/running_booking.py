"""A booking whose workflow runs: what it is sent, what it answers, what the rows show."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from typing import Any, Self, TypeVar
from uuid import uuid4

from temporalio.api.history.v1 import HistoryEvent, WorkflowExecutionStartedEventAttributes
from temporalio.client import WithStartWorkflowOperation, WorkflowHandle, WorkflowHistory, WorkflowUpdateFailedError
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.service import RPCError, RPCStatusCode

from adapters.temporal.client import DATA_CONVERTER
from adapters.temporal.refusals import passes_soon
from api.bookings.turns import Turns
from domain.commands import Command
from domain.temporal_ui import search_attribute_values
from kinds.vehicle_service.domain.kind import VEHICLE_SERVICE
from kinds.vehicle_service.domain.ui import static_details, static_summary
from kinds.vehicle_service.domain.visit import VisitBooking
from kinds.vehicle_service.workflow import VehicleServiceWorkflow
from tests.kinds.vehicle_service.people import (
    ASHA,
)
from tests.workflows.engine import Engine
from workflows.booking import messages
from workflows.booking.messages import BOOKINGS_QUEUE, Ack, Start, booking_workflow_id, update_name
from workflows.search_attributes import KEYS, search_attributes

T = TypeVar("T")

PATIENCE = 30.0
REPEATS = 40
"""How often a command is sent, within eight seconds, as the API's client does it. A workflow that ends in the very task
that answers it may have to do the task again, when something else came in between: the server drops the command
unrecorded. And a task that a busy machine did not finish in time is done again, too.
"""
_TURNS = Turns()


async def eventually(found: Callable[[], Any], patience: float = PATIENCE) -> Any:
    """Ask until the answer is true."""
    async with asyncio.timeout(patience):
        while not (answer := found()):  # noqa: ASYNC110 - rows ring no bell
            await asyncio.sleep(0.01)
    return answer


def first_event(history: WorkflowHistory) -> WorkflowExecutionStartedEventAttributes:
    """How a run began."""
    return history.events[0].workflow_execution_started_event_attributes


class RunningBooking:
    """One booking's workflow, and the people around it."""

    def __init__(self, engine: Engine, booking: VisitBooking) -> None:
        self.engine = engine
        self.new = booking
        self.id = booking.id
        self.queue = BOOKINGS_QUEUE

    @property
    def handle(self) -> WorkflowHandle[Any, Ack]:
        """The workflow."""
        return self.engine.client.get_workflow_handle_for(
            VehicleServiceWorkflow.run, booking_workflow_id(VEHICLE_SERVICE.name, self.id)
        )

    @property
    def booking(self) -> VisitBooking:
        """The rows, as anybody who reads now sees them."""
        return self.engine.store.bookings[self.id]

    @property
    def actions(self) -> list[str]:
        """The timeline in one word each."""
        return [str(event.action) for event in self.engine.store.timeline(self.id)]

    @property
    def versions(self) -> list[int]:
        """The versions of the timeline."""
        return [event.version for event in self.engine.store.timeline(self.id)]

    @property
    def mails(self) -> list[str]:
        """What the customer got, by kind, in order of arrival."""
        return self.engine.post.kinds(self.id)

    async def mailed(self) -> list[str]:
        """The same, when none of its e-mails waits any more."""
        await eventually(lambda: not self.engine.store.outbox.of(self.id))
        return self.mails

    async def opens(self, update_id: str | None = None) -> Self:
        """The customer books."""
        await self.ask_to_open(update_id)
        return self

    async def ask_to_open(self, update_id: str | None = None) -> Ack:
        """The opening as the API asks for it; a refusal is raised as itself."""
        identity = update_id or f"open-{self.id}"
        start = WithStartWorkflowOperation(
            VehicleServiceWorkflow.run,
            Start(self.new, ASHA, identity),
            id=booking_workflow_id(VEHICLE_SERVICE.name, self.id),
            task_queue=self.queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            search_attributes=search_attributes(search_attribute_values(VEHICLE_SERVICE, self.new)),
            static_summary=static_summary(self.new),
            static_details=static_details(self.new),
        )
        try:
            return await self.engine.client.execute_update_with_start_workflow(
                VehicleServiceWorkflow.open, start_workflow_operation=start, id=identity
            )
        except WorkflowUpdateFailedError as failure:
            raise failure.cause from None

    async def asks(self, request: Command, update_id: str | None = None, seen: int = 0) -> Ack:
        """Anybody asks for anything; a refusal is raised as itself. ``seen``: the version that the asker has read."""
        sent, identity = 0, update_id or uuid4().hex
        argument = replace(request, seen_version=seen)
        update = messages.update_id(identity, DATA_CONVERTER.payload_converter.to_payload(argument).data)

        def call() -> Awaitable[Ack]:
            return self.handle.execute_update(update_name(type(request)), argument, id=update, result_type=Ack)

        while True:
            sent += 1
            try:
                return await _TURNS.of(self.handle.id, call)()
            except WorkflowUpdateFailedError as failure:
                raise failure.cause from None
            except RPCError as failure:
                if failure.status is RPCStatusCode.NOT_FOUND and (answer := await self._recorded(identity)):
                    return answer
                if not passes_soon(failure) or sent == REPEATS:
                    raise
            await asyncio.sleep(0.2)

    async def _recorded(self, update_id: str) -> Ack | None:
        """What the rows say was answered, as the API looks it up when the booking's last task was done again."""
        done = await self.engine.store.results(self.id, REPEATS)
        return next(
            (Ack(self.id, status, version) for identity, status, version in done if identity == update_id), None
        )

    async def becomes(self, expected: Callable[[VisitBooking], Any], patience: float = PATIENCE) -> Self:
        """Wait until the rows say so; who waits in vain is told what they say."""
        try:
            await eventually(lambda: self.id in self.engine.store.bookings and expected(self.booking), patience)
        except TimeoutError:
            raise AssertionError(f"waited {patience:.0f} s in vain: {self._standing()}") from None
        return self

    def _standing(self) -> str:
        if self.id not in self.engine.store.bookings:
            return "there are no rows"
        booking = self.booking
        refunds = [(str(each.status), each.amount, each.refund_id) for each in booking.refunds]
        disputes = [(each.dispute_id, each.status) for each in booking.disputes]
        return (
            f"{booking.status} after {', '.join(self.actions)}; refunds {refunds}, disputes {disputes}, "
            f"attention {booking.attention}"
        )

    async def quiet(self) -> list[HistoryEvent]:
        """Wait until nothing is under way but timers; answers the history."""
        pause = 0.02
        async with asyncio.timeout(PATIENCE):
            while True:
                raw = (await self.handle.describe()).raw_description
                if not raw.pending_activities and not raw.HasField("pending_workflow_task"):
                    events = list((await self.handle.fetch_history()).events)
                    if raw.workflow_execution_info.history_length == len(events):
                        return events
                await asyncio.sleep(pause)
                pause = min(pause * 1.5, 0.2)

    async def pause(self, seconds: float) -> None:
        """Time in which nothing may happen."""
        await asyncio.sleep(seconds)

    def in_background(self, asked: Coroutine[Any, Any, T]) -> "asyncio.Task[T]":
        """Ask now, look at the answer later."""
        return asyncio.create_task(asked)

    async def run(self) -> str:
        """The id of the newest run."""
        return (await self.handle.describe()).run_id

    async def runs(self) -> list[WorkflowHandle[Any, Any]]:
        """Every run of the workflow, the oldest first."""
        client, history = self.engine.client, await self.handle.fetch_history()
        runs = [client.get_workflow_handle(self.handle.id, run_id=history.run_id)]
        while before := first_event(history).continued_execution_run_id:
            runs.insert(0, client.get_workflow_handle(self.handle.id, run_id=before))
            history = await runs[0].fetch_history()
        return runs

    async def exists(self) -> Self:
        """Wait until the server knows the workflow; nobody needs to work on it."""
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    await self.handle.describe()
                    return self
                except RPCError:
                    await asyncio.sleep(0.01)

    async def view(self) -> dict[str, Any]:
        """What the workflow itself says."""
        return await self.handle.query(VehicleServiceWorkflow.view)

    async def attribute(self, name: str) -> Any:
        """A search attribute as Temporal shows it when nothing is under way."""
        await self.quiet()
        return (await self.handle.describe()).typed_search_attributes.get(KEYS[name])

    async def closes(self, patience: float = PATIENCE) -> Ack:
        """Wait until the workflow has ended."""
        async with asyncio.timeout(patience):
            return await self.handle.result()
