"""What a booking takes: in Temporal's history, and in the memory of the worker that has it open.

Counted and not timed, so the load of the machine changes nothing. The bounds are a little above what was found when
they were written; what is above them has become dearer.
"""

import gc
from collections import Counter
from datetime import timedelta

import pytest
from temporalio.client import Client

from settings import Process
from tests.workflows.engine import Engine
from tests.workflows.paths import PATHS
from tests.workflows.test_costs import done_again, facts, moves, name
from tests.workflows.visit import Visit, new_booking

EVENTS, BYTES = 9, 2_800
"""Of a whole life, for each version: mails and calls of the provider included. 135 events and 38 kB at 15 versions."""
LARGEST = 3_600
"""Bytes of the start, the only event with a whole state in it."""
OF_A_TRANSITION = 2_000
OBJECTS = 460
"""That Python's collector knows of one open booking, with what the test itself keeps of it; 390 to 413 were found."""
SETTLING, OPENED = 8, 20


@pytest.mark.parametrize("path", ["online", "cash"])
async def test_a_life_takes_few_events_and_bytes(engine: Engine, path: str):
    visit = await PATHS[path](engine)
    events = list((await visit.handle.fetch_history()).events)
    repeated = {event.event_id for event in events if done_again(event)}
    repeated |= {facts(event).scheduled_event_id for event in events if done_again(event)}
    repeated |= {facts(event).started_event_id for event in events if done_again(event)}
    kept = [event for event in events if event.event_id not in repeated]
    assert len(kept) <= EVENTS * moves(kept), Counter(map(name, kept))
    assert sum(event.ByteSize() for event in kept) <= BYTES * moves(kept)
    largest, *others = sorted(kept, key=lambda event: -event.ByteSize())
    assert name(largest) == "WORKFLOW_EXECUTION_STARTED"
    assert largest.ByteSize() <= LARGEST
    assert others[0].ByteSize() <= OF_A_TRANSITION, name(others[0])


async def test_an_open_booking_keeps_few_objects_in_memory(engine: Engine, client: Client):
    own = Engine(client, process=Process(graceful_shutdown=timedelta(0)))
    visits: list[Visit] = []

    async def objects_with(more: int) -> Counter[str]:
        for visit in [Visit(own, new_booking()) for _ in range(more)]:
            visits.append(visit)
            await visit.opens()
            await visit.quiet()
        gc.collect()
        return Counter(type(each).__name__ for each in gc.get_objects())

    await engine.stop()
    await own.start()
    try:
        before = await objects_with(SETTLING)
        new = await objects_with(OPENED)
        new.subtract(before)
        for visit in visits:
            await visit.handle.terminate()
    finally:
        await own.stop()
        await engine.start()
    assert sum(new.values()) <= OBJECTS * OPENED, new.most_common(12)
