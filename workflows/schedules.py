"""What happens by the clock: which story is started when. One entry each; the worker keeps Temporal's Schedules so."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Standing:
    """A standing order: start this workflow whenever the interval is over (in UTC, ``offset`` after midnight)."""

    id: str
    workflow: str
    every: timedelta
    note: str
    offset: timedelta = timedelta(0)


DAILY_BACKUP = "daily-backup"

STANDING: tuple[Standing, ...] = (
    Standing("housekeeping", "Housekeeping", timedelta(hours=1), "what is past its time is thrown away"),
    Standing(
        "projection-check",
        "ProjectionCheck",
        timedelta(minutes=5),
        "rows that got ahead of their workflow in a crash are put right",
    ),
    Standing(
        "nightly-reconciliation",
        "Reconciliation",
        timedelta(days=1),
        "the books against the provider, the bookings and the workflows",
        offset=timedelta(hours=21),
    ),
    Standing(
        DAILY_BACKUP,
        "BackupWorkflow",
        timedelta(days=1),
        "a backup of both stores; old ones go",
        offset=timedelta(hours=20, minutes=30),  # two at night in India
    ),
    # 9 in the morning in India: a mail to read over tea.
    Standing("service-reminders", "ServiceReminders", timedelta(days=1), "cars due again", timedelta(hours=3.5)),
)
