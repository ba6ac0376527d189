"""Workers that run both kinds on a dev server, over rows in memory, and reservations in them."""

import uuid
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio.client import Client, WorkflowHandle

from activities.bookings import BookingActivities
from activities.documents import DocumentActivities
from activities.emails import EmailActivities
from domain.commands import Command
from domain.copies import copied
from domain.emails import BookingEmail
from domain.kind import Json
from kinds.vehicle_service.domain.kind import VEHICLE_SERVICE
from kinds.vehicle_service.worker import WORKER as VEHICLES
from tests.kinds.table_reservation.domain.booking import TableBooking
from tests.kinds.table_reservation.domain.kind import TABLE_RESERVATION
from tests.kinds.table_reservation.reservations import GUEST, Reservation
from tests.kinds.table_reservation.worker import WORKER as TABLES
from tests.kinds.table_reservation.workflow import TableReservationWorkflow
from tests.workflows.engine import Engine
from tests.workflows.running_booking import PATIENCE, eventually
from workers.activities import PAYMENT_THREADS
from workers.kind import KindWorker
from workers.queues import WorkerRole, build_workers
from workflows.booking.messages import (
    BOOKINGS_QUEUE,
    MAIL_QUEUE,
    PAYMENTS_QUEUE,
    Ack,
    Start,
    booking_workflow_id,
    update_name,
)


class Rows:
    """The rows of reservations in memory."""

    def __init__(self) -> None:
        self.bookings: dict[int, TableBooking] = {}

    async def open(self, booking: Any, update_id: str | None, emails: Sequence[BookingEmail] = ()) -> None:
        self.bookings.setdefault(booking.id, copied(booking))

    async def load(self, booking_id: int) -> TableBooking:
        return self.bookings[booking_id]

    async def results(self, booking_id: int, limit: int) -> list[tuple[str, str, int]]:
        return []

    async def project(
        self, booking: Any, update_id: str | None, emails: Sequence[BookingEmail] = (), freed: Collection[str] = ()
    ) -> None:
        self.bookings[booking.id] = copied(booking)

    async def reserve(self, booking_id: int, legs: Mapping[str, Json], version: int | None = None) -> None:
        return None


def new_reservation(number: int, deposit: int = 0, **given: Any) -> TableBooking:
    """One that nobody has asked for yet, for a table in two days."""
    now = datetime.now(UTC)
    starts = now + timedelta(days=2)
    made = Reservation(id=number, deposit=deposit, **given).booking
    new = replace(made, version=0, since=None, recent=[], created_at=now)
    return replace(new, starts_at=starts, ends_at=starts + timedelta(hours=2))


class RunningReservation:
    """A reservation whose workflow runs."""

    def __init__(self, engine: Engine, rows: Rows, new: TableBooking, queue: str = BOOKINGS_QUEUE) -> None:
        self.engine, self.new, self.queue, self._rows = engine, new, queue, rows
        self._id = booking_workflow_id(TABLE_RESERVATION.name, new.id)

    @property
    def handle(self) -> WorkflowHandle[Any, Any]:
        """The newest run."""
        return self.engine.client.get_workflow_handle(self._id)

    @property
    def booking(self) -> TableBooking:
        """The rows."""
        return self._rows.bookings[self.new.id]

    async def opens(self) -> str:
        """The guest reserves; answers the id of the first run."""
        begun = await self.engine.client.start_workflow(
            TableReservationWorkflow.run, Start(self.new, GUEST, "open"), id=self._id, task_queue=self.queue
        )
        await begun.execute_update("open", result_type=Ack)
        return begun.first_execution_run_id or ""

    async def asks(self, command: Command) -> Ack:
        identity = str(uuid.uuid4())
        return await self.handle.execute_update(update_name(type(command)), command, id=identity, result_type=Ack)

    async def run(self) -> str:
        """The id of the newest run."""
        return (await self.handle.describe()).run_id

    async def pays(self) -> None:
        """The money for the open order arrives, and the invoice is issued."""
        order = self.booking.payments[-1].order_id
        self.engine.gateway.pay(order)
        await self.handle.signal(TableReservationWorkflow.payment_reported, order)
        await eventually(lambda: self.booking.invoices, PATIENCE)


@asynccontextmanager
async def working_beside_visits(
    client: Client, worker: KindWorker[Any], *, mails: bool = False
) -> AsyncIterator[tuple[Engine, Rows]]:
    """This kind and visits in one set of workers until the block ends; its e-mails are sent only with ``mails``."""
    engine, rows = Engine(client), Rows()
    kinds = {VEHICLE_SERVICE.name: VEHICLE_SERVICE, worker.kind.name: worker.kind}
    stores = {VEHICLE_SERVICE.name: engine.store, worker.kind.name: rows}
    activities = replace(
        engine.activities(),
        bookings=BookingActivities(kinds, stores),
        documents=DocumentActivities(dict.fromkeys(kinds, engine.books)),
        emails=EmailActivities(engine.post, engine.post, engine.books, dict.fromkeys(kinds, engine.directory)),
    )
    with ThreadPoolExecutor(PAYMENT_THREADS) as threads:
        workers = build_workers(client, activities, threads, engine.process, (VEHICLES, worker), WorkerRole.ALL)
        served = {BOOKINGS_QUEUE, PAYMENTS_QUEUE, *([MAIL_QUEUE] if mails else [])}
        async with AsyncExitStack() as stack:
            for each in workers:
                if each.task_queue in served:
                    await stack.enter_async_context(each)
            yield engine, rows


def both_kinds_working(client: Client) -> AbstractAsyncContextManager[tuple[Engine, Rows]]:
    """Reservations beside visits."""
    return working_beside_visits(client, TABLES)
