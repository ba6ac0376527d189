"""After an outage the bookings that somebody waits for come before those that only have news."""

import asyncio
from datetime import UTC, datetime, timedelta
from statistics import median

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowHistory

from api.bookings.precedence import Precedence
from settings import Process
from tests.workflows.engine import KINDS, Engine
from tests.workflows.test_many_bookings import each
from tests.workflows.visit import Visit, new_booking
from workers.replay import HistoryReplay

WITH_NEWS, ASKED = 300, 5
GATHERED = 8.0
"""Seconds: what is older stands in the queue in order of age."""
PREFERRED = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_OPTIONS_UPDATED


async def preferred(visit: Visit) -> list[WorkflowHistory]:
    """Its history, as often as it was put before the others."""
    history = await visit.handle.fetch_history()
    return [history for event in history.events if event.event_type == PREFERRED]


async def test_a_command_that_is_not_answered_soon_puts_its_booking_first_once_and_no_other_does(opened, engine):
    waited_for, quick = await opened(), await opened()
    precedence = Precedence(engine.client, soon=timedelta(milliseconds=200))

    async def slow() -> str:
        await asyncio.sleep(1)
        return "answered"

    async def at_once() -> str:
        return "answered"

    for _ in range(2):
        assert await precedence.of(waited_for.handle.id, slow)() == "answered"
    assert await precedence.of(quick.handle.id, at_once)() == "answered"
    await asyncio.sleep(0.3)
    assert await preferred(quick) == []
    [history] = await preferred(waited_for)
    await waited_for.pickup_assigned()
    assert await HistoryReplay(KINDS).fault(await waited_for.handle.fetch_history()) is None
    assert history.workflow_id == waited_for.handle.id


async def test_a_workflow_that_cannot_be_preferred_is_answered_all_the_same(engine):
    async def slow() -> str:
        await asyncio.sleep(0.5)
        return "answered"

    precedence = Precedence(engine.client, soon=timedelta(milliseconds=10))
    assert await precedence.of("vehicle_service-0", slow)() == "answered"


async def is_preferred(visit: Visit) -> None:
    while not await preferred(visit):  # noqa: ASYNC110 - a history has no event to wait for
        await asyncio.sleep(0.1)


@pytest.mark.long
@pytest.mark.timeout(600)
async def test_who_asks_after_an_outage_does_not_wait_for_the_news_that_has_gathered(engine: Engine, client: Client):
    own = Engine(client, process=Process(graceful_shutdown=timedelta(0), workflow_tasks=4, workflow_pollers=2))
    visits = [Visit(own, new_booking()) for _ in range(WITH_NEWS + ASKED)]
    asked, others = visits[:ASKED], visits[ASKED:]
    precedence = Precedence(client, timedelta(seconds=0.2))
    await engine.stop()
    await own.start()
    try:
        await each(visits, lambda visit: visit.opens())
        async with own.stopped():
            await each(others, lambda visit: visit.reports_payment("order_of_somebody_else"))
            await asyncio.sleep(GATHERED)
            asking = asyncio.gather(*(precedence.of(visit.handle.id, visit.pickup_assigned)() for visit in asked))
            await each(asked, is_preferred)
            back = datetime.now(UTC)
        await asking
        await each(others, lambda visit: visit.quiet())
        began = {visit.id: await begun_after(visit, back) for visit in visits}
        for visit in visits:
            await visit.handle.terminate()
    finally:
        await own.stop()
        await engine.start()
    order = sorted(began, key=lambda booking: began[booking])
    places = [order.index(visit.id) for visit in asked]
    assert median(places) < WITH_NEWS / 3, places


async def begun_after(visit: Visit, moment: datetime) -> datetime:
    """When the first task began that a worker took up and finished since then."""
    times: dict[int, datetime] = {}
    for event in (await visit.handle.fetch_history()).events:
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED:
            times[event.event_id] = event.event_time.ToDatetime(UTC)
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
            at = times[event.workflow_task_completed_event_attributes.started_event_id]
            if at > moment:
                return at
    raise AssertionError(f"booking {visit.id} was not taken up")
