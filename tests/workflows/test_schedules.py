"""What runs by the clock: nightly jobs by that of the shop, as Temporal keeps them."""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from temporalio.client import Client, ScheduleIntervalSpec, ScheduleSpec, ScheduleUpdate, ScheduleUpdateInput

from adapters.temporal.schedules import Kept
from backup_settings import Backups
from kinds.vehicle_service.worker import WORKER
from settings import Company, Settings
from workers.schedules import keep_schedules, scheduled_jobs

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
INDIA = Company().shop_timezone
SOME = "Asia/Kolkata Europe/Helsinki Europe/Lisbon America/New_York America/Santiago Africa/Cairo Australia/Lord_Howe"
BY_THE_CLOCK = {"daily-backup", "nightly-reconciliation", "service-reminders"}


def begins(job, zone: str) -> set[timedelta]:
    """The minutes of a day, after midnight in UTC, in which a job begins."""
    if job.at is not None:
        moment = datetime.combine(date(2026, 12, 1), job.at, ZoneInfo(zone)).astimezone(UTC)
        return {timedelta(hours=moment.hour, minutes=moment.minute)}
    return {(job.offset + number * job.every) % DAY // MINUTE * MINUTE for number in range(DAY // job.every)}


def test_no_two_jobs_begin_in_the_same_minute():
    every = Counter(at for job in scheduled_jobs(Settings(), [WORKER]) for at in begins(job, INDIA))
    assert [f"{at}" for at, jobs in every.items() if jobs > 1] == []


def test_what_runs_once_a_day_runs_by_the_clock_of_the_shop():
    assert {job.id for job in scheduled_jobs(Settings(), [WORKER]) if job.at is not None} == BY_THE_CLOCK


@pytest.mark.parametrize("zone", SOME.split())
def test_a_clock_that_is_put_forward_or_back_skips_and_repeats_no_job(zone):
    times = {job.at for job in scheduled_jobs(Settings(), [WORKER]) if job.at is not None}
    for moment in times:
        for number in range(366):
            here = datetime.combine(date(2027, 1, 1) + number * DAY, moment, ZoneInfo(zone))
            assert here.astimezone(UTC).astimezone(ZoneInfo(zone)) == here
            assert here.utcoffset() == here.replace(fold=1).utcoffset()


def test_backups_at_another_interval_are_no_matter_of_the_clock():
    settings = Settings(backups=Backups(REVCARE_BACKUP_EVERY="6h"))
    [backup] = [job for job in scheduled_jobs(settings, [WORKER]) if job.id == "daily-backup"]
    assert (backup.every, backup.at) == (timedelta(hours=6), None)


@pytest.fixture
async def no_schedules(client: Client) -> AsyncIterator[None]:
    """Nothing is left that would start a workflow of another test's worker."""
    yield
    for job in scheduled_jobs(Settings(), [WORKER]):
        await client.get_schedule_handle(job.id).delete()


async def test_a_schedule_of_an_older_release_is_changed_and_one_that_is_right_is_left_alone(
    client: Client, no_schedules
):
    abroad = Settings(company=Company(shop_timezone="Europe/Lisbon"))
    kept = await keep_schedules(client, abroad, [WORKER])
    assert set(kept.values()) <= {Kept.MADE, Kept.CHANGED}
    handle = client.get_schedule_handle("nightly-reconciliation")
    await handle.pause(note="while the provider moves")

    def as_it_was(now: ScheduleUpdateInput) -> ScheduleUpdate:
        now.description.schedule.spec = ScheduleSpec(intervals=[ScheduleIntervalSpec(DAY, offset=timedelta(hours=21))])
        return ScheduleUpdate(now.description.schedule)

    await handle.update(as_it_was)
    kept = await keep_schedules(client, abroad, [WORKER])
    assert {job for job, outcome in kept.items() if outcome is not Kept.FOUND} == {"nightly-reconciliation"}
    found = await handle.describe()
    assert (found.schedule.spec.intervals, found.schedule.spec.time_zone_name) == ([], "Europe/Lisbon")
    assert found.schedule.state.paused
    begun = [moment.astimezone(ZoneInfo("Europe/Lisbon")) for moment in found.info.next_action_times]
    assert {moment.hour for moment in begun} == {time(4, 32).hour}
    assert all(32 <= moment.minute <= 34 for moment in begun)
    assert set((await keep_schedules(client, abroad, [WORKER])).values()) == {Kept.FOUND}
