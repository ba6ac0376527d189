"""Whatever comes in whatever order, while workers come and go: what was written can be replayed."""

import asyncio
import os
import random
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import pytest
from temporalio.client import RPCTimeoutOrCancelledError, WorkflowQueryFailedError, WorkflowUpdateFailedError
from temporalio.service import RPCError
from temporalio.worker import Worker

from adapters.temporal.client import RefusalInterceptor
from kinds.vehicle_service.domain import commands
from kinds.vehicle_service.domain.parts import Job
from kinds.vehicle_service.workflow import VehicleServiceWorkflow
from tests.kinds.vehicle_service.people import ADMIN, LATA, RAVI
from tests.workflows.engine import KINDS, Engine
from tests.workflows.visit import Visit, new_booking
from workers.queues import registered
from workers.replay import HistoryReplay
from workers.task_boundaries import ReplayableRunner
from workflows.booking.messages import BOOKINGS_QUEUE

BOOKINGS, SECONDS = 80, 60.0
PATIENCE = 15.0
"""Seconds for one act: then another one comes, whatever became of it."""

NOT_NOW = (RPCError, RPCTimeoutOrCancelledError, WorkflowUpdateFailedError, WorkflowQueryFailedError)
"""Refused, or between two workers."""


@asynccontextmanager
async def restarting(engine: Engine, queue: str, chance: random.Random) -> AsyncIterator[None]:
    """Workers of this queue until the block ends, each for a second or three and with another memory."""
    over = asyncio.Event()

    async def work() -> None:
        async with Worker(
            engine.client,
            task_queue=queue,
            workflows=[VehicleServiceWorkflow],
            activities=registered(engine.activities())[BOOKINGS_QUEUE],
            interceptors=[RefusalInterceptor()],
            workflow_runner=ReplayableRunner(),
            max_cached_workflows=chance.choice((1, 5, 1000)),
            graceful_shutdown_timeout=timedelta(0),
        ):
            with suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), chance.uniform(0.5, 3))

    async def one_after_the_other() -> None:
        while not over.is_set():
            await work()

    working = asyncio.create_task(one_after_the_other())
    try:
        yield
    finally:
        over.set()
        await working


async def anything(visit: Visit, chance: random.Random) -> None:
    """One report, command or look at it; most bring nothing or are refused."""
    handle = visit.handle
    match chance.randrange(20):
        case 0 | 1 | 2 | 3 | 4 | 5 | 6:
            await visit.reports_payment(chance.choice(("order_a", "order_b")))
        case 7 | 8 | 9:
            await handle.signal(VehicleServiceWorkflow.projection_seen, 1)
        case 10 | 11:
            await handle.signal(VehicleServiceWorkflow.dispute_reported, "disp_of_somebody_else")
        case 12 | 13 | 14:
            refused = commands.ValidateProgress(ADMIN, 88)
            await handle.execute_update(VehicleServiceWorkflow.validate_progress, refused)
        case 15 | 16 | 17 | 18:
            assign = commands.Assign(ADMIN, Job.PICKUP, chance.choice((RAVI, LATA)))
            await handle.execute_update(VehicleServiceWorkflow.assign, assign)
        case _:
            await handle.query(VehicleServiceWorkflow.view)


@pytest.mark.long
@pytest.mark.timeout(600)
async def test_whatever_comes_in_whatever_order_under_workers_that_restart_can_be_replayed(engine, tmp_path):
    seed = os.environ.get("SIMULATION_SEED") or secrets.token_hex(4)
    print(f"SIMULATION_SEED={seed}")
    queue, over = f"any-order-{seed}", asyncio.Event()
    visits = [Visit(engine, new_booking()) for _ in range(BOOKINGS)]

    async def life(visit: Visit) -> None:
        chance, visit.queue = random.Random(f"{seed} {visit.id}"), queue
        await visit.opens()
        while not over.is_set():
            with suppress(TimeoutError, *NOT_NOW):
                async with asyncio.timeout(PATIENCE):
                    await anything(visit, chance)
            await asyncio.sleep(chance.uniform(0, 1.2))

    async with restarting(engine, queue, random.Random(seed)), asyncio.TaskGroup() as lives:
        for visit in visits:
            lives.create_task(life(visit))
        await asyncio.sleep(SECONDS)
        over.set()
    faults = dict[str, str]()
    for visit in visits:
        history = await visit.handle.fetch_history()
        await visit.handle.terminate()
        if fault := await HistoryReplay(KINDS, ReplayableRunner()).fault(history):
            kept = tmp_path / f"{visit.id}.json"
            kept.write_text(history.to_json())
            faults[str(kept)] = fault
    assert not faults
