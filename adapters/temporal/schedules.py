"""Temporal Schedules, kept as the code says: made when missing, changed when they differ in any way."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import time, timedelta
from enum import StrEnum
from typing import Protocol

from temporalio.api.common.v1 import Payload
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleCalendarSpec,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleRange,
    ScheduleSpec,
    ScheduleState,
    ScheduleUpdate,
    ScheduleUpdateInput,
)
from temporalio.service import RPCError, RPCStatusCode

_CATCH_UP = timedelta(hours=1)  # the server's own default is a year
_JITTER = timedelta(minutes=2)
"""So much later a job of the shop's clock may begin: many shops may share one Temporal."""


class ScheduledJob(Protocol):
    """What is to be started, and how often: ``every`` so long, or daily ``at`` a time of the shop's clock."""

    @property
    def id(self) -> str: ...
    @property
    def workflow(self) -> str: ...
    @property
    def every(self) -> timedelta: ...
    @property
    def offset(self) -> timedelta: ...
    @property
    def at(self) -> time | None: ...
    @property
    def note(self) -> str: ...
    @property
    def queue(self) -> str: ...


class Idle(StrEnum):
    """Why a job is not started by the clock."""

    MISSING = "missing"
    PAUSED = "paused"


class Kept(StrEnum):
    """What became of a Schedule that was to be as the code says."""

    MADE = "made"
    CHANGED = "changed"
    FOUND = "found"


async def sync_schedules(client: Client, jobs: Iterable[ScheduledJob], timezone: str) -> dict[str, Kept]:
    """Make every job a Schedule; one that an admin paused stays paused. ``timezone``: that of the shop's clock."""
    return {job.id: await _kept(client, job, timezone) for job in jobs}


async def idle_schedules(client: Client, ids: Iterable[str]) -> dict[str, Idle]:
    """Those of these jobs that nothing starts, in their order.

    Raises:
        RPCError: Temporal does not say.
    """
    found = {}
    for each in ids:
        try:
            description = await client.get_schedule_handle(each).describe()
        except RPCError as refused:
            if refused.status is not RPCStatusCode.NOT_FOUND:
                raise
            found[each] = Idle.MISSING
        else:
            if description.schedule.state.paused:
                found[each] = Idle.PAUSED
    return found


async def _kept(client: Client, job: ScheduledJob, timezone: str) -> Kept:
    wanted, changed = _schedule(job, timezone), False

    async def change(now: ScheduleUpdateInput) -> ScheduleUpdate | None:
        nonlocal changed
        found = now.description.schedule
        wanted.state = replace(found.state, note=job.note)
        changed = await _told(client, found) != await _told(client, wanted)
        return ScheduleUpdate(wanted) if changed else None

    try:
        await client.create_schedule(job.id, wanted)
    except ScheduleAlreadyRunningError:
        await client.get_schedule_handle(job.id).update(change)
        return Kept.CHANGED if changed else Kept.FOUND
    return Kept.MADE


async def _told(client: Client, schedule: Schedule) -> tuple[object, ...]:
    """What the code says of a schedule; the server answers with more."""
    action = schedule.action
    if not isinstance(action, ScheduleActionStartWorkflow):
        return ()
    summary = action.static_summary
    if isinstance(summary, Payload):
        [summary] = await client.data_converter.decode([summary], [str])
    started = (action.workflow, action.id, action.task_queue, summary)
    return schedule.spec, schedule.policy, schedule.state.note, started


def _schedule(job: ScheduledJob, timezone: str) -> Schedule:
    return Schedule(
        action=ScheduleActionStartWorkflow(job.workflow, id=job.id, task_queue=job.queue, static_summary=job.note),
        spec=_spec(job, timezone),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=_CATCH_UP),
        state=ScheduleState(note=job.note),
    )


def _spec(job: ScheduledJob, timezone: str) -> ScheduleSpec:
    if job.at is None:
        return ScheduleSpec(intervals=[ScheduleIntervalSpec(job.every, offset=job.offset)])
    moment = ScheduleCalendarSpec(hour=(ScheduleRange(job.at.hour),), minute=(ScheduleRange(job.at.minute),))
    return ScheduleSpec(calendars=[moment], time_zone_name=timezone, jitter=_JITTER)
