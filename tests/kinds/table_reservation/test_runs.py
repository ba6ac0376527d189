"""A reservation that is handed on and on, or grows old, lives through several runs, beside visits."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from temporalio import workflow
from temporalio.client import Client
from temporalio.worker import Worker

from activities.bookings import BookingActivities
from domain.commands import Cancel
from domain.errors import BookingError
from tests.kinds.table_reservation.domain.booking import Bill, HandOver, Seat, TableBooking
from tests.kinds.table_reservation.domain.kind import TABLE_RESERVATION
from tests.kinds.table_reservation.reservations import GUEST, HOST, OMAR, TINA
from tests.kinds.table_reservation.running import Rows, RunningReservation, both_kinds_working, new_reservation
from tests.kinds.table_reservation.workflow import TableReservationWorkflow
from tests.workflows.engine import Engine
from tests.workflows.running_booking import PATIENCE
from tests.workflows.servers import NEW_RUN_SOON, connected, dev_server
from workers.task_boundaries import ReplayableRunner
from workflows.booking.messages import Ack, Start

RUNS = 3


@workflow.defn(name=TABLE_RESERVATION.workflow, failure_exception_types=[BookingError])
class ShortRuns(TableReservationWorkflow):
    """Its runs are old after a second: the next change begins a new one."""

    longest_run = timedelta(seconds=1)

    @workflow.init
    def __init__(self, start: Start[TableBooking]) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: Start[TableBooking]) -> Ack:
        return await super().run(start)


@pytest.fixture(scope="module")
async def engine(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Engine, Rows]]:
    """Both kinds in one set of workers, on a server that wants a new run after some sixty events."""
    with dev_server(tmp_path_factory.mktemp("runs"), NEW_RUN_SOON) as address:
        async with both_kinds_working(await connected(address)) as working:
            yield working


async def test_a_reservation_that_is_handed_on_lives_through_three_runs(engine):
    table = RunningReservation(*engine, new_reservation(42))
    runs = {await table.opens()}
    while len(runs) < RUNS:
        for guest in (OMAR, TINA):
            ack = await table.asks(HandOver(GUEST, guest))
        runs.add(await table.run())
        assert ack.version < 200
    await table.asks(Seat(HOST))
    last = await table.asks(Bill(HOST, 0))
    await table.handle.result()
    assert (table.booking.status, table.booking.version) == ("left", last.version)
    assert len(table.booking.former_guests) == last.version - 3


async def test_a_run_that_has_become_old_ends_with_the_next_change_and_the_reservation_goes_on(client: Client):
    rows, queue, changes = Rows(), "short-runs-of-tables", 0
    table = RunningReservation(Engine(client), rows, new_reservation(43), queue)
    activities = BookingActivities({TABLE_RESERVATION.name: TABLE_RESERVATION}, {TABLE_RESERVATION.name: rows})
    async with Worker(
        client,
        task_queue=queue,
        workflows=[ShortRuns],
        activities=[activities.open_booking, activities.project],
        workflow_runner=ReplayableRunner(),
    ):
        first = await table.opens()
        async with asyncio.timeout(PATIENCE):
            while await table.run() == first:
                changes += 1
                ack = await table.asks(HandOver(GUEST, (OMAR, TINA)[changes % 2]))
                assert ack.version == changes + 1
        assert (await table.asks(Cancel(GUEST, "ill"))).status == "cancelled"
        await table.handle.result()
    assert table.booking.version == changes + 2
    assert len(table.booking.former_guests) == changes
