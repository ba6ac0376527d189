"""A booking that runs as a variant of the product's workflow, on a queue of its own beside the engine's."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from temporalio.worker import Worker, WorkflowRunner

from adapters.temporal.client import RefusalInterceptor
from tests.workflows.engine import Engine
from tests.workflows.prepared import Walk, begun_after
from tests.workflows.visit import Visit, new_booking
from workers.queues import registered
from workers.task_boundaries import ReplayableRunner
from workflows.booking.messages import BOOKINGS_QUEUE


@asynccontextmanager
async def running(engine: Engine, workflow: type, *, after: Walk | None = None, **other: Any) -> AsyncIterator[Visit]:
    """A visit whose workflow is this variant until the block ends: just booked, or prepared by that walk."""
    visit = Visit(engine, new_booking(**other))
    visit.queue = f"{workflow.__name__}-{visit.id}"
    async with worked_by(visit, workflow):
        yield await (visit.opens() if after is None else begun_after(visit, after, workflow))


@asynccontextmanager
async def worked_by(visit: Visit, workflow: type, runner: WorkflowRunner | None = None) -> AsyncIterator[None]:
    """A visit with a queue of its own is run by this variant until the block ends; another one may go on then."""
    async with Worker(
        visit.engine.client,
        task_queue=visit.queue,
        workflows=[workflow],
        activities=registered(visit.engine.activities())[BOOKINGS_QUEUE],
        interceptors=[RefusalInterceptor()],
        workflow_runner=runner or ReplayableRunner(),
    ):
        yield
