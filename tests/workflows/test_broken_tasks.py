"""Tasks beside the handlers that fail: Temporal shows it, people are told, nothing hangs in silence."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest
from temporalio.client import WorkflowHandle
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.bookings import BookingActivities
from kinds.vehicle_service.domain.commands import Cancel
from kinds.vehicle_service.domain.kind import VEHICLE_SERVICE
from kinds.vehicle_service.domain.visit import VisitBooking
from tests.kinds.vehicle_service.people import ASHA
from tests.workflows.broken_workflows import BrokenAtTheEnd, BrokenTimers
from tests.workflows.running_booking import PATIENCE
from tests.workflows.visit import new_booking
from workflows.booking.messages import Ack, Start

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
            workflow_runner=UnsandboxedWorkflowRunner(),
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


async def first_failed_task(handle: WorkflowHandle) -> str:
    """Wait until a workflow task has failed; what it says."""
    async with asyncio.timeout(PATIENCE):
        while True:
            events = [event async for event in handle.fetch_history_events()]
            failed = [event.workflow_task_failed_event_attributes for event in events]
            if said := [each.failure.message for each in failed if each.failure.message]:
                return said[0]
            await asyncio.sleep(0.02)
