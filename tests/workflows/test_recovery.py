"""A booking whose workflow is gone is started again from its rows, within bounds; one that exists is never ended."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle, WorkflowUpdateFailedError
from temporalio.service import RPCError
from temporalio.worker import Worker

from domain.errors import Conflict
from domain.recovery import BookingRef, Problem, RecoveryBounds, RecoveryState
from kinds.vehicle_service.domain import commands
from kinds.vehicle_service.domain.parts import Job
from kinds.vehicle_service.domain.visit import KIND
from kinds.vehicle_service.workflow import VehicleServiceWorkflow
from tests.fakes.problems import FakeProblems
from tests.kinds.vehicle_service.bookings import BookingBuilder
from tests.kinds.vehicle_service.people import ADMIN, ASHA, RAVI
from tests.workflows.broken_workflows import EndsAtOnce, FailsOnEveryTask, FailsTheRun
from tests.workflows.engine import Engine
from tests.workflows.prepared import prepared
from tests.workflows.running_booking import eventually
from tests.workflows.servers import connected, dev_server
from tests.workflows.visit import Visit, new_booking
from workers.queues import WorkerRole, registered
from workers.task_boundaries import ReplayableRunner
from workflows.booking.messages import BOOKINGS_QUEUE, MAINTENANCE_QUEUE, Start, refund_workflow_id
from workflows.recovery import LOOK_EVERY, RECOVERY_ID, BookingRecoveryWorkflow, RecoveryRun

BOUNDS = RecoveryBounds(per_minute=4, at_once=6)
SOON = timedelta(milliseconds=200)
POLL = timedelta(seconds=1)
RELEASE = "of-another-release"
SETTINGS = {
    "system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute": "2",
    "matching.longPollExpirationInterval": f'"{POLL.total_seconds():.0f}s"',
}
"""Failing tasks are reported by the server after two, and an idle worker polls anew after a second."""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with dev_server(tmp_path_factory.mktemp("recovery"), SETTINGS) as address:
        yield address


@pytest.fixture(scope="module")
async def client(address: str) -> Client:
    return await connected(address)


@pytest.fixture(scope="module")
async def maintenance(client: Client) -> AsyncIterator[Engine]:
    """The workers of the role "activities": they work also while those of the bookings do not."""
    engine = Engine(client, role=WorkerRole.ACTIVITIES)
    engine.polled_within = 1.5 * POLL
    await engine.start()
    yield engine
    await engine.stop()


@pytest.fixture(scope="module")
async def bookings(client: Client, maintenance: Engine) -> AsyncIterator[Engine]:
    """The workers of the role "workflows"."""
    engine = Engine(client, store=maintenance.store, role=WorkerRole.WORKFLOWS)
    await engine.start()
    yield engine
    await engine.stop()


@pytest.fixture
async def recovery(maintenance: Engine, bookings: Engine) -> AsyncIterator[WorkflowHandle[Any, Any]]:
    """The recovery, looking often; afterwards no booking is left for the next test to find."""
    if not bookings.works:
        await bookings.start()
    handle = await looking(maintenance, SOON)
    yield handle
    await handle.terminate()
    for booking in [*maintenance.store.bookings.values()]:
        with suppress(RPCError):
            await Visit(bookings, booking).handle.terminate()
    maintenance.store.bookings.clear()
    maintenance.problems.__dict__.update(FakeProblems().__dict__)


async def looking(engine: Engine, every: timedelta) -> WorkflowHandle[Any, Any]:
    await engine.client.start_workflow(
        BookingRecoveryWorkflow.run,
        RecoveryRun(every, RecoveryState(BOUNDS)),
        id=RECOVERY_ID,
        task_queue=MAINTENANCE_QUEUE,
    )
    return engine.client.get_workflow_handle(RECOVERY_ID)


async def looks_again(engine: Engine, times: int = 2) -> None:
    before = engine.problems.looks
    await eventually(lambda: engine.problems.looks >= before + times)


async def row_alone(engine: Engine) -> Visit:
    """A booking that Temporal does not know, as after a restore of an older one."""
    visit = Visit(engine, BookingBuilder(new_booking()).booking)
    await engine.store.project(visit.new, None)
    return visit


async def start(visit: Visit, queue: str = BOOKINGS_QUEUE, **other: Any) -> WorkflowHandle[Any, Any]:
    return await visit.engine.client.start_workflow(
        VehicleServiceWorkflow.run, Start(visit.new, ASHA), id=visit.handle.id, task_queue=queue, **other
    )


@asynccontextmanager
async def release(bookings: Engine, workflow: type) -> AsyncIterator[None]:
    """A release whose bookings are on a queue of its own; started again, they are the product's."""
    async with Worker(
        bookings.client,
        task_queue=RELEASE,
        workflows=[workflow],
        activities=registered(bookings.activities())[BOOKINGS_QUEUE],
        workflow_runner=ReplayableRunner(),
        sticky_queue_schedule_to_start_timeout=timedelta(milliseconds=100),
    ):
        yield


async def run_of(visit: Visit) -> str:
    return (await visit.handle.describe()).run_id


async def is_terminated(visit: Visit, client: Client) -> None:
    await start(visit)
    await visit.pickup_assigned()
    await visit.handle.terminate("by mistake")


async def is_deleted(visit: Visit, client: Client) -> None:
    await start(visit)
    which = WorkflowExecution(workflow_id=visit.handle.id)
    request = DeleteWorkflowExecutionRequest(namespace=client.namespace, workflow_execution=which)
    await client.workflow_service.delete_workflow_execution(request)


async def times_out(visit: Visit, client: Client) -> None:
    with pytest.raises(WorkflowFailureError):
        await (await start(visit, run_timeout=timedelta(milliseconds=300))).result()


async def fails(visit: Visit, client: Client) -> None:
    async with release(visit.engine, FailsTheRun):
        with pytest.raises(WorkflowFailureError):
            await (await start(visit, RELEASE)).result()


@pytest.mark.parametrize(
    ("ends", "why"),
    [
        (is_terminated, "its workflow was terminated"),
        (is_deleted, "Temporal does not know its workflow"),
        pytest.param(times_out, "its workflow was timed out", marks=pytest.mark.long),
        pytest.param(fails, "its workflow was failed", marks=pytest.mark.long),
    ],
)
async def test_an_open_booking_whose_workflow_is_gone_goes_on_from_its_rows_and_an_admin_is_told(
    ends, why, client, bookings, recovery
):
    """Defects 13 and D2."""
    visit = await row_alone(bookings)
    await ends(visit, client)
    await visit.becomes(lambda booking: booking.attention)
    before = visit.booking.version
    assert visit.booking.attention == [f"{why}; it was started again from its rows"]
    assert await visit.attribute("NeedsAttention") is True
    assert (await visit.cancelled()).version == before + 1
    assert visit.versions == list(range(1, before + 2))


async def test_an_update_that_the_lost_run_has_answered_is_answered_the_same_by_the_next_one(bookings, recovery):
    visit = await row_alone(bookings)
    await start(visit)
    assign = commands.Assign(ADMIN, Job.PICKUP, RAVI)
    first = await visit.asks(assign, "of-the-lost-run")
    await visit.handle.terminate("by mistake")
    await visit.becomes(lambda booking: booking.attention)
    assert await visit.asks(assign, "of-the-lost-run") == first
    assert visit.actions.count("assign") == 1


async def test_money_that_comes_and_goes_while_a_booking_has_no_workflow_counts_when_it_is_started_again(
    bookings, maintenance, recovery
):
    """A payment waits for the restart and confirms, a refund that went through meanwhile is recorded."""
    await recovery.terminate()
    visit, gateway = await prepared(bookings, Visit.estimate_ready), maintenance.gateway
    order = await visit.order_opened()
    await visit.handle.terminate("by mistake")
    gateway.pay(order.order_id)
    await visit.hears_of(order.order_id)
    again = await looking(maintenance, SOON)
    await visit.becomes(lambda booking: booking.status == "in-progress")
    assert visit.booking.attention == ["its workflow was terminated; it was started again from its rows"]
    gateway.refunds_wait = True
    await visit.cancelled()
    await visit.becomes(lambda booking: booking.refunds[0].refund_id)
    [refund] = visit.booking.refunds
    await again.terminate()
    await visit.handle.terminate("by mistake")
    gateway.finish(refund.refund_id)
    await visit.reports_refund(refund.key)
    assert await bookings.client.get_workflow_handle(refund_workflow_id(refund.key)).result() == "processed"
    await looking(maintenance, SOON)
    await visit.becomes(lambda booking: booking.refunds[0].status == "processed")


async def test_a_booking_that_somebody_asks_for_is_started_at_once(bookings, maintenance, recovery):
    await recovery.terminate()
    await looking(maintenance, LOOK_EVERY)
    await looks_again(maintenance, 1)
    visit = await row_alone(bookings)
    await recovery.signal("booking_missing", BookingRef(KIND, visit.id))
    await visit.becomes(lambda booking: booking.attention, patience=5)


async def test_a_closed_booking_and_one_that_runs_are_left_alone(bookings, maintenance, recovery):
    visit, closed = await Visit(bookings, new_booking()).opens(), await Visit(bookings, new_booking()).opens()
    run = await run_of(visit)
    await closed.cancelled()
    await closed.closes()
    for number in (visit.id, closed.id):
        await recovery.signal("booking_missing", BookingRef(KIND, number))
    await looks_again(maintenance)
    assert await run_of(visit) == run
    assert (visit.booking.version, closed.booking.version) == (1, 2)
    assert (maintenance.problems.restarted, maintenance.problems.known) == (0, {})


async def test_a_release_in_which_every_task_fails_ends_no_workflow_and_after_the_mended_one_all_go_on(
    bookings, maintenance, recovery
):
    visits = [await row_alone(bookings) for _ in range(2)]
    runs = [(await start(each, RELEASE, task_timeout=timedelta(seconds=1))).first_execution_run_id for each in visits]
    async with release(bookings, VehicleServiceWorkflow):
        assert [(await visit.pickup_assigned()).version for visit in visits] == [2, 2]
    async with release(bookings, FailsOnEveryTask):
        for visit in visits:
            await visit.reports_payment("order_1")
        # How many fail is counted in the index, which follows a moment later.
        await eventually(lambda: len(maintenance.problems.known) == maintenance.problems.failing == len(visits))
        assert {each.problem for each in maintenance.problems.known.values()} == {Problem.FAILING}
    async with release(bookings, VehicleServiceWorkflow):
        await eventually(lambda: (maintenance.problems.known, maintenance.problems.failing) == ({}, 0))
        assert [(await visit.cancelled()).version for visit in visits] == [3, 3]
    assert [await run_of(visit) for visit in visits] == runs
    assert maintenance.problems.restarted == 0


async def test_a_workflow_whose_tasks_fail_is_started_again_when_an_operator_says_so(bookings, maintenance, recovery):
    visit = await row_alone(bookings)
    ref, run = BookingRef(KIND, visit.id), await start(visit, RELEASE, task_timeout=timedelta(seconds=1))
    assert "its workflow runs, and its tasks do not fail" in await refusal_of_restart(recovery, ref)
    async with release(bookings, FailsOnEveryTask):
        await eventually(lambda: visit.id in maintenance.problems.known)
    assert await recovery.execute_update("restart", args=[ref, "Devi"]) == "restarted"
    await visit.becomes(lambda booking: booking.attention)
    assert "Devi wants it started" in visit.booking.attention[0]
    assert await run_of(visit) != run.first_execution_run_id


async def refusal_of_restart(recovery: WorkflowHandle[Any, Any], ref: BookingRef) -> str:
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await recovery.execute_update("restart", args=[ref, "Devi"])
    assert isinstance(refused.value.cause, Conflict)
    return refused.value.cause.detail


async def test_a_workflow_that_is_complete_although_its_rows_are_open_is_shown_and_left_to_an_operator(
    bookings, maintenance, recovery
):
    visit = await row_alone(bookings)
    async with release(bookings, EndsAtOnce):
        await (await start(visit, RELEASE)).result()
    await eventually(lambda: visit.id in maintenance.problems.known)
    await looks_again(maintenance)
    assert maintenance.problems.known[visit.id].problem is Problem.ENDED
    assert visit.booking.version == 1
    assert await recovery.execute_update("restart", args=[BookingRef(KIND, visit.id), "Devi"]) == "restarted"
    await visit.becomes(lambda booking: booking.attention)


async def test_nothing_is_started_again_while_no_worker_polls(bookings, maintenance, recovery):
    visit = await Visit(bookings, new_booking()).opens()
    async with bookings.stopped():
        await eventually(lambda: not maintenance.problems.polled)
        await visit.handle.terminate("by mistake")
        await eventually(lambda: visit.id in maintenance.problems.known)
        await looks_again(maintenance, 4)
        assert maintenance.problems.restarted == 0
    await visit.becomes(lambda booking: booking.attention)


async def test_no_more_are_started_again_within_a_minute_than_the_bound_allows(bookings, maintenance, recovery):
    await asyncio.gather(*(row_alone(bookings) for _ in range(BOUNDS.per_minute + 2)))
    await eventually(lambda: maintenance.problems.restarted == BOUNDS.per_minute)
    await looks_again(maintenance)
    assert maintenance.problems.restarted == BOUNDS.per_minute
    assert len(maintenance.problems.known) == 2


async def test_when_too_many_are_missing_at_once_nothing_is_started_until_an_operator_says_so(
    bookings, maintenance, recovery, caplog
):
    await asyncio.gather(*(row_alone(bookings) for _ in range(BOUNDS.at_once + 1)))
    await eventually(lambda: maintenance.problems.is_stopped)
    await recovery.signal("booking_missing", BookingRef(KIND, min(maintenance.store.bookings)))
    await looks_again(maintenance)
    assert maintenance.problems.restarted == 0
    assert caplog.text.count("nothing is started again until an operator says so") == 1
    await recovery.execute_update("go_on")
    await eventually(lambda: maintenance.problems.restarted == BOUNDS.per_minute)
    await looks_again(maintenance)
    assert not maintenance.problems.is_stopped
    assert caplog.text.count("nothing is started again until an operator says so") == 1
