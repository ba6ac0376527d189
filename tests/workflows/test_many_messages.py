"""Outside messages by the hundred: what a booking does about them does not grow with their number."""

import asyncio
import time
from collections import Counter
from dataclasses import dataclass
from itertools import chain

import pytest
from temporalio.api.history.v1 import HistoryEvent

from domain.billing.provider import RefundStatus
from domain.commands import RecordRefund
from domain.errors import BookingError
from kinds.vehicle_service.workflow import VehicleServiceWorkflow
from tests.workflows.engine import Engine, working
from tests.workflows.prepared import prepared
from tests.workflows.servers import connected, dev_server
from tests.workflows.test_costs import name
from tests.workflows.visit import Visit

FEW, MANY = 100, 1000
AT_ONCE = 8
"""Temporal takes ten updates of a workflow at a time."""

AT_FIRST, A_MINUTE, A_RUN = 150, 20, 12
"""Events beyond the messages and the tasks in which they are read: looks at the provider, timers, markers.

What brings nothing new is looked at after pauses that grow to a minute: the first looks come whatever happens, then one
a minute for each thing reported, however often it is. On a machine that takes longer for the messages there are more of
these. A new run begins with the timers and refunds of the one before it, and nothing else anew.
"""
BYTES_AT_FIRST, BYTES_A_MINUTE, BYTES_A_RUN = 150_000, 15_000, 20_000
"""Payload of those events; a run ends and begins with the state of the booking."""
A_RUN_HOLDS = 1.25
"""Events after which the server wants a new run, for each time: few messages and many are spread over as many runs."""
LONGEST_RUN = 2.5
"""Times that, in events without those of the tasks."""
TASK = (
    *(f"WORKFLOW_TASK_{each}" for each in ("SCHEDULED", "STARTED", "COMPLETED", "FAILED", "TIMED_OUT")),
    "WORKFLOW_PROPERTIES_MODIFIED",
)
"""The last but one two where a busy machine did not finish one in time, the last in a task that has decided nothing
(``workers.task_boundaries``). How many there are is the machine's doing: it reads several messages in one task, or one.
"""


@dataclass(frozen=True)
class Cost:
    """What messages have cost, over all runs."""

    caused: int
    size: int
    runs: int
    longest: int
    version: int
    minutes: float

    def allowed(self, at_first: int, a_minute: int, a_run: int) -> float:
        """The same whatever the number of messages: only the time that passes and the runs that begin count."""
        return at_first + a_minute * self.minutes + a_run * (self.runs - 1)


async def disturbed(engine: Engine, times: int) -> Cost:
    """A booking whose refund is at the bank gets every outside message that there is, so many times."""
    visit = await prepared(engine, Visit.estimate_ready)
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
    before, version = Counter(map(name, chain(*await events_of_runs(visit)))), visit.booking.version
    refund = visit.booking.refunds[0]
    known = RecordRefund(refund.id, RefundStatus.PENDING, refund.refund_id)
    began = time.monotonic()

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
    minutes = (time.monotonic() - began) / 60
    events = await events_of_runs(visit)
    others = [each for each in chain(*events) if name(each) not in (*TASK, "WORKFLOW_EXECUTION_SIGNALED")]
    ignored = sum(before.values()) - sum(before[each] for each in (*TASK, "WORKFLOW_EXECUTION_SIGNALED"))
    return Cost(
        caused=len(others) - ignored,
        size=sum(each.ByteSize() for each in others[ignored:]),
        runs=len(events),
        longest=max(sum(name(each) not in TASK for each in run) for run in events),
        version=visit.booking.version - version,
        minutes=minutes,
    )


async def events_of_runs(visit: Visit) -> list[list[HistoryEvent]]:
    return [list((await run.fetch_history()).events) for run in await visit.runs()]


@pytest.mark.parametrize(
    "times",
    [
        pytest.param(FEW, marks=pytest.mark.timeout(240)),
        pytest.param(MANY, marks=[pytest.mark.long, pytest.mark.timeout(900)]),
    ],
)
async def test_what_a_booking_does_about_repeated_messages_is_bounded_whatever_their_number(times, tmp_path):
    wanted = int(times * A_RUN_HOLDS)
    with dev_server(tmp_path, {"limit.historyCount.suggestContinueAsNew": str(wanted)}) as address:
        async with working(await connected(address)) as engine:
            cost = await disturbed(engine, times)
    assert cost.version == 0
    assert cost.caused <= cost.allowed(AT_FIRST, A_MINUTE, A_RUN), cost
    assert cost.size <= cost.allowed(BYTES_AT_FIRST, BYTES_A_MINUTE, BYTES_A_RUN), cost
    assert cost.longest <= LONGEST_RUN * wanted, cost
    assert 3 < cost.runs <= 2 + times * 7 * 4 // wanted, cost
