"""A worker that begins with nothing in memory has all open bookings to replay as soon as each hears of something."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from temporalio.client import Client

from settings import Process
from tests.workflows.engine import Engine
from tests.workflows.visit import Visit, new_booking

FEW, MANY = 20, 1000
AT_ONCE = 20
TOO_SLOW = "TMPRL1101"
"""The SDK's word for a workflow task that did not yield within two seconds."""


@pytest.mark.parametrize("bookings", [FEW, pytest.param(MANY, marks=[pytest.mark.long, pytest.mark.timeout(900)])])
async def test_a_new_worker_replays_every_open_booking_in_time(engine: Engine, client: Client, caplog, bookings):
    own = Engine(client, process=Process(graceful_shutdown=timedelta(0)))
    visits = [Visit(own, new_booking()) for _ in range(bookings)]
    await engine.stop()
    await own.start()
    try:
        await each(visits, lambda visit: visit.opens())
        async with own.stopped():
            await each(visits, lambda visit: visit.reports_payment("order_of_somebody_else"))
            read = [len((await visit.handle.fetch_history()).events) for visit in visits]
            caplog.clear()
        with caplog.at_level(logging.WARNING):
            await each(visits, lambda visit: visit.quiet())
        for visit, before in zip(visits, read, strict=True):
            assert len((await visit.handle.fetch_history()).events) > before, "it was read by the new worker"
            assert visit.booking.version == 1
            await visit.handle.terminate()
    finally:
        await own.stop()
        await engine.start()
    assert not [line for line in caplog.text.splitlines() if TOO_SLOW in line]


async def each(visits: list[Visit], act: Callable[[Visit], Awaitable[Any]]) -> None:
    """For every visit, some at a time."""
    turn = asyncio.Semaphore(AT_ONCE)

    async def one(visit: Visit) -> None:
        async with turn:
            await act(visit)

    await asyncio.gather(*(one(visit) for visit in visits))
