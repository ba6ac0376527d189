"""What happens later in the sandbox, and what a client may count on when it has moved the clock."""

import asyncio

from devstack.razorpay.agenda import Agenda
from devstack.razorpay.clock import Clock
from devstack.razorpay.store import Doc, Store


async def test_what_a_moved_clock_makes_due_is_done_before_the_next_request_is_answered() -> None:
    """A request is answered in a task of its own, which starts at the earliest in the turn after the clock moved."""
    store, clock, done = Store(None), Clock(virtual=False), list[Doc]()
    agenda = Agenda(store, clock, store.commit)

    async def task(entry: Doc) -> None:
        done.append(entry)

    async def next_request() -> list[Doc]:
        return list(done)

    agenda.teach("task", task)
    running = asyncio.create_task(agenda.run())
    agenda.add("task", clock.now() + 60, number=1)
    await asyncio.sleep(0)
    clock.advance(61)
    agenda.wake()
    assert await asyncio.create_task(next_request()) == [{"number": 1}]
    running.cancel()
    await agenda.stop()
