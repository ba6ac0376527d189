"""Rows that a kind has beside the state of its bookings: written with each version, shown in views and timelines."""

import itertools
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from sqlalchemy import make_url, text

from adapters.postgres.booking_editions import BookingEditions
from adapters.postgres.booking_queries import BookingQueries
from adapters.postgres.booking_store import BookingStore
from adapters.postgres.database import Database
from adapters.postgres.driver import ConnectionRunner, Prepared, StatementRunner
from domain.kind import ViewContext
from domain.people import Actor
from domain.views import detail
from migrations.streams import streams
from settings import Stores
from tests.kinds.table_reservation.domain.booking import Seat, TableBooking
from tests.kinds.table_reservation.domain.kind import TABLE_RESERVATION
from tests.kinds.table_reservation.postgres.storage import SCHEMA, STORAGE
from tests.kinds.table_reservation.reservations import HOST, Reservation

_IDS = itertools.count(950_000)
ADMIN = Actor("admin", "ADM000001")
SIGNED = "(SELECT json_build_object('signed', max(g.version))::text FROM guest_book AS g WHERE g.booking_id = b.id)"


_SIGN = Prepared("INSERT INTO guest_book VALUES (:id, :version) ON CONFLICT DO NOTHING")


async def sign(runner: StatementRunner, booking: TableBooking) -> None:
    await runner.row(_SIGN, id=booking.id, version=booking.version)


async def spill(runner: StatementRunner, booking: TableBooking) -> None:
    raise RuntimeError("the ink is spilled")


@pytest.fixture(scope="module")
async def database(postgres: str) -> AsyncIterator[Database]:
    """Reservations whose guests sign a book; people are not this contract's subject."""
    database = Database(Stores(postgresql_url=postgres), SCHEMA)
    async with database.write.begin() as connection:
        name = make_url(postgres).database
        await connection.execute(text(f'ALTER DATABASE "{name}" SET session_replication_role = replica'))
        for stream in streams([STORAGE]):
            await connection.run_sync(stream.upgrade)
        table = "CREATE TABLE tables.guest_book (booking_id bigint, version int, PRIMARY KEY (booking_id, version))"
        await connection.execute(text(table))
    await database.close()  # new connections have the new settings
    yield database
    await database.close()


def store_that(database: Database, *beside) -> BookingStore:
    return BookingStore(database, TABLE_RESERVATION, replace(STORAGE, beside=beside))


async def signatures(database: Database, booking_id: int) -> list[int]:
    async with database.read.connect() as connection:
        query = text("SELECT version FROM guest_book WHERE booking_id = :id ORDER BY version")
        return list((await connection.execute(query, {"id": booking_id})).scalars())


async def test_each_version_writes_what_stands_beside_it_once_however_often_it_is_written(database):
    store, made = store_that(database, sign), Reservation(id=next(_IDS))
    await store.open(made.booking, "open")
    await store.open(made.booking, "open")
    made.asks(Seat(HOST))
    await store.project(made.booking, "seat")
    await store.project(made.booking, "seat")
    assert await signatures(database, made.booking.id) == [1, 2]


async def test_a_version_that_cannot_write_what_stands_beside_it_is_not_written(database):
    made = Reservation(id=next(_IDS), table=2)
    await store_that(database, sign).open(made.booking, "open")
    with pytest.raises(RuntimeError):
        await store_that(database, sign, spill).project(made.asks(Seat(HOST)).booking, "seat")
    assert (await store_that(database).load(made.booking.id)).version == 1
    assert await signatures(database, made.booking.id) == [1]


async def test_a_view_and_its_timeline_show_what_stands_beside_the_state(database):
    made = Reservation(id=next(_IDS), table=3)
    await store_that(database, sign).open(made.booking, "open")
    queries = BookingQueries(database, TABLE_RESERVATION, SIGNED)
    kind = replace(TABLE_RESERVATION, timeline=lambda entries, context: [*entries, {"signed": context.rows["signed"]}])
    seen = await queries.detail(made.booking.id, ADMIN)
    shown = detail(kind, seen.booking, ADMIN, ViewContext("", seen.people, seen.beside), seen.timeline)
    assert [entry.get("action") or entry for entry in shown["timeline"]] == ["book", {"signed": 1}]
    assert (await queries.events_after(made.booking.id, ADMIN, 0)).beside == {"signed": 1}


async def test_a_view_that_is_known_is_made_anew_when_what_stands_beside_the_state_changes(database):
    made = Reservation(id=next(_IDS), table=5)
    await store_that(database, sign).open(made.booking, "open")
    editions = BookingEditions(database, TABLE_RESERVATION, SIGNED)
    known, _ = await editions.unless_known(made.booking.id, ADMIN, None)
    assert await editions.unless_known(made.booking.id, ADMIN, known) == (known, None)
    async with database.write.begin() as connection:
        await sign(ConnectionRunner(connection), replace(made.booking, version=7))
    newer, seen = await editions.unless_known(made.booking.id, ADMIN, known)
    assert newer != known
    assert seen is not None
    assert seen.beside == {"signed": 7}
