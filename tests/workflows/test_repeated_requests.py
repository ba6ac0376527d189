"""A request that is repeated: done once, and its history shows the arguments that the workflow has worked with."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from kinds.vehicle_service.domain import commands
from kinds.vehicle_service.domain.parts import Job
from kinds.vehicle_service.worker import WORKER
from tests.kinds.vehicle_service.people import ADMIN, RAVI
from tests.workflows.engine import working
from tests.workflows.running_booking import eventually
from tests.workflows.servers import connected, dev_server
from tests.workflows.visit import Visit, new_booking
from workers.replay import HistoryReplay
from workers.task_boundaries import ReplayableRunner
from workflows.booking.messages import request_id, update_id

PICKUP = commands.Assign(ADMIN, Job.PICKUP, RAVI)


class ForgetfulServer:
    """A Temporal that can be started again: it knows its histories, and no update that is not in one."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._running = folder, ExitStack()

    def start(self) -> str:
        return self._running.enter_context(dev_server(self._folder, file=self._folder / "temporal.db"))

    def stop(self) -> None:
        self._running.close()


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[ForgetfulServer]:
    server = ForgetfulServer(tmp_path)
    yield server
    server.stop()


async def accepted(visit: Visit) -> list[str]:
    """The ids of the updates that history has, after the opening."""
    events = await visit.quiet()
    requests = [event.workflow_execution_update_accepted_event_attributes.accepted_request for event in events]
    return [request.meta.update_id for request in requests if request.meta.update_id][1:]


async def replays(visit: Visit) -> str | None:
    return await HistoryReplay([WORKER], ReplayableRunner()).fault(await visit.handle.fetch_history())


def test_an_id_is_of_the_request_and_of_what_is_sent_for_it():
    assert update_id("4f2e", b"{}") == update_id("4f2e", b"{}") != update_id("4f2e", b"[]")
    assert request_id(update_id("4f2e", b"{}")) == "4f2e"
    assert request_id("4f2e") == "4f2e"


async def test_a_repeat_that_knows_a_newer_version_waits_for_the_first_and_gets_its_answer(opened):
    visit = await opened()
    await visit.quiet()
    async with visit.engine.stopped():
        asked = [visit.in_background(visit.asks(PICKUP, "again", seen)) for seen in (1, 2)]
        await visit.pause(0.3)
    first, repeated = await asyncio.gather(*asked)
    assert first == repeated
    assert visit.actions == ["book", "assign"]
    assert [request_id(update) for update in await accepted(visit)] == ["again"] * 2
    assert await replays(visit) is None


@pytest.mark.long  # Temporal is started again in the middle, and the task is done again after ten seconds
async def test_a_repeat_after_temporal_forgot_the_request_leaves_a_history_that_can_be_replayed(server):
    """The rows do not answer, Temporal is started again, and takes the repeat for what the workflow works on."""
    async with working(await connected(server.start())) as engine:
        visit = await Visit(engine, new_booking()).opens()
        await visit.quiet()
        async with engine.stopped():
            await visit.handle.signal("projection_seen", 0)  # else no event would show that the task was begun
            first = visit.in_background(visit.asks(PICKUP, "again", seen=1))
            await visit.pause(0.3)
            down = ExitStack()
            down.enter_context(engine.store.down())
        await eventually(lambda: engine.store.refused_calls)
        first.cancel()
        server.stop()
        await connected(server.start())
        repeated = visit.in_background(visit.asks(PICKUP, "again", seen=2))
        await visit.pause(0.5)
        down.close()
        assert (await repeated).version == 2
        assert visit.actions == ["book", "assign"]
        assert await replays(visit) is None
