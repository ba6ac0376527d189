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


class StandingOrder(Protocol):
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


async def keep_schedules(client: Client, orders: Iterable[StandingOrder], queue: str) -> None:
    """Make every standing order a Schedule; whether an admin paused it stays as it is."""
    for order in orders:
        schedule = _schedule(order, queue)
        try:
            await client.create_schedule(order.id, schedule)
        except ScheduleAlreadyRunningError:
            await client.get_schedule_handle(order.id).update(_changed_to(schedule))


def _changed_to(wanted: Schedule) -> Callable[[ScheduleUpdateInput], ScheduleUpdate]:
    def change(now: ScheduleUpdateInput) -> ScheduleUpdate:
        wanted.state = now.description.schedule.state
        return ScheduleUpdate(wanted)

    return change


def _schedule(order: StandingOrder, queue: str) -> Schedule:
    return Schedule(
        action=ScheduleActionStartWorkflow(order.workflow, id=order.id, task_queue=queue, static_summary=order.note),
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(order.every, offset=order.offset)]),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=_CATCH_UP),
        state=ScheduleState(note=order.note),
    )
