"""What runs by the clock, with the intervals that are settings."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from temporalio.client import Client

from adapters.temporal.schedules import Kept, sync_schedules
from settings import Settings
from workers.kind import KindWorker
from workflows.schedules import DAILY_BACKUP, DAY, SCHEDULES, ScheduledJob


def scheduled_jobs(settings: Settings, kinds: Sequence[KindWorker[Any]]) -> list[ScheduledJob]:
    """Every job with its interval."""
    every = settings.backups.every
    jobs = [*SCHEDULES, *(job for kind in kinds for job in kind.schedules)]
    if every == DAY:
        return jobs
    return [
        replace(job, every=every, offset=job.offset % every, at=None) if job.id == DAILY_BACKUP else job for job in jobs
    ]


async def keep_schedules(client: Client, settings: Settings, kinds: Sequence[KindWorker[Any]]) -> dict[str, Kept]:
    """Make Temporal's Schedules agree with the list; answers what became of each."""
    return await sync_schedules(client, scheduled_jobs(settings, kinds), settings.company.shop_timezone)
