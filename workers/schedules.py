"""What runs by the clock, with the intervals that are settings."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy

from adapters.temporal.schedules import sync_schedules
from settings import Settings
from workers.kind import KindWorker
from workflows.booking.messages import MAIL_QUEUE, MAINTENANCE_QUEUE
from workflows.outbox import OUTBOX_ID, EmailOutboxWorkflow
from workflows.recovery import RECOVERY_ID, BookingRecoveryWorkflow
from workflows.schedules import DAILY_BACKUP, SCHEDULES, ScheduledJob
from workflows.sweep import SWEEP_ID, PaymentSweepWorkflow

ALWAYS = (
    (
        PaymentSweepWorkflow.run,
        SWEEP_ID,
        MAINTENANCE_QUEUE,
        "delivers payment events whose signal was lost, polls open orders",
    ),
    (
        BookingRecoveryWorkflow.run,
        RECOVERY_ID,
        MAINTENANCE_QUEUE,
        "starts the workflows of bookings again that should not have ended",
    ),
    (EmailOutboxWorkflow.run, OUTBOX_ID, MAIL_QUEUE, "sends the e-mails of bookings"),
)
"""Workflows that never end."""


def scheduled_jobs(settings: Settings, kinds: Sequence[KindWorker[Any]]) -> list[ScheduledJob]:
    """Every job with its interval."""
    every = settings.backups.every
    jobs = [*SCHEDULES, *(job for kind in kinds for job in kind.schedules)]
    return [replace(job, every=every, offset=job.offset % every) if job.id == DAILY_BACKUP else job for job in jobs]


async def keep_schedules(client: Client, settings: Settings, kinds: Sequence[KindWorker[Any]]) -> None:
    """Make Temporal's Schedules agree with the list, and see that what always runs does: one each for all processes."""
    for workflow, name, queue, purpose in ALWAYS:
        await client.start_workflow(
            workflow,
            id=name,
            task_queue=queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            static_summary=purpose,
        )
    await sync_schedules(client, scheduled_jobs(settings, kinds))
