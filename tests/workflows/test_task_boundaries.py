"""A replay finds the same tasks as the first run: none is merged with the next, and none is cut off by a query."""

import asyncio
import time
import uuid
from datetime import timedelta

import pytest
from temporalio import activity, workflow
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner, Worker

from domain.errors import BookingError
from domain.pauses import growing_pause
from kinds.vehicle_service.domain import commands
from kinds.vehicle_service.workflow import VehicleServiceWorkflow
from tests.kinds.vehicle_service.people import ADMIN
from tests.workflows.engine import KINDS, Engine
from tests.workflows.variants import worked_by
from tests.workflows.visit import Visit, new_booking
from workers.replay import HistoryReplay
from workers.task_boundaries import MEMO, PATCH, ReplayableRunner
from workflows.booking.rechecks import VainReports

ORDER = "order_of_somebody_else"
UNKNOWN_REPORT = commands.ValidateProgress(ADMIN, 88)


def traces(events: list[HistoryEvent]) -> list[str]:
    """What tasks that decided nothing have left."""
    left = list[str]()
    for each in events:
        if "patch-data" in each.marker_recorded_event_attributes.details:  # asked for directly, it would be added
            patches = each.marker_recorded_event_attributes.details["patch-data"].payloads
            left += [PATCH for patch in patches if PATCH in patch.data.decode()]
        left += each.workflow_properties_modified_event_attributes.upserted_memo.fields
    return left


class InVain:
    """A visit that is told again and again of an order which it does not know.

    Nobody works for it but whom a test lets.
    """

    def __init__(self, engine: Engine) -> None:
        self.visit = Visit(engine, new_booking())
        self.visit.queue = f"in-vain-{self.visit.id}"
        self._looks = 0

    async def told(self) -> bool:
        """Whether it has looked that order up: not if it did so a moment ago."""
        before = await self._local_activities()
        await self.visit.reports_payment(ORDER)
        looked = await self._local_activities() > before
        self._looks += looked
        return looked

    async def decides_nothing(self, times: int) -> None:
        """So many tasks in a row, which after a while would look the order up."""
        in_a_row = 0
        while in_a_row < times:
            in_a_row = 0 if await self.told() else in_a_row + 1
        await asyncio.sleep(self._pause)

    async def goes_on(self) -> None:
        """A worker that does not have it in memory performs a command, and another one the next."""
        async with worked_by(self.visit, VehicleServiceWorkflow):
            await self.visit.pickup_assigned()
        async with worked_by(self.visit, VehicleServiceWorkflow):
            await self.visit.collected()
        history = await self.visit.handle.fetch_history()
        assert await HistoryReplay(KINDS, ReplayableRunner()).fault(history) is None

    @property
    def _pause(self) -> float:
        longest = VainReports.longest
        return growing_pause(timedelta(seconds=1), longest, self._looks - VainReports.at_once).total_seconds()

    async def _local_activities(self) -> int:
        names = [each.marker_recorded_event_attributes.marker_name for each in await self.visit.quiet()]
        return names.count("core_local_activity")


async def test_a_command_after_a_restart_is_not_taken_for_one_task_with_reports_that_came_before(engine):
    booking = InVain(engine)
    async with worked_by(booking.visit, VehicleServiceWorkflow):
        await booking.visit.opens()
        await booking.decides_nothing(2)
    await booking.goes_on()
    assert traces(await booking.visit.quiet())[:2] == [PATCH, MEMO]


async def test_a_booking_of_an_older_release_leaves_them_from_the_next_task_on(engine):
    booking = InVain(engine)
    async with worked_by(booking.visit, VehicleServiceWorkflow, UnsandboxedWorkflowRunner()):
        await booking.visit.opens()
        await booking.decides_nothing(2)
    assert traces(await booking.visit.quiet()) == []
    async with worked_by(booking.visit, VehicleServiceWorkflow):
        assert await booking.told()
        assert traces(await booking.visit.quiet()) == [PATCH]
        await booking.decides_nothing(2)
    await booking.goes_on()


async def test_a_task_that_only_refuses_a_command_leaves_nothing_but_for_a_report_beside_it(engine):
    visit = InVain(engine).visit
    async with worked_by(visit, VehicleServiceWorkflow):
        await visit.opens()
        with pytest.raises(BookingError):
            await visit.asks(UNKNOWN_REPORT)
        assert traces(await visit.quiet()) == []
        await visit.handle.signal(VehicleServiceWorkflow.projection_seen, 1)
        assert traces(await visit.quiet()) == [PATCH]
    refused = visit.in_background(visit.asks(UNKNOWN_REPORT))
    await visit.handle.signal(VehicleServiceWorkflow.projection_seen, 1)
    async with worked_by(visit, VehicleServiceWorkflow):
        with pytest.raises(BookingError):
            await refused
        assert traces(await visit.quiet()) == [PATCH, MEMO]


@activity.defn
async def look() -> None:
    """At once."""


@workflow.defn
class Watched:
    """Counts what it was told, and says so with a delay."""

    def __init__(self) -> None:
        self._told = 0

    @workflow.run
    async def run(self) -> None:
        await workflow.wait_condition(lambda: False)

    @workflow.signal
    async def tell(self) -> None:
        await workflow.execute_local_activity(look, start_to_close_timeout=timedelta(minutes=1))
        workflow.patched("a command from then on")
        self._told += 1

    @workflow.query
    def told(self) -> int:
        time.sleep(0.2)
        return self._told

    @workflow.update
    async def ask(self) -> None:
        """Like a booking, it takes updates."""


async def test_a_query_does_not_keep_the_result_of_a_local_activity_for_the_task_after_its_own(client: Client):
    name = f"watched-{uuid.uuid4().hex}"

    def working() -> Worker:
        runner = ReplayableRunner()
        return Worker(client, task_queue=name, workflows=[Watched], activities=[look], workflow_runner=runner)

    async with working():
        handle = await client.start_workflow(Watched.run, id=name, task_queue=name)
        assert await handle.query(Watched.told) == 0
    await handle.signal(Watched.tell)
    asked = asyncio.create_task(handle.query(Watched.told))
    await asyncio.sleep(0.3)  # now the query goes with the task of the signal; nothing tells when
    async with working():
        assert await asked in {0, 1}
        while await handle.query(Watched.told) == 0:
            pass
    history = await handle.fetch_history()
    await handle.terminate()
    await Replayer(workflows=[Watched], workflow_runner=ReplayableRunner()).replay_workflow(history)


@workflow.defn
class ShortWaits:
    """Waits with a limit for what is there already."""

    def __init__(self) -> None:
        self._waited = 0

    @workflow.run
    async def run(self) -> None:
        await workflow.wait_condition(lambda: False)

    @workflow.signal
    async def wait(self) -> None:
        await workflow.wait_condition(lambda: True, timeout=60)
        self._waited += 1

    @workflow.query
    def waited(self) -> int:
        return self._waited

    @workflow.update
    async def ask(self) -> None:
        """Without an update, no two tasks follow one another at once."""


async def test_a_timer_that_is_stopped_in_the_task_that_starts_it_is_no_event(client: Client):
    name = f"short-waits-{uuid.uuid4().hex}"
    async with Worker(client, task_queue=name, workflows=[ShortWaits], workflow_runner=ReplayableRunner()):
        handle = await client.start_workflow(ShortWaits.run, id=name, task_queue=name)
        assert await handle.query(ShortWaits.waited) == 0
        for times in (1, 2):
            await handle.signal(ShortWaits.wait)
            assert await handle.query(ShortWaits.waited) == times
    history = await handle.fetch_history()
    await handle.terminate()
    assert not any(each.HasField("timer_started_event_attributes") for each in history.events)
    assert traces(list(history.events)) == [PATCH, MEMO, MEMO]
    await Replayer(workflows=[ShortWaits], workflow_runner=ReplayableRunner()).replay_workflow(history)


async def test_a_task_that_ends_before_the_local_activity_that_it_began_is_not_without_an_event(client: Client):
    """Else a command after a restart would be taken for one task with it, as after one that decides nothing."""
    name, over = f"long-looks-{uuid.uuid4().hex}", asyncio.Event()

    @activity.defn(name=look.__name__)
    async def look_long() -> None:
        await over.wait()

    async with Worker(
        client, task_queue=name, workflows=[Watched], activities=[look_long], workflow_runner=ReplayableRunner()
    ):
        handle = await client.start_workflow(Watched.run, id=name, task_queue=name, task_timeout=timedelta(seconds=1))
        for left in ([PATCH], [PATCH, MEMO]):
            await handle.signal(Watched.tell)
            async with asyncio.timeout(30):
                while traces(list((await handle.fetch_history()).events)) != left:  # noqa: ASYNC110 - it rings no bell
                    await asyncio.sleep(0.05)
        over.set()
        await handle.execute_update(Watched.ask)
    history = await handle.fetch_history()
    await handle.terminate()
    await Replayer(workflows=[Watched], workflow_runner=ReplayableRunner()).replay_workflow(history)
