"""Workflows that never end, one each for all processes; one that somebody has ended is started again."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy

from adapters.unending import unending
from workflows.booking.messages import MAIL_QUEUE, MAINTENANCE_QUEUE
from workflows.outbox import OUTBOX_ID, EmailOutboxWorkflow
from workflows.recovery import RECOVERY_ID, BookingRecoveryWorkflow
from workflows.sweep import SWEEP_ID, PaymentSweepWorkflow

STARTED_EVERY = timedelta(minutes=1)
"""While one does not run, payments, e-mails or lost bookings wait; asking costs a call for each."""


@dataclass(frozen=True, slots=True)
class AlwaysRunning:
    """A workflow that is to run at any time; ``purpose`` is its summary in the Temporal UI."""

    run: Any
    id: str
    queue: str
    purpose: str


ALWAYS = (
    AlwaysRunning(
        PaymentSweepWorkflow.run,
        SWEEP_ID,
        MAINTENANCE_QUEUE,
        "delivers payment events whose signal was lost, polls open orders",
    ),
    AlwaysRunning(
        BookingRecoveryWorkflow.run,
        RECOVERY_ID,
        MAINTENANCE_QUEUE,
        "starts the workflows of bookings again that should not have ended",
    ),
    AlwaysRunning(EmailOutboxWorkflow.run, OUTBOX_ID, MAIL_QUEUE, "sends the e-mails of bookings"),
)


async def start_always(client: Client, wanted: Sequence[AlwaysRunning] = ALWAYS) -> None:
    """Start those that do not run."""
    for each in wanted:
        await client.start_workflow(
            each.run,
            id=each.id,
            task_queue=each.queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            static_summary=each.purpose,
        )


@asynccontextmanager
async def always_running(
    client: Client, wanted: Sequence[AlwaysRunning] = ALWAYS, every: timedelta = STARTED_EVERY
) -> AsyncIterator[None]:
    """Until the block ends, start those again that do not run any more."""

    async def look() -> None:
        await asyncio.sleep(every.total_seconds())
        await start_always(client, wanted)

    watching = asyncio.create_task(unending(look, 0, "workflows that always run could not be looked after"))
    try:
        yield
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
