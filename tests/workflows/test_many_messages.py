"""Outside messages by the hundred: what a booking does about them does not grow with their number."""

import asyncio
from collections import Counter
from dataclasses import dataclass

import pytest
from temporalio.api.history.v1 import HistoryEvent

from domain.billing.provider import RefundStatus
from domain.commands import RecordRefund
from domain.errors import BookingError
from kinds.vehicle_service.workflow import VehicleServiceWorkflow
from tests.workflows.engine import Engine
from tests.workflows.test_costs import name
from tests.workflows.visit import Visit, new_booking

FEW, MANY = 200, 1000
AT_ONCE = 8
"""Temporal takes ten updates of a workflow at a time."""

CAUSED_AT_MOST = 150
"""Events beyond the messages and the tasks in which they are read: looks at the provider, timers, markers."""
BYTES_AT_MOST = 150_000
"""Payload of those events."""
LONGEST_RUN = 10_000
"""Events; the server wants a new run after 4,096."""
TASK = ("WORKFLOW_TASK_SCHEDULED", "WORKFLOW_TASK_STARTED", "WORKFLOW_TASK_COMPLETED")


@dataclass(frozen=True)
class Cost:
    """What messages have cost, over all runs."""

    caused: int
    size: int
    runs: int
    longest: int
    version: int


async def disturbed(engine: Engine, times: int) -> Cost:
    """A booking whose refund is at the bank gets every outside message that there is, so many times."""
    visit = await Visit(engine, new_booking()).opens()
    await visit.estimate_ready()
    await visit.paid_online()
    paid = visit.booking.payments[0]
    await visit.hears_of_dispute(engine.gateway.dispute(paid.payment_id).dispute_id)
    await visit.becomes(lambda booking: booking.disputes)
    engine.gateway.dispute(paid.payment_id, "won")
    await visit.hears_of_dispute(f"disp_{paid.payment_id}")
    await visit.becomes(lambda booking: not booking.disputes[0].open)
    engine.gateway.refunds_wait = True
    await visit.cancelled()
    await visit.becomes(lambda booking: booking.refunds[0].refund_id)
    engine.gateway.refunds_wait = False
    await visit.quiet()
    before, version = Counter(map(name, await all_events(visit))), visit.booking.version
    refund = visit.booking.refunds[0]
    known = RecordRefund(refund.id, RefundStatus.PENDING, refund.refund_id)

    async def each_message() -> None:
        await visit.reports_payment(paid.order_id)
        await visit.reports_payment("order_of_somebody_else")
        await visit.hears_of_dispute(f"disp_{paid.payment_id}")
        await visit.handle.signal(VehicleServiceWorkflow.projection_seen, version)
        await visit.handle.signal(VehicleServiceWorkflow.refund_reported, known)
        await visit.handle.signal("payment_reported", args=["too", "many"])
        await visit.reports_refund(refund.key)
        with pytest.raises(BookingError):
            await visit.cancelled()

    for _ in range(times // AT_ONCE):
        await asyncio.gather(*(each_message() for _ in range(AT_ONCE)))
    await visit.quiet()
    events = await all_events(visit)
    others = [each for each in events if name(each) not in (*TASK, "WORKFLOW_EXECUTION_SIGNALED")]
    ignored = sum(before.values()) - sum(before[each] for each in (*TASK, "WORKFLOW_EXECUTION_SIGNALED"))
    runs = await visit.runs()
    return Cost(
        caused=len(others) - ignored,
        size=sum(each.ByteSize() for each in others[ignored:]),
        runs=len(runs),
        longest=max([len((await run.fetch_history()).events) for run in runs]),
        version=visit.booking.version - version,
    )


async def all_events(visit: Visit) -> list[HistoryEvent]:
    return [event for run in await visit.runs() for event in (await run.fetch_history()).events]


@pytest.mark.parametrize("times", [FEW, pytest.param(MANY, marks=[pytest.mark.long, pytest.mark.timeout(900)])])
async def test_what_a_booking_does_about_repeated_messages_is_bounded_whatever_their_number(engine, times):
    cost = await disturbed(engine, times)
    assert cost.version == 0
    assert cost.caused <= CAUSED_AT_MOST, cost
    assert cost.size <= BYTES_AT_MOST, cost
    assert cost.longest <= LONGEST_RUN, cost
    assert cost.runs <= 2 + times * 7 * 4 // 4000, cost
