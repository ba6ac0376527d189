"""Scheduled workflows: one entry each. The worker makes Temporal's Schedules agree with this list when it starts."""

from dataclasses import dataclass
from datetime import time, timedelta

from workflows.booking.messages import BACKUPS_QUEUE, MAINTENANCE_QUEUE, PAYMENTS_QUEUE


@dataclass(frozen=True, slots=True)
class ScheduledJob:
    """Start this workflow whenever the interval is over (in UTC, ``offset`` after midnight).

    ``at``: once a day at this time of the shop's clock instead, where the interval is a day.
    """

    id: str
    workflow: str
    every: timedelta
    note: str
    queue: str = MAINTENANCE_QUEUE
    offset: timedelta = timedelta(0)
    at: time | None = None


DAY = timedelta(days=1)
DAILY_BACKUP = "daily-backup"

# No two begin at one moment; on the hour a shop's machines have enough to do. No clock is put forward or back at four.
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
        DAY,
        "the ledger against the provider, the bookings and the workflows",
        PAYMENTS_QUEUE,
        at=time(4, 32),
    ),
    ScheduledJob(
        DAILY_BACKUP,
        "BackupWorkflow",
        DAY,
        "a backup of both stores; old ones are removed",
        BACKUPS_QUEUE,
        offset=timedelta(hours=22, minutes=30),
        at=time(4),
    ),
)
