"""Numbers of documents: 1..n in each series and year, whoever asks at once and whatever dies between."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import event, make_url, text
from sqlalchemy.exc import DBAPIError

from adapters.postgres.booking_store import BookingStore
from adapters.postgres.database import Database
from adapters.postgres.documents import DocumentRows, PrintedDocuments
from domain.billing.documents import CREDIT_NOTE, INVOICE, DocumentFacts
from domain.billing.due_documents import DueDocument
from domain.commands import RecordInvoice
from domain.decide import decide
from domain.errors import NotFound
from kinds.vehicle_service.domain.kind import VEHICLE_SERVICE
from kinds.vehicle_service.postgres.storage import STORAGE
from settings import Stores
from tests.adapters.test_invoices_facts import SUPPLIER
from tests.kinds.vehicle_service import bookings
from tests.kinds.vehicle_service.people import I20

ZONE = "Asia/Kolkata"
LAST_SECOND, FIRST_SECOND = "2027-03-31 18:29:59+00", "2027-03-31 18:30:00+00"
_NUMBERS = itertools.count(7001)

# Writing a document takes a moment, so that what is shot is shot between the number and the commit.
_SLOWLY = """
CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.02); RETURN NEW; END';
CREATE TRIGGER slowly BEFORE INSERT ON documents FOR EACH ROW EXECUTE FUNCTION slowly();
CREATE SCHEMA wall;
CREATE TABLE wall.clock (at timestamptz);
CREATE FUNCTION wall.now() RETURNS timestamptz LANGUAGE sql
    AS 'SELECT coalesce((SELECT max(at) FROM wall.clock), pg_catalog.now())';
ALTER DATABASE "{database}" SET session_replication_role = replica;
ALTER TABLE documents ENABLE ALWAYS TRIGGER slowly
"""
_SHOOT = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%INSERT INTO documents%'"
    " AND state = 'active' AND pid <> pg_backend_pid() AND wait_event = 'PgSleep'"
)


def _look_at_the_wall(connection: Any, _record: Any) -> None:
    """The functions of the wall come before PostgreSQL's own."""
    cursor = connection.cursor()
    cursor.execute(f"SET search_path = wall, pg_catalog, {STORAGE.schema}, public")
    cursor.close()
    connection.commit()


@pytest.fixture(scope="module")
async def database(postgres: str) -> AsyncIterator[Database]:
    """The schema with a slow table of documents, and a clock on the wall that a test may set."""
    database = Database(Stores(postgresql_url=postgres, postgresql_pool=30), STORAGE.schema)
    async with database.write.begin() as connection:
        for statement in _SLOWLY.format(database=make_url(postgres).database).strip().split(";\n"):
            await connection.execute(text(statement))
    event.listen(database.write.sync_engine, "connect", _look_at_the_wall)
    await database.close()  # new connections have the new settings
    yield database
    await database.close()


@pytest.fixture
async def books(database: Database) -> DocumentRows:
    async with database.write.begin() as connection:
        for table in ("documents", "document_counters", "wall.clock"):
            await connection.execute(text(f"DELETE FROM {table}"))

    return DocumentRows(database, VEHICLE_SERVICE, lambda company: SUPPLIER, ZONE)


async def paid(database: Database) -> int:
    """A booking whose money is in."""
    number = next(_NUMBERS)
    made = bookings.delivered().booking
    vehicle = replace(I20, id=number, registration_number=f"KA{number}")
    payments = [replace(payment, payment_id=f"pay_{number}_{payment.number}") for payment in made.payments]
    await BookingStore(database, VEHICLE_SERVICE, STORAGE).project(
        replace(made, id=number, vehicle=vehicle, payments=payments), None
    )
    return number


async def issued(books: DocumentRows, booking: int, kind: str = INVOICE) -> RecordInvoice:
    """The document, asked for until it is there: as an activity is."""
    while True:
        try:
            return await books.issue(booking, DueDocument(kind, "service", 295000, "RC-2627-000001"))
        except (DBAPIError, OSError):
            await asyncio.sleep(0)


async def set_clock(database: Database, moment: str) -> None:
    async with database.write.begin() as connection:
        await connection.execute(text(f"INSERT INTO wall.clock VALUES ('{moment}')"))


async def test_twenty_payments_at_once_and_shots_between_leave_no_gap(database: Database, books: DocumentRows) -> None:
    wanted = [await paid(database) for _ in range(20)]
    shots = 0

    async def shoot() -> None:
        nonlocal shots
        while shots < 6:
            async with database.read.connect() as connection:
                shots += len((await connection.execute(_SHOOT)).all())

    gunman = asyncio.create_task(shoot())
    documents = await asyncio.gather(*(issued(books, booking) for booking in wanted))
    gunman.cancel()
    assert shots > 0
    assert sorted(document.number[-6:] for document in documents) == [f"{n:06d}" for n in range(1, 21)]
    assert len({document.number[:-6] for document in documents}) == 1
    async with database.read.connect() as connection:
        kept = (await connection.execute(text("SELECT booking_id, number FROM documents ORDER BY number"))).all()
    assert dict(kept) == {booking: document.number for booking, document in zip(wanted, documents, strict=True)}


async def test_one_booking_that_is_asked_for_many_times_has_one_invoice(
    database: Database, books: DocumentRows
) -> None:
    booking = await paid(database)
    answers = await asyncio.gather(*(issued(books, booking) for _ in range(8)))
    assert len({(answer.id, answer.number) for answer in answers}) == 1
    assert (await issued(books, await paid(database))).number.endswith("-000002")


async def test_each_series_counts_by_itself(database: Database, books: DocumentRows) -> None:
    booking = await paid(database)
    assert (await issued(books, booking)).number.startswith("RC-")
    assert (await issued(books, booking, CREDIT_NOTE)).number.startswith("CN-")
    assert (await issued(books, await paid(database), CREDIT_NOTE)).number.endswith("-000002")
    assert (await issued(books, await paid(database))).number.endswith("-000002")


async def test_an_invoice_may_be_taken_back_in_parts(database: Database, books: DocumentRows) -> None:
    booking = await paid(database)
    parts = [DueDocument(CREDIT_NOTE, "service", amount, "RC-2627-000001", n) for n, amount in ((1, 500), (2, 700))]
    for _ in range(2):
        notes = [await books.issue(booking, part) for part in parts]
        assert [(note.number[-6:], note.amount) for note in notes] == [("000001", 500), ("000002", 700)]


async def test_what_was_numbered_and_is_not_recorded_is_found_as_it_was_issued(
    database: Database, books: DocumentRows
) -> None:
    booking, another = await paid(database), await paid(database)
    invoice = await books.issue(booking, DueDocument(INVOICE, "service", 295000))
    note = await books.issue(booking, DueDocument(CREDIT_NOTE, "service", 500, invoice.number))
    await issued(books, another)
    assert await books.unrecorded(booking, []) == [invoice, note]
    assert await books.unrecorded(booking, [invoice.number]) == [note]
    assert await books.unrecorded(booking, [invoice.number, note.number]) == []


async def test_the_year_turns_at_midnight_of_the_shop(database: Database, books: DocumentRows) -> None:
    await set_clock(database, LAST_SECOND)
    old = [(await issued(books, await paid(database))).number for _ in range(2)]
    await set_clock(database, FIRST_SECOND)
    new = [(await issued(books, await paid(database))).number for _ in range(2)]
    assert old == ["RC-2627-000001", "RC-2627-000002"]
    assert new == ["RC-2728-000001", "RC-2728-000002"]
    assert all(len(number) <= 16 for number in old + new)


async def test_a_credit_note_cites_the_date_on_the_invoice_also_when_the_booking_heard_of_it_after_midnight(
    database: Database, books: DocumentRows
) -> None:
    booking = await paid(database)
    await set_clock(database, LAST_SECOND)
    invoice = await issued(books, booking)
    await set_clock(database, FIRST_SECOND)
    state = decide(VEHICLE_SERVICE, bookings.delivered().booking, invoice, datetime(2027, 3, 31, 18, 45, tzinfo=UTC))
    assert state.invoices[0].issued_at == datetime.fromisoformat(LAST_SECOND)
    note = await books.issue(booking, DueDocument(CREDIT_NOTE, "service", 295000, invoice.number))
    async with database.read.connect() as connection:
        printed = {
            row.number: row.facts for row in await connection.execute(text("SELECT number, facts FROM documents"))
        }
    assert printed[note.number]["date"] == "2027-04-01"
    cited = {"number": invoice.number, "date": "2027-03-31"}
    assert printed[note.number]["against"] == cited
    assert printed[invoice.number]["date"] == cited["date"]


async def test_a_document_is_printed_as_it_was_numbered_and_another_is_not_found(
    database: Database, books: DocumentRows
) -> None:
    booking = await paid(database)
    invoice = await issued(books, booking)
    note = await books.issue(booking, DueDocument(CREDIT_NOTE, "service", 500, invoice.number))

    async def in_words(facts: DocumentFacts) -> bytes:
        return f"{facts.number} of {facts.total}".encode()

    printed = PrintedDocuments(database, in_words)
    assert await printed.pdf(invoice.number) == f"{invoice.number} of 295000".encode()
    assert await printed.pdf(note.number) == f"{note.number} of 500".encode()
    with pytest.raises(NotFound):
        await printed.pdf("RC-2627-999999")
