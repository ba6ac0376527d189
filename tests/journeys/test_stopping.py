"""SIGTERM under load: every process of the product ends within its time, and what it was doing is done by the next."""

import asyncio
import signal

import psutil
import pytest

from devstack.demo.calls import until
from devstack.kinds.vehicle_service.demo import run_of
from devstack.kinds.vehicle_service.scenarios import BY_NAME
from devstack.kinds.vehicle_service.shop import Shop
from devstack.kinds.vehicle_service.verification import verify
from devstack.stack import Stack
from tests.rows import connect

# The rows are written by the worker of the bookings; in `make test-long` all have to stop at once.
STOPPED = [
    pytest.param(parts, marks=marks, id="-".join(parts))
    for parts, marks in ((("worker",), ()), (("worker", "activities", "api"), pytest.mark.long))
]
WITHIN = 3 + 5 + 12
"""Seconds: what the stack gives work under way, the margin for answers, and what a busy machine may add."""


@pytest.mark.parametrize("parts", STOPPED)
async def test_processes_that_are_told_to_stop_while_rows_are_locked_end_in_time_and_every_booking_goes_on(
    stack: Stack, shop: Shop, parts: tuple[str, ...]
):
    runs = [run_of(BY_NAME[name], shop, 0.2, 90, 0.3 * n) for n, name in enumerate(("online", "cash"))]
    for run in runs:
        run.begin()
    until("bookings under way", lambda: all(run.booked for run in runs))
    rows = await connect(stack.info["postgres"])
    try:
        async with rows.transaction():
            await rows.execute("LOCK TABLE bookings IN EXCLUSIVE MODE")
            while not await rows.fetchval("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"):
                assert any(run.running for run in runs)
                await asyncio.sleep(0.02)
            before = {part: psutil.Process(stack.pid(part)) for part in parts}
            for process in before.values():
                process.send_signal(signal.SIGTERM)
            _, alive = psutil.wait_procs(before.values(), WITHIN)
            assert alive == []
    finally:
        await rows.close()
    for part, process in before.items():
        stack.wait_ready(part, instead_of=process.pid)
    until("the ends", lambda: not any(run.running for run in runs), 120)
    assert [run.trouble for run in runs] == [None] * len(runs)
    for run in runs:
        list(verify(shop, run.scenario, run.journey.customer, run.journey.now(), crashed=True))
