"""What runs by the clock, with the intervals that are settings."""

from dataclasses import replace

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy

from adapters.temporal.schedules import sync_schedules
from settings import Settings
from workflows.booking.messages import MAINTENANCE_QUEUE
from workflows.schedules import DAILY_BACKUP, SCHEDULES, ScheduledJob
from workflows.sweep import SWEEP_ID, PaymentSweepWorkflow


def scheduled_jobs(settings: Settings) -> list[ScheduledJob]:
    """Every job with its interval."""
    every = settings.backups.every
    return [
        replace(job, every=every, offset=job.offset % every) if job.id == DAILY_BACKUP else job for job in SCHEDULES
    ]


async def keep_schedules(client: Client, settings: Settings) -> None:
    """Make Temporal's Schedules agree with the list, and see that the sweep runs: one for all processes."""
    await client.start_workflow(
        PaymentSweepWorkflow.run,
        id=SWEEP_ID,
        task_queue=MAINTENANCE_QUEUE,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        static_summary="delivers payment events whose signal was lost, polls open orders",
    )
    await sync_schedules(client, scheduled_jobs(settings))
