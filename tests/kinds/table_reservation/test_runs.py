"""A reservation that is handed on and on lives through several runs, beside visits in the same workers."""

import uuid
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from activities.bookings import BookingActivities
from domain.emails import BookingEmail
from domain.kind import Json
from kinds.vehicle_service.domain.kind import VEHICLE_SERVICE
from kinds.vehicle_service.worker import WORKER as VEHICLES
from tests.kinds.table_reservation.domain.booking import Bill, HandOver, Seat, TableBooking
from tests.kinds.table_reservation.domain.kind import TABLE_RESERVATION
from tests.kinds.table_reservation.reservations import GUEST, HOST, OMAR, TINA, Reservation
from tests.kinds.table_reservation.worker import WORKER as TABLES
from tests.kinds.table_reservation.workflow import TableReservationWorkflow
from tests.workflows.engine import Engine
from tests.workflows.servers import NEW_RUN_SOON, connected, dev_server
from workers.queues import WorkerRole, build_workers
from workflows.booking.messages import BOOKINGS_QUEUE, Ack, Start, booking_workflow_id, update_name

RUNS = 3


class Rows:
    """The rows of reservations in memory."""

    def __init__(self) -> None:
        self.bookings: dict[int, TableBooking] = {}

    async def open(self, booking: Any, update_id: str | None, emails: Sequence[BookingEmail] = ()) -> None:
        self.bookings.setdefault(booking.id, deepcopy(booking))

    async def load(self, booking_id: int) -> TableBooking:
        return self.bookings[booking_id]

    async def project(
        self, booking: Any, update_id: str | None, emails: Sequence[BookingEmail] = (), freed: Collection[str] = ()
    ) -> None:
        self.bookings[booking.id] = deepcopy(booking)

    async def reserve(self, booking_id: int, legs: Mapping[str, Json]) -> None:
        return None


@pytest.fixture(scope="module")
async def engine(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Engine, Rows]]:
    """Both kinds in one worker, on a server that wants a new run after some sixty events."""
    with dev_server(tmp_path_factory.mktemp("runs"), NEW_RUN_SOON) as address:
        engine, rows = Engine(await connected(address)), Rows()
        kinds = {VEHICLE_SERVICE.name: VEHICLE_SERVICE, TABLE_RESERVATION.name: TABLE_RESERVATION}
        stores = {VEHICLE_SERVICE.name: engine.store, TABLE_RESERVATION.name: rows}
        activities = replace(engine.activities(), bookings=BookingActivities(kinds, stores))
        process = engine.process.model_copy(update={"sandboxed_workflows": False})
        with ThreadPoolExecutor() as threads:
            client = await connected(address)
            [worker] = build_workers(client, activities, threads, process, (VEHICLES, TABLES), WorkerRole.WORKFLOWS)
            async with worker:
                engine.client = client
                yield engine, rows


async def test_a_reservation_that_is_handed_on_lives_through_three_runs(engine):
    engine, rows = engine
    starts = datetime.now(UTC) + timedelta(days=2)
    new = replace(Reservation(id=42, deposit=0).booking, version=0, since=None, recent=[], created_at=datetime.now(UTC))
    new = replace(new, starts_at=starts, ends_at=starts + timedelta(hours=2))
    name = booking_workflow_id(TABLE_RESERVATION.name, new.id)
    start = Start(new, GUEST, "open")
    begun = await engine.client.start_workflow(TableReservationWorkflow.run, start, id=name, task_queue=BOOKINGS_QUEUE)
    await begun.execute_update("open", result_type=Ack)

    async def asks(command: Any) -> Ack:
        handle = engine.client.get_workflow_handle(name)
        identity = str(uuid.uuid4())
        return await handle.execute_update(update_name(type(command)), command, id=identity, result_type=Ack)

    runs: set[str] = set()
    while len(runs) < RUNS:
        for guest in (OMAR, TINA):
            ack = await asks(HandOver(GUEST, guest))
        runs.add((await engine.client.get_workflow_handle(name).describe()).run_id)
        assert ack.version < 200
    await asks(Seat(HOST))
    last = await asks(Bill(HOST, 0))
    await engine.client.get_workflow_handle(name).result()
    booking = rows.bookings[new.id]
    assert (booking.status, booking.version) == ("left", last.version)
    assert len(booking.former_guests) == last.version - 3
