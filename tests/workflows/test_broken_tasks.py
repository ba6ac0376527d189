"""Tasks beside the handlers that fail: Temporal shows it, people are told, nothing hangs in silence."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.client import WorkflowHandle
from temporalio.worker import Worker

from activities.bookings import BookingActivities
from domain.billing.provider import RefundStatus
from domain.children import CHILDREN_PER_BOOKING
from domain.commands import RecordRefund
from kinds.vehicle_service.domain.commands import Cancel
from kinds.vehicle_service.domain.kind import VEHICLE_SERVICE
from kinds.vehicle_service.domain.visit import VisitBooking
from kinds.vehicle_service.workflow import VehicleServiceWorkflow
from tests.kinds.vehicle_service.bookings import BookingBuilder
from tests.kinds.vehicle_service.people import ASHA, BOTH_WITH_GST
from tests.workflows.broken_workflows import BrokenAtTheEnd, BrokenTimers, RefusedDeadline
from tests.workflows.engine import Engine
from tests.workflows.running_booking import PATIENCE, eventually
from tests.workflows.visit import Visit, ms, new_booking, windows
from workers.task_boundaries import ReplayableRunner
from workflows.booking.messages import BOOKINGS_QUEUE, Ack, Start

Running = Callable[[type, VisitBooking], AbstractAsyncContextManager[WorkflowHandle]]


@pytest.fixture
def running(client, engine) -> Running:
    """A booking on a workflow that is not the product's; it is terminated afterwards."""
    activities = BookingActivities({VEHICLE_SERVICE.name: VEHICLE_SERVICE}, {VEHICLE_SERVICE.name: engine.store})

    @asynccontextmanager
    async def run(broken: type, booking: VisitBooking) -> AsyncIterator[WorkflowHandle]:
        queue = broken.__name__
        async with Worker(
            client,
            task_queue=queue,
            workflows=[broken],
            activities=[activities.open_booking, activities.project],
            workflow_runner=ReplayableRunner(),
        ):
            handle = await client.start_workflow(
                broken.run, Start(booking, ASHA, "open"), id=f"{queue}-{booking.id}", task_queue=queue
            )
            try:
                yield handle
            finally:
                await handle.terminate()

    return run


async def test_a_timer_that_breaks_fails_the_workflow_task_where_temporal_shows_and_retries_it(running):
    booking = new_booking()
    async with running(BrokenTimers, booking) as handle:
        failure = await first_failed_task(handle)
    assert f"no timer for unassigned {booking.pickup.starts_at.isoformat()}" in failure


async def test_a_payment_that_breaks_the_end_of_a_booking_fails_the_workflow_task_too(running):
    async with running(BrokenAtTheEnd, new_booking()) as handle:
        await handle.execute_update("open", result_type=Ack)
        await handle.signal("payment_reported", "order_1")
        await handle.execute_update("cancel", Cancel(ASHA), result_type=Ack)
        failure = await first_failed_task(handle)
    assert "no facts of order_1" in failure


async def test_a_deadline_that_is_refused_calls_an_admin_once_and_the_booking_goes_on(running, engine):
    booking = decides(new_booking(policy=windows(decision_window=ms(500), decision_reminders=()))).booking
    async with running(RefusedDeadline, booking) as handle:
        await eventually(lambda: alerts(engine, booking))
        ack = await handle.execute_update("cancel", Cancel(ASHA), result_type=Ack)
    assert alerts(engine, booking) == ["LapseDecision was refused: not now"]
    assert (ack.status, ack.version) == ("cancelled", booking.version + 2)


async def test_money_that_a_full_booking_cannot_record_calls_an_admin_once_and_the_booking_goes_on(engine):
    visit = Visit(engine, new_booking())
    order = engine.gateway.create_order(
        amount=BOTH_WITH_GST, currency="INR", receipt=f"full-{visit.id}", notes={}, look_first=False
    )
    booking = decides(visit.new).order_opened(order_id=order.order_id).booking
    await starts_full(visit, booking)
    engine.gateway.pay(order.order_id, amount=100, status="captured")
    for _ in range(2):
        await visit.reports_payment(order.order_id)
        await visit.becomes(lambda seen: seen.attention)
        await visit.quiet()
    assert (await visit.cancelled()).version == booking.version + 3
    refused, mismatch = alerts(engine, booking)
    assert refused.startswith("ReturnMoney was refused: ")
    assert mismatch.startswith("1.00 INR came for an order over 2950.00 INR")
    await visit.handle.terminate()


async def test_a_refund_that_a_full_booking_cannot_try_again_calls_an_admin(engine):
    visit = Visit(engine, new_booking())
    booking = decides(visit.new).order_opened().money_returned(payment_id=f"pay_full_{visit.id}").booking
    [refund] = booking.refunds
    with engine.gateway.down():
        await starts_full(visit, booking, RecordRefund(refund.id, RefundStatus.FAILED, None, again=True))
        await visit.becomes(lambda seen: seen.attention)
        [note] = alerts(engine, booking)
        await visit.handle.terminate()
    assert note.startswith("RecordRefund was refused: ")


def decides(new: VisitBooking) -> BookingBuilder:
    """A booking whose customer has had to decide for a moment."""
    builder = BookingBuilder(replace(new, created_at=new.created_at - timedelta(days=1)))
    builder.pickup_assigned().collected().pickup_validated().analysis_assigned().analysis_submitted()
    builder.now = datetime.now(UTC)
    return builder.estimate_validated()


async def starts_full(visit: Visit, booking: VisitBooking, *reports: RecordRefund) -> None:
    """A run that carries over a booking with as many entries as it can have."""
    booking.children = CHILDREN_PER_BOOKING - 1
    signal = {"start_signal": "refund_reported", "start_signal_args": reports} if reports else {}
    await visit.engine.client.start_workflow(
        VehicleServiceWorkflow.run, Start(booking, ASHA), id=visit.handle.id, task_queue=BOOKINGS_QUEUE, **signal
    )


def alerts(engine: Engine, booking: VisitBooking) -> list[str]:
    """What admins were told about a booking."""
    return [event.note or "" for event in engine.store.timeline(booking.id) if event.action == "alert"]


async def first_failed_task(handle: WorkflowHandle) -> str:
    """Wait until a workflow task has failed; what it says."""
    async with asyncio.timeout(PATIENCE):
        while True:
            events = [event async for event in handle.fetch_history_events()]
            failed = [event.workflow_task_failed_event_attributes for event in events]
            if said := [each.failure.message for each in failed if each.failure.message]:
                return said[0]
            await asyncio.sleep(0.02)
