"""A visit to the workshop, walked step by step by the people who take part; each step is one update.

Every step returns when its update is answered; what a step has changed is in the rows by then.
"""

import asyncio
import itertools
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Self, TypeVar

from temporalio.api.history.v1 import HistoryEvent, WorkflowExecutionStartedEventAttributes
from temporalio.client import WithStartWorkflowOperation, WorkflowHandle, WorkflowHistory, WorkflowUpdateFailedError
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.service import RPCError

from domain.people import Actor
from kinds.vehicle_service.domain import commands
from kinds.vehicle_service.domain.booking import (
    Booking,
    Job,
    Leg,
    Line,
    Mechanic,
    Method,
    Payment,
    PickupType,
    Policy,
    Timeslot,
)
from kinds.vehicle_service.domain.pricing import totals
from kinds.vehicle_service.domain.ui import static_details, static_summary
from tests.kinds.vehicle_service.people import (
    ADMIN,
    ASHA,
    BRAKES,
    CUSTOMER,
    HOME,
    I20,
    LATA,
    MEENA,
    MORNING,
    OIL,
    POLICY,
    QUOTES,
    RAVI,
    actor,
    recommended,
    requested,
)
from tests.workflows.engine import Engine
from workflows.booking.messages import BOOKINGS_QUEUE, Ack, Start, booking_workflow_id, refund_workflow_id
from workflows.refund import RefundWorkflow
from workflows.search_attributes import KEYS, search_attributes
from workflows.vehicle_service import VehicleServiceWorkflow

T = TypeVar("T")

_IDS = itertools.count(1001)
_DAY = timedelta(days=1)
PATIENCE = 30.0

_UPDATES: dict[type, Any] = {
    commands.Assign: VehicleServiceWorkflow.assign,
    commands.SubmitProgress: VehicleServiceWorkflow.submit_progress,
    commands.EditProgress: VehicleServiceWorkflow.edit_progress,
    commands.ValidateProgress: VehicleServiceWorkflow.validate_progress,
    commands.SubmitAnalysis: VehicleServiceWorkflow.submit_analysis,
    commands.EditAnalysis: VehicleServiceWorkflow.edit_analysis,
    commands.ValidateAnalysis: VehicleServiceWorkflow.validate_analysis,
    commands.ConfirmServices: VehicleServiceWorkflow.confirm_services,
    commands.ChooseCash: VehicleServiceWorkflow.choose_cash,
    commands.VerifyCash: VehicleServiceWorkflow.verify_cash,
    commands.RefusePayment: VehicleServiceWorkflow.refuse_payment,
    commands.RetryRefund: VehicleServiceWorkflow.retry_refund,
    commands.ClearAttention: VehicleServiceWorkflow.clear_attention,
    commands.Reschedule: VehicleServiceWorkflow.reschedule,
    commands.Cancel: VehicleServiceWorkflow.cancel,
}


def leg_in(days: int, timeslot: Timeslot = MORNING, starts_in: timedelta | None = None, *, home: bool = True) -> Leg:
    """A leg some days from now; ``starts_in`` moves its beginning, which alone has alarms, to where a test needs it."""
    now = datetime.now(UTC)
    starts_at = now + (starts_in if starts_in is not None else days * _DAY)
    return Leg((now + days * _DAY).date(), timeslot, starts_at, HOME if home else None)


def new_booking(pickup_type: PickupType = PickupType.DOORSTEP, **other: Any) -> Booking:
    """Asha books oil and brakes, each time with another car."""
    number, home = next(_IDS), pickup_type is PickupType.DOORSTEP
    usual: dict[str, Any] = {
        "id": number,
        "customer": CUSTOMER,
        "vehicle": replace(I20, id=number, registration_number=f"TN01AB{number}"),
        "pickup_type": pickup_type,
        "pickup": leg_in(2, home=home),
        "drop": leg_in(3, home=home),
        "lines": [requested(BRAKES), requested(OIL)],
        "policy": POLICY,
        "created_at": datetime.now(UTC),
    }
    return Booking(**(usual | other))


def windows(**other: Any) -> Policy:
    """The usual policy with some windows short enough to be watched."""
    return replace(POLICY, **other)


def ms(milliseconds: int) -> timedelta:
    """A business window of a test."""
    return timedelta(milliseconds=milliseconds)


async def eventually(found: Callable[[], Any], patience: float = PATIENCE) -> Any:
    """Ask until the answer is true."""
    async with asyncio.timeout(patience):
        while not (answer := found()):  # noqa: ASYNC110 - rows ring no bell
            await asyncio.sleep(0.01)
    return answer


def first_event(history: WorkflowHistory) -> WorkflowExecutionStartedEventAttributes:
    """How a run began."""
    return history.events[0].workflow_execution_started_event_attributes


class Visit:
    """One booking's workflow, and the people around it."""

    def __init__(self, engine: Engine, booking: Booking) -> None:
        self.engine = engine
        self.new = booking
        self.id = booking.id

    @property
    def handle(self) -> WorkflowHandle[Any, Ack]:
        """The workflow."""
        return self.engine.client.get_workflow_handle_for(VehicleServiceWorkflow.run, booking_workflow_id(self.id))

    @property
    def booking(self) -> Booking:
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
            id=booking_workflow_id(self.id),
            task_queue=BOOKINGS_QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            search_attributes=search_attributes(self.new),
            static_summary=static_summary(self.new),
            static_details=static_details(self.new),
        )
        try:
            return await self.engine.client.execute_update_with_start_workflow(
                VehicleServiceWorkflow.open, start_workflow_operation=start, id=identity
            )
        except WorkflowUpdateFailedError as failure:
            raise failure.cause from None

    async def asks(self, request: commands.Command, update_id: str | None = None, seen: int = 0) -> Ack:
        """Anybody asks for anything; a refusal is raised as itself. ``seen``: the version that the asker has read."""
        try:
            return await self.handle.execute_update(
                _UPDATES[type(request)], replace(request, seen_version=seen), id=update_id
            )
        except WorkflowUpdateFailedError as failure:
            raise failure.cause from None

    async def becomes(self, expected: Callable[[Booking], Any], patience: float = PATIENCE) -> Self:
        """Wait until the rows say so."""
        await eventually(lambda: self.id in self.engine.store.bookings and expected(self.booking), patience)
        return self

    async def quiet(self) -> list[HistoryEvent]:
        """Wait until nothing is under way but timers; answers the history."""
        async with asyncio.timeout(PATIENCE):
            while True:
                raw = (await self.handle.describe()).raw_description
                events = list((await self.handle.fetch_history()).events)
                busy = raw.pending_activities or raw.HasField("pending_workflow_task")
                if not busy and raw.workflow_execution_info.history_length == len(events):
                    return events

    async def pause(self, seconds: float) -> None:
        """Time in which nothing may happen."""
        await asyncio.sleep(seconds)

    def in_background(self, asked: Coroutine[Any, Any, T]) -> "asyncio.Task[T]":
        """Ask now, look at the answer later."""
        return asyncio.create_task(asked)

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

    # Coming in

    async def pickup_assigned(self, mechanic: Mechanic = RAVI) -> Ack:
        return await self.asks(commands.Assign(ADMIN, Job.PICKUP, mechanic))

    async def collected(self) -> Ack:
        return await self.asks(commands.SubmitProgress(self.mechanic, "Collected, a scratch on the left door"))

    async def received_from_walk_in(self) -> Ack:
        return await self.asks(commands.SubmitProgress(ADMIN, "Received at the workshop"))

    async def report_validated(self) -> Ack:
        return await self.asks(commands.ValidateProgress(ADMIN, self.open_report))

    async def report_sent_back(self) -> Ack:
        return await self.asks(
            commands.ValidateProgress(ADMIN, self.open_report, approved=False, reason="Photos are missing")
        )

    async def received(self) -> Self:
        """The car is with us and that is validated."""
        if self.new.walk_in:
            await self.received_from_walk_in()
        else:
            await self.pickup_assigned()
            await self.collected()
            await self.report_validated()
        return self

    # The estimate

    async def analysis_assigned(self, mechanic: Mechanic = LATA) -> Ack:
        return await self.asks(commands.Assign(ADMIN, Job.ANALYSIS, mechanic))

    async def analysis_submitted(self, recommending: Sequence[Line] | None = None) -> Ack:
        extra = tuple(recommending) if recommending is not None else (recommended(),)
        return await self.asks(
            commands.SubmitAnalysis(
                self.mechanic, "Pads worn to 2 mm, oil is black", "A new cabin filter", QUOTES, extra
            )
        )

    async def analysis_sent_back(self) -> Ack:
        return await self.asks(commands.ValidateAnalysis(ADMIN, approved=False, reason="The oil price is too high"))

    async def estimate_validated(self) -> Ack:
        return await self.asks(commands.ValidateAnalysis(ADMIN, gst_percent=POLICY.gst_percent))

    async def analysed(self) -> Self:
        """From the booking to an analysis that waits for an admin."""
        await self.received()
        await self.analysis_assigned()
        await self.analysis_submitted()
        return self

    async def estimate_ready(self) -> Self:
        """From the booking to an estimate that waits for the customer."""
        await self.analysed()
        await self.estimate_validated()
        return self

    # The choice and the money

    async def confirmed(self, method: Method, *service_ids: int, update_id: str | None = None) -> Ack:
        return await self.asks(commands.ConfirmServices(ASHA, service_ids or (BRAKES, OIL), method), update_id)

    async def order_opened(self, *service_ids: int) -> Payment:
        """The customer chooses lines to be paid online."""
        await self.confirmed(Method.ONLINE, *service_ids)
        return self.order

    async def reports_payment(self, order_id: str | None = None) -> Self:
        """A webhook, a callback: it only names the order."""
        await self.handle.signal(VehicleServiceWorkflow.payment_reported, order_id or self.order.order_id)
        return self

    async def reports_refund(self, key: str) -> Self:
        """A webhook about a refund: it only names the order."""
        refund = self.engine.client.get_workflow_handle(refund_workflow_id(key))
        await refund.signal(RefundWorkflow.refund_reported)
        return self

    async def hears_of(self, order_id: str) -> Self:
        """What the sweep and the API do with a payment event, also when the workflow has ended."""
        await self.engine.reporter.report_payment(self.id, order_id)
        return self

    async def hears_of_dispute(self, dispute_id: str) -> Self:
        """The same for a dispute."""
        await self.engine.reporter.report_dispute(self.id, dispute_id)
        return self

    async def paid_online(self, *service_ids: int) -> Self:
        """Chosen, paid, reported, confirmed."""
        order = await self.order_opened(*service_ids)
        self.engine.gateway.pay(order.order_id)
        await self.reports_payment(order.order_id)
        return await self.becomes(lambda booking: booking.status == "in-progress" and booking.invoices)

    async def cash_agreed(self, *service_ids: int) -> Ack:
        return await self.confirmed(Method.OFFLINE, *service_ids)

    async def cash_verified(self, by: Actor | None = None) -> Ack:
        return await self.asks(commands.VerifyCash(by or self.mechanic, self.due))

    # The work and the way home

    async def service_assigned(self, mechanic: Mechanic = MEENA) -> Ack:
        return await self.asks(commands.Assign(ADMIN, Job.SERVICE, mechanic))

    async def work_reported(self, *service_ids: int) -> Ack:
        left = tuple(line.service_id for line in self.booking.kept_lines if line.state != "done")
        return await self.asks(
            commands.SubmitProgress(self.mechanic, "Done and road tested", service_ids=service_ids or left)
        )

    async def work_done(self, mechanic: Mechanic = MEENA) -> Self:
        """Assigned, reported, validated."""
        await self.service_assigned(mechanic)
        await self.work_reported()
        await self.report_validated()
        return self

    async def drop_assigned(self, mechanic: Mechanic = RAVI) -> Ack:
        return await self.asks(commands.Assign(ADMIN, Job.DROP, mechanic))

    async def brought_home(self) -> Ack:
        return await self.asks(commands.SubmitProgress(self.mechanic, "Handed over"))

    async def handed_over(self) -> Ack:
        return await self.asks(commands.SubmitProgress(ADMIN, "Fetched at the workshop"))

    async def rescheduled(self, pickup: Leg | None = None, drop: Leg | None = None) -> Ack:
        return await self.asks(commands.Reschedule(ASHA, pickup, drop))

    async def cancelled(self, by: Actor = ASHA, update_id: str | None = None) -> Ack:
        return await self.asks(commands.Cancel(by, "Sold the car"), update_id)

    # What the next step needs to know

    @property
    def mechanic(self) -> Actor:
        """Who is at work."""
        assignment = self.booking.active()
        assert assignment is not None, "no mechanic is at work"
        return actor(assignment.mechanic)

    @property
    def open_report(self) -> int:
        """The report that waits for an admin."""
        report = self.booking.open_report()
        assert report is not None, "no report waits for an admin"
        return report.id

    @property
    def due(self) -> int:
        """What is still to come in, in paise."""
        return totals(self.booking).due

    @property
    def order(self) -> Payment:
        """The order that can be paid now."""
        order = self.booking.live_order()
        assert order is not None, "no order waits for money"
        return order
