"""Long work sends heartbeats, or is not expected to."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pytest
from temporalio.testing import ActivityEnvironment

from activities.reconciliation import ReconciliationActivities, Span
from domain.billing.ledger import Difference, Fact
from kinds.vehicle_service.reminder_workflow import ServiceRemindersWorkflow
from tests.fakes.gateway import FakeGateway
from workflows.booking.messages import MAIL_QUEUE, MAINTENANCE_QUEUE
from workflows.housekeeping import HousekeepingWorkflow

NOW = datetime(2026, 11, 29, tzinfo=UTC)


class LongLedger:
    """A ledger whose statements take until somebody has seen a heartbeat."""

    def __init__(self) -> None:
        self.seen = asyncio.Event()

    async def facts(self, references: Iterable[str], span: Span) -> list[Fact]:
        await self.seen.wait()
        return []

    async def bookings_of(self, order_ids: Iterable[str], payment_ids: Iterable[str]) -> dict[str, int]:
        await self.seen.wait()
        return {}

    async def kinds_of(self, booking_ids: Iterable[int]) -> dict[int, str]:
        return {}

    async def disagreements(self, span: Span) -> list[Difference]:
        return []

    async def workflow_problems(self) -> list[tuple[int, str, str]]:
        return []

    async def open_bookings(self, span: Span) -> list[tuple[str, int, int]]:
        return []


@pytest.mark.parametrize("step", ["fetch_ledger", "compare_books"])
async def test_a_comparison_of_many_rows_sends_heartbeats_while_the_database_works(step):
    ledger, environment = LongLedger(), ActivityEnvironment()
    environment.on_heartbeat = lambda *details: ledger.seen.set()
    activities: Any = ReconciliationActivities(FakeGateway(), ledger, None)
    span = Span(NOW, NOW)
    given = (span, []) if step == "fetch_ledger" else (span, [], [])
    async with asyncio.timeout(10):
        await environment.run(getattr(activities, step), *given)


@pytest.mark.parametrize(
    ("workflow", "queue"), [(HousekeepingWorkflow, MAINTENANCE_QUEUE), (ServiceRemindersWorkflow, MAIL_QUEUE)]
)
async def test_statements_without_heartbeats_are_not_taken_for_lost(engine, workflow, queue):
    name = f"heartbeats-{workflow.__name__}"
    handle = await engine.client.start_workflow(workflow.run, id=name, task_queue=queue)
    await handle.result()
    events = (await handle.fetch_history()).events
    [scheduled] = [
        each.activity_task_scheduled_event_attributes
        for each in events
        if each.HasField("activity_task_scheduled_event_attributes")
    ]
    assert scheduled.heartbeat_timeout.ToTimedelta().total_seconds() == 0
