"""Scheduled workflows: one entry each. The worker makes Temporal's Schedules agree with this list when it starts."""

from dataclasses import dataclass
from datetime import timedelta

from workflows.booking.messages import BACKUPS_QUEUE, MAINTENANCE_QUEUE, PAYMENTS_QUEUE


@dataclass(frozen=True, slots=True)
class ScheduledJob:
    """Start this workflow whenever the interval is over (in UTC, ``offset`` after midnight)."""

    id: str
    workflow: str
    every: timedelta
    note: str
    queue: str = MAINTENANCE_QUEUE
    offset: timedelta = timedelta(0)


DAILY_BACKUP = "daily-backup"

# No two begin at one moment; on the hour a shop's machines have enough to do.
SCHEDULES: tuple[ScheduledJob, ...] = (
    ScheduledJob(
        "housekeeping",
        "HousekeepingWorkflow",
        timedelta(hours=1),
        "expired rows are removed",
        offset=timedelta(minutes=13),
    ),
    ScheduledJob(
        "projection-check",
        "ProjectionCheckWorkflow",
        timedelta(minutes=5),
        "workflows that are behind their rows go on from them",
        offset=timedelta(minutes=1),
    ),
    ScheduledJob(
        "nightly-reconciliation",
        "ReconciliationWorkflow",
        timedelta(days=1),
        "the ledger against the provider, the bookings and the workflows",
        PAYMENTS_QUEUE,
        offset=timedelta(hours=21, minutes=2),
    ),
    ScheduledJob(
        DAILY_BACKUP,
        "BackupWorkflow",
        timedelta(days=1),
        "a backup of both stores; old ones are removed",
        BACKUPS_QUEUE,
        offset=timedelta(hours=20, minutes=30),  # two at night in India
    ),
)
