"""What the product relies on at Temporal, on the cluster that is named or the embedded server."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleSpec,
    ScheduleState,
    WithStartWorkflowOperation,
    WorkflowHandle,
    WorkflowUpdateFailedError,
)
from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes, WorkflowIDConflictPolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from adapters.temporal.client import connect
from adapters.temporal.reachability import last_poll, must_have_namespace
from domain.errors import BookingError, Conflict
from domain.temporal_ui import SEARCH_ATTRIBUTES
from tests.verify.services import given
from tests.verify.workflow import Note, VerifyWorkflow, write
from tests.workflows.servers import connected

NAME = f"revcare-verify-{secrets.token_hex(4)}"
FIRST = Note(datetime(2026, 12, 1, 9, 30, tzinfo=UTC), Decimal("1947.00"), "ನಮಸ್ಕಾರ \U0001f697")
STAGE = SearchAttributeKey.for_keyword("BookingStage")


@pytest.fixture(scope="module")
def named(request: pytest.FixtureRequest) -> dict[str, str]:
    """The variables of the cluster."""
    return given("test_workflows.py") or {"TEMPORAL_ADDRESS": request.getfixturevalue("temporal_address")}


@pytest.fixture(scope="module")
async def temporal(named: dict[str, str]) -> AsyncIterator[Client]:
    """A client as a process of the product makes it, and a worker of these tests on a queue of their own."""
    with pytest.MonkeyPatch.context() as environment:
        for name, value in named.items():
            environment.setenv(name, value)
        if not given("test_workflows.py"):
            await connected(named["TEMPORAL_ADDRESS"])  # registers the search attributes
        client = await connect()
    runner = UnsandboxedWorkflowRunner()
    async with Worker(client, task_queue=NAME, workflows=[VerifyWorkflow], activities=[write], workflow_runner=runner):
        yield client


@pytest.fixture
async def running(temporal: Client) -> AsyncIterator[WorkflowHandle]:
    """A workflow that is gone afterwards, with its history."""
    handle = await temporal.start_workflow(
        VerifyWorkflow.run,
        FIRST,
        id=f"{NAME}-{secrets.token_hex(4)}",
        task_queue=NAME,
        execution_timeout=timedelta(minutes=5),
        search_attributes=TypedSearchAttributes([SearchAttributePair(STAGE, "verify")]),
    )
    yield handle
    await remove(temporal, handle)


async def remove(temporal: Client, handle: WorkflowHandle) -> None:
    with suppress(RPCError):  # it has ended by itself
        await handle.terminate("of a test")
    execution = WorkflowExecution(workflow_id=handle.id)
    wanted = DeleteWorkflowExecutionRequest(namespace=temporal.namespace, workflow_execution=execution)
    await temporal.workflow_service.delete_workflow_execution(wanted)


def another(words: str) -> Note:
    return Note(FIRST.at + timedelta(microseconds=1), FIRST.amount, words)


async def test_the_namespace_is_there_and_knows_what_bookings_are_searched_by(temporal):
    await must_have_namespace(temporal)
    known = await temporal.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=temporal.namespace)
    )
    assert SEARCH_ATTRIBUTES.keys() - known.custom_attributes.keys() == set()


async def test_what_is_sent_arrives_as_it_was_and_is_answered(temporal, running):
    assert await running.execute_update(VerifyWorkflow.note, another("second")) == 2
    await running.signal(VerifyWorkflow.end)
    assert await running.result() == [FIRST, another("second")]


async def test_a_refusal_keeps_its_class_and_data_and_leaves_nothing_in_the_history(temporal, running):
    await running.execute_update(VerifyWorkflow.note, another("once"))
    before = (await running.describe()).history_length
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await running.execute_update(VerifyWorkflow.note, another("once"))
    cause = refused.value.cause
    assert isinstance(cause, BookingError)
    assert (type(cause), cause.data) == (Conflict, {"words": "once"})
    assert (await running.describe()).history_length == before


async def test_an_update_that_is_repeated_with_its_id_happens_once(temporal, running):
    for _ in range(2):
        assert await running.execute_update(VerifyWorkflow.note, another("again"), id="the-same") == 2


async def test_a_workflow_that_runs_is_not_started_twice_but_is_found_by_who_only_wants_it_to_run(temporal, running):
    wanted = {"id": running.id, "task_queue": NAME}
    with pytest.raises(WorkflowAlreadyStartedError):
        await temporal.start_workflow(VerifyWorkflow.run, FIRST, **wanted)
    policy = WorkflowIDConflictPolicy.USE_EXISTING
    found = await temporal.start_workflow(VerifyWorkflow.run, FIRST, id_conflict_policy=policy, **wanted)
    assert found.result_run_id == running.result_run_id
    start = WithStartWorkflowOperation(VerifyWorkflow.run, FIRST, id_conflict_policy=policy, **wanted)
    assert (
        await temporal.execute_update_with_start_workflow(
            VerifyWorkflow.note, another("with its start"), start_workflow_operation=start
        )
        == 2
    )


async def test_a_workflow_is_found_by_its_search_attribute(temporal, running):
    query = f"BookingStage = 'verify' AND WorkflowId = '{running.id}'"
    async with asyncio.timeout(60):
        while (await temporal.count_workflows(query)).count != 1:  # noqa: ASYNC110 - a list rings no bell
            await asyncio.sleep(0.1)


async def test_who_polls_a_queue_is_known(temporal, running):
    await running.execute_update(VerifyWorkflow.note, another("polled"))
    polled = await last_poll(temporal, NAME, of_workflows=True)
    assert polled is not None
    assert datetime.now(UTC) - polled < timedelta(minutes=2)


async def test_a_schedule_is_made_paused_found_and_removed(temporal):
    action = ScheduleActionStartWorkflow(VerifyWorkflow.run, FIRST, id=f"{NAME}-scheduled", task_queue=NAME)
    spec = ScheduleSpec(cron_expressions=["13 3 * * *"], time_zone_name="Asia/Kolkata")
    schedule = await temporal.create_schedule(
        NAME, Schedule(action, spec, state=ScheduleState(paused=True, note="of a test"))
    )
    try:
        known = (await schedule.describe()).schedule
        assert (known.state.paused, known.spec.time_zone_name) == (True, "Asia/Kolkata")
    finally:
        await schedule.delete()
