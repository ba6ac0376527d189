"""A version that PostgreSQL has and history does not: another command wins it, and its e-mails never leave."""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from temporalio.client import Client

from activities.bookings import BookingActivities
from activities.emails import EmailActivities
from activities.outbox import OutboxActivities
from adapters.postgres.booking_store import BookingStore
from adapters.postgres.database import Database
from adapters.postgres.email_log import EmailLogRows
from adapters.postgres.outbox import OutboxRows
from adapters.temporal.versions import WorkflowVersions
from domain.emails import BookingEmail
from kinds.vehicle_service.domain.kind import VEHICLE_SERVICE
from kinds.vehicle_service.domain.visit import VisitBooking
from kinds.vehicle_service.postgres.storage import STORAGE
from tests.kinds.vehicle_service.timeslots import database_with_timeslots
from tests.workflows.engine import Engine
from tests.workflows.running_booking import PATIENCE, eventually
from tests.workflows.servers import connected, dev_server
from tests.workflows.visit import Visit, new_booking
from workers.activities import Activities


class LosingStore(BookingStore[VisitBooking]):
    """Rows in PostgreSQL. After the commit of the action ``loses`` the worker hears nothing of it any more."""

    loses = ""

    def __init__(self, database: Database) -> None:
        super().__init__(database, VEHICLE_SERVICE, STORAGE)
        self.lost = asyncio.Event()

    async def project(
        self,
        booking: VisitBooking,
        update_id: str | None,
        emails: Sequence[BookingEmail] = (),
        freed: Collection[str] = (),
    ) -> None:
        await super().project(booking, update_id, emails, freed)
        if booking.event.action == self.loses:
            self.lost.set()
            await asyncio.Event().wait()


class PostgresEngine(Engine):
    """The engine with rows and outbox in PostgreSQL."""

    def __init__(self, client: Client, database: Database) -> None:
        super().__init__(client)
        self.database, self.rows = database, LosingStore(database)

    def activities(self) -> Activities:
        usual, name = super().activities(), VEHICLE_SERVICE.name
        log = EmailLogRows(self.database, {name: VEHICLE_SERVICE})
        emails = EmailActivities(self.post, log, self.books, {name: self.directory})
        outbox = OutboxRows(self.database), WorkflowVersions(self.client), emails, timedelta(milliseconds=20)
        bookings = BookingActivities({name: VEHICLE_SERVICE}, {name: self.rows})
        return replace(usual, bookings=bookings, outbox=OutboxActivities(*outbox))


@pytest.fixture(scope="module")
async def database(postgres: str) -> AsyncIterator[Database]:
    """The schema with the timeslot of visits; people and cars that rows refer to are not this test's subject."""
    async with database_with_timeslots(postgres, {new_booking().pickup.timeslot: 50}) as database:
        yield database


async def waiting(database: Database, booking_id: int) -> list[tuple[int, str, bool]]:
    """What is in the outbox of a booking: version, kind, whether it was looked at and had to wait."""
    async with database.read.connect() as connection:
        query = "SELECT version, slug, next_at > created_at FROM outbox WHERE booking_id = :id ORDER BY version, place"
        return [tuple(row) for row in await connection.execute(text(query), {"id": booking_id})]


@asynccontextmanager
async def visited(folder: Path, database: Database, visit: Visit | None = None) -> AsyncIterator[Visit]:
    """A visit, or this one, with servers and workers until the block ends; Temporal's memory ends with them."""
    with dev_server(folder, file=folder / "temporal.db") as address:
        engine = PostgresEngine(await connected(address), database)
        if visit is None:
            visit = Visit(engine, new_booking())
        else:
            engine.post, visit.engine = visit.engine.post, engine
        await engine.start()
        try:
            yield visit
        except BaseException:
            await engine.stop()
            raise
    engine.stop_within = timedelta(seconds=2)
    await engine.stop()  # after the server: what it was about to tell is not heard


@pytest.mark.long  # workers let go of a server that is gone after ten seconds
async def test_no_email_of_a_lost_move_leaves_and_that_of_the_command_that_wins_its_version_arrives_once(
    tmp_path, database
):
    """A worker dies after its commit, then Temporal, which forgets what it was asked and has not recorded."""
    async with visited(tmp_path, database) as visit:
        await visit.ask_to_open("open")
        await eventually(lambda: visit.mails)
        rows = visit.engine.rows
        rows.loses = "assign"
        losing = visit.in_background(visit.pickup_assigned())
        await rows.lost.wait()
        losing.cancel()
    assert [row[:2] for row in await waiting(database, visit.id)] == [(2, "pickup-scheduled")]
    async with visited(tmp_path, database, visit):
        async with asyncio.timeout(PATIENCE):
            while (2, "pickup-scheduled", True) not in await waiting(database, visit.id):  # noqa: ASYNC110 - rows ring no bell
                await asyncio.sleep(0.05)
        assert (await visit.cancelled()).version == 2
        await eventually(lambda: "cancellation" in visit.mails)
        await visit.closes()
        async with asyncio.timeout(PATIENCE):
            while await waiting(database, visit.id):  # noqa: ASYNC110 - rows ring no bell
                await asyncio.sleep(0.05)
        assert visit.mails == ["booking-confirmation", "cancellation"]
