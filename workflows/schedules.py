"""Scheduled workflows: one entry each. The worker makes Temporal's Schedules agree with this list when it starts."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class ScheduledJob:
    """Start this workflow whenever the interval is over (in UTC, ``offset`` after midnight)."""

    id: str
    workflow: str
    every: timedelta
    note: str
    offset: timedelta = timedelta(0)


DAILY_BACKUP = "daily-backup"

SCHEDULES: tuple[ScheduledJob, ...] = (
    ScheduledJob("housekeeping", "HousekeepingWorkflow", timedelta(hours=1), "expired rows are removed"),
    ScheduledJob(
        "projection-check",
        "ProjectionCheckWorkflow",
        timedelta(minutes=5),
        "rows that got ahead of their workflow in a crash are repaired",
    ),
    ScheduledJob(
        "nightly-reconciliation",
        "ReconciliationWorkflow",
        timedelta(days=1),
        "the ledger against the provider, the bookings and the workflows",
        offset=timedelta(hours=21),
    ),
    ScheduledJob(
        DAILY_BACKUP,
        "BackupWorkflow",
        timedelta(days=1),
        "a backup of both stores; old ones are removed",
        offset=timedelta(hours=20, minutes=30),  # two at night in India
    ),
    # 9 in the morning in India.
    ScheduledJob(
        "service-reminders", "ServiceRemindersWorkflow", timedelta(days=1), "cars due again", timedelta(hours=3.5)
    ),
)
