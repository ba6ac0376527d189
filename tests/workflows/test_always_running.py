"""What always runs goes on running, whoever ends it."""

import asyncio
from datetime import timedelta

from temporalio.client import WorkflowExecutionStatus

from tests.workflows.running_booking import PATIENCE
from workers.always import AlwaysRunning, always_running, start_always
from workflows.sweep import PaymentSweepWorkflow

SWEEP = AlwaysRunning(PaymentSweepWorkflow.run, "always-running", "nobody-polls-this", "for this test")


async def test_one_that_was_terminated_is_started_again_and_one_that_runs_is_left_alone(client):
    handle = client.get_workflow_handle(SWEEP.id)
    await start_always(client, [SWEEP])
    first = (await handle.describe()).run_id
    async with always_running(client, [SWEEP], timedelta(milliseconds=20)):
        await asyncio.sleep(0.1)
        assert (await handle.describe()).run_id == first
        await handle.terminate("by mistake")
        async with asyncio.timeout(PATIENCE):
            while (now := await handle.describe()).status is not WorkflowExecutionStatus.RUNNING:  # noqa: ASYNC110 - a server rings no bell
                await asyncio.sleep(0.02)
        assert now.run_id != first
    await handle.terminate()
