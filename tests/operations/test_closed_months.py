"""A month that is closed stays as it is: PostgreSQL refuses what would change it, and the product books it later."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import make_url, text

from adapters.postgres.database import Database
from adapters.postgres.schemas import PUBLIC, Schema
from adapters.postgres.tables import Base
from domain.billing.provider import RefundStatus
from domain.books.months import BookMonth, Month
from domain.commands import RecordRefund
from domain.errors import Conflict, NotFound
from kinds.vehicle_service.postgres.storage import STORAGE
from operations.book_files import Format
from operations.books import Bookkeeping
from settings import Stores
from tests.operations.lives import ZONE, Shop
from tests.rows import connect

ENTRY = (
    "INSERT INTO ledger_entries (booking_id, version, kind, reference, leg, amount, at)"
    " VALUES ($1, 900, 'cash', $2, 'service', 100, $3)"
)


@dataclass(frozen=True)
class Past:
    """Three bookings of last month in a database whose triggers are on."""

    shop: Shop
    keeper: Bookkeeping
    month: Month
    began: datetime
    rows: "asyncpg.Connection"

    async def is_free(self) -> None:
        """The month is open, whatever a test before has left."""
        with contextlib.suppress(NotFound):
            await self.keeper.reopen(self.month, "the next test")


@pytest.fixture(scope="module")
async def lived(postgres: str, shop: Shop) -> AsyncIterator[Past]:
    today = datetime.now(UTC).astimezone(ZONE)
    began = (today.replace(day=1) - timedelta(days=10)).astimezone(UTC)
    chance = random.Random("closed")
    for way in ("paid", "cash", "cancelled"):
        await shop.live(chance, began, way)
    rows = await connect(postgres)
    # Documents are issued when they are issued; these were a month ago.
    await rows.execute("SET session_replication_role = replica")
    await rows.execute(
        "UPDATE documents SET issued_at = $1, facts = jsonb_set(facts, '{date}', to_jsonb($2::text))",
        began,
        began.astimezone(ZONE).date().isoformat(),
    )
    await rows.execute("SET session_replication_role = origin")
    await rows.execute(f'ALTER DATABASE "{make_url(postgres).database}" RESET session_replication_role')
    database = Database(Stores(postgresql_url=postgres), STORAGE.schema)
    settled = Shop(database, shop.sandbox, shop.gateway, shop.settlements, shop.told)
    month = Month(began.astimezone(ZONE).year, began.astimezone(ZONE).month)
    yield Past(settled, Bookkeeping(database, ZONE, shop.settlements), month, began, rows)
    await database.close()
    await rows.close()


@pytest.fixture
async def past(lived: Past) -> Past:
    await lived.is_free()
    return lived


async def test_nothing_is_dated_into_a_closed_month_and_nothing_of_it_changes(past: Past, tmp_path: Path):
    booking = past.shop.told[0].booking.id
    await past.keeper.close(past.month, tmp_path, Format.CSV)
    for statement, given in (
        (ENTRY, (booking, "cash-late", past.began)),
        ("UPDATE documents SET amount = amount + 1 WHERE booking_id = $1", (booking,)),
        ("UPDATE documents SET issued_at = now() WHERE booking_id = $1", (booking,)),
        ("DELETE FROM documents WHERE booking_id = $1", (booking,)),
        (
            "INSERT INTO documents (booking_id, kind, leg, sequence, number, issued_at, amount, facts)"
            " VALUES ($1, 'invoice', 'service', 9, 'RC-LATE', $2, 100, '{}')",
            (booking, past.began),
        ),
        ("INSERT INTO settlements VALUES ('setl_late', 1, 0, 0, 'utr', $1)", (past.began,)),
    ):
        with pytest.raises(asyncpg.RaiseError, match=f"the books of {past.month} are closed"):
            await past.rows.execute(statement, *given)
    last, first = (BookMonth(past.month, ZONE).until - timedelta(microseconds=1), BookMonth(past.month, ZONE).until)
    with pytest.raises(asyncpg.RaiseError, match="are closed"):
        await past.rows.execute(ENTRY, booking, "cash-last", last)
    await past.rows.execute(ENTRY, booking, "cash-first", first)


async def test_books_of_a_closed_month_are_those_of_its_closing(past: Past, tmp_path: Path):
    closed = await past.keeper.close(past.month, tmp_path / "closed", Format.CSV)
    assert closed.closing is not None
    assert closed.closing.digest == closed.digest
    again = await past.keeper.books(past.month, tmp_path / "again", Format.CSV)
    assert (again.digest, again.altered) == (closed.digest, False)
    repeated = await past.keeper.close(past.month, tmp_path / "repeated", Format.CSV)
    assert repeated.closing == closed.closing
    elsewhere = await Bookkeeping(past.shop.database, type(ZONE)("Europe/Paris")).books(
        past.month, tmp_path / "elsewhere", Format.CSV
    )
    assert elsewhere.digest == closed.digest, "the days are those of the zone in which it was closed"


async def test_what_happened_in_a_closed_month_is_booked_in_the_open_one(past: Past, tmp_path: Path):
    """A refund of which the bank tells late: its booking must not stand still because a month was closed."""
    before = await past.keeper.close(past.month, tmp_path, Format.CSV)
    life = past.shop.told[0]
    life.cancelled()
    await past.shop.written(life)
    (refund,) = life.booking.refunds
    life.asks(RecordRefund(refund.id, RefundStatus.PROCESSED, "rfnd_told_late"))
    assert life.now < BookMonth(past.month, ZONE).until
    await past.shop.written(life)
    rows = await past.rows.fetch("SELECT amount, at FROM ledger_entries WHERE reference = 'rfnd_told_late'")
    assert [row["amount"] for row in rows] == [-refund.amount]
    assert all(row["at"] >= BookMonth(past.month, ZONE).until for row in rows)
    after = await past.keeper.books(past.month, tmp_path, Format.CSV)
    assert after.digest == before.digest


async def test_a_month_is_reopened_for_a_reason_that_stays(past: Past, tmp_path: Path):
    await past.keeper.close(past.month, tmp_path, Format.CSV)
    await past.keeper.reopen(past.month, "the GSTIN of an invoice was wrong")
    assert (await past.keeper.books(past.month, tmp_path, Format.CSV)).closing is None
    await past.rows.execute(ENTRY, past.shop.told[0].booking.id, "cash-corrected", past.began)
    first = await past.rows.fetchrow("SELECT * FROM book_closings ORDER BY id DESC LIMIT 1")
    assert first is not None
    assert first["reason"] == "the GSTIN of an invoice was wrong"
    assert first["reopened_at"] is not None
    again = await past.keeper.close(past.month, tmp_path, Format.CSV)
    assert again.digest != first["digest"]


async def test_a_month_that_is_not_over_is_not_closed(past: Past, tmp_path: Path):
    today = datetime.now(UTC).astimezone(ZONE)
    with pytest.raises(Conflict, match="is not over yet"):
        await past.keeper.close(Month(today.year, today.month), tmp_path, Format.CSV)


async def test_a_month_is_closed_only_after_those_who_write_into_it(past: Past, tmp_path: Path):
    """An entry that was written before the closing and is committed after it would be missing in the books."""
    booking = past.shop.told[0].booking.id
    writing = past.rows.transaction()
    await writing.start()
    await past.rows.execute(ENTRY, booking, "cash-in-flight", past.began)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(past.keeper.close(past.month, tmp_path, Format.CSV), 1.5)
    await writing.commit()
    closed = await past.keeper.close(past.month, tmp_path, Format.CSV)
    assert "cash-in-flight" in (closed.place / "ledger.csv").read_text()


async def test_a_database_that_was_altered_by_force_is_told(past: Past, tmp_path: Path):
    await past.keeper.close(past.month, tmp_path, Format.CSV)
    async with past.shop.database.write.begin() as connection:
        await connection.execute(text("SET LOCAL session_replication_role = replica"))
        await connection.execute(text("UPDATE documents SET facts = jsonb_set(facts, '{leg}', '\"other\"')"))
    assert (await past.keeper.books(past.month, tmp_path, Format.CSV)).altered


def test_a_restore_writes_closings_after_what_they_close():
    order = [place.table.name for place in Schema(PUBLIC, (Base.metadata,)).places()]
    closed = ("documents", "ledger_entries", "settlements", "settlement_items")
    assert max(order.index(name) for name in closed) < order.index("book_closings")
