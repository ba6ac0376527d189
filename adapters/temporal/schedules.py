"""Temporal Schedules, kept as the code says: made when missing, changed when they differ in any way."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Protocol

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleState,
    ScheduleUpdate,
    ScheduleUpdateInput,
)

_CATCH_UP = timedelta(hours=1)  # the server's own default is a year


class ScheduledJob(Protocol):
    """What is to be started, and how often."""

    @property
    def id(self) -> str: ...
    @property
    def workflow(self) -> str: ...
    @property
    def every(self) -> timedelta: ...
    @property
    def offset(self) -> timedelta: ...
    @property
    def note(self) -> str: ...
    @property
    def queue(self) -> str: ...


async def sync_schedules(client: Client, jobs: Iterable[ScheduledJob]) -> None:
    """Make every job a Schedule; one that an admin paused stays paused."""
    for job in jobs:
        schedule = _schedule(job)
        try:
            await client.create_schedule(job.id, schedule)
        except ScheduleAlreadyRunningError:
            await client.get_schedule_handle(job.id).update(_changed_to(schedule))


def _changed_to(wanted: Schedule) -> Callable[[ScheduleUpdateInput], ScheduleUpdate]:
    def change(now: ScheduleUpdateInput) -> ScheduleUpdate:
        wanted.state = now.description.schedule.state
        return ScheduleUpdate(wanted)

    return change


def _schedule(job: ScheduledJob) -> Schedule:
    return Schedule(
        action=ScheduleActionStartWorkflow(job.workflow, id=job.id, task_queue=job.queue, static_summary=job.note),
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(job.every, offset=job.offset)]),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=_CATCH_UP),
        state=ScheduleState(note=job.note),
    )
