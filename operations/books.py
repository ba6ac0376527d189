"""The books of a month for the accountant: made, closed, opened again (``docs/accounting.md``)."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Protocol, TypeVar
from zoneinfo import ZoneInfo

from adapters.postgres.books import BookRows, book_rows
from adapters.postgres.closings import Closing, Closings
from adapters.postgres.database import Database
from adapters.postgres.settlements import keep_items, keep_settlements
from domain.billing.provider import ProviderSettlement, SettledItem
from domain.books import registers
from domain.books.gstr1 import Gstr1
from domain.books.months import BookMonth, Month
from domain.books.registers import OF_THE_ACCOUNT, REGISTERS
from domain.books.sums import Check, Sums
from domain.errors import Conflict, Invalid
from domain.money import rupees
from operations.book_files import BookFiles, Format, book_files

LAYOUT = 1
"""Raised by whoever changes what stands in the sheets: the digest of a month that was closed before is of the old."""
_INDIA = ZoneInfo("Asia/Kolkata")
_AT_ONCE = 1000
UNREGISTERED = "unregistered"
"""In place of a GSTIN, of suppliers who have none: what they supply is in no return."""
T = TypeVar("T")


class Settlements(Protocol):
    """The provider's word on what it paid out. Blocking calls."""

    def settlements_between(self, since: datetime, until: datetime) -> Iterator[ProviderSettlement]:
        """Every settlement made in that time."""

    def settled_in(self, year: int, month: int) -> Iterator[SettledItem]:
        """What was settled in a month of India's calendar."""


@dataclass(frozen=True, slots=True)
class Made:
    """Books that were made: where they are, their digest and sums, and the closing if the month is closed.

    ``unmatched``: items of settlements that are not as in the ledger.
    """

    month: Month
    place: Path
    digest: str
    checks: tuple[Check, ...]
    unmatched: int
    closing: Closing | None = None

    @property
    def wrong(self) -> list[Check]:
        """Sums that do not agree."""
        return [check for check in self.checks if check.difference]

    @property
    def altered(self) -> bool:
        """The month is closed, and these are not the books of then."""
        closed = self.closing
        return bool(closed and closed.digest and closed.layout == LAYOUT and closed.digest != self.digest)


class Bookkeeping:
    """Makes and closes books. ``provider``: who is asked for settlements; without one those stored before stand."""

    def __init__(self, database: Database, zone: ZoneInfo, provider: Settlements | None = None) -> None:
        self._database = database
        self._zone = zone
        self._provider = provider
        self._closings = Closings(database)

    async def books(self, month: Month, out: Path, wanted: Format, kind: str | None = None) -> Made:
        """Write the books of a month; ``kind``: those of one kind of booking, without the provider's account."""
        closing = await self._closings.find(month)
        book = self._month(month, closing)
        if closing is None and kind is None and self._provider is not None:
            await fetch_settlements(self._database, self._provider, book)
        made = await self._make(book, out, wanted, kind)
        return made if kind else replace(made, closing=closing)

    async def close(self, month: Month, out: Path, wanted: Format) -> Made:
        """Write the books once more and keep their digest: from here nothing is dated into the month.

        Raises:
            Conflict: the month is not over, or its sums do not agree.
        """
        closing = await self._closings.find(month)
        if closing is None:
            before = await self.books(month, out, wanted)
            if before.wrong:
                raise Conflict(f"the books of {month} do not agree and stay open: {_listed(before.wrong)}")
            closing = await self._closings.close(self._month(month, None), LAYOUT)
        made = await self._make(self._month(month, closing), out, wanted)
        if closing.digest is None:
            await self._closings.seal(closing, made.digest, LAYOUT)
        return replace(made, closing=await self._closings.find(month))

    async def reopen(self, month: Month, reason: str) -> None:
        """Let the month be changed again, for a reason that is kept.

        Raises:
            NotFound: it is not closed.
            Invalid: no reason.
        """
        if not reason.strip():
            raise Invalid("a month is reopened for a reason, which is kept")
        await self._closings.reopen(month, reason.strip())

    def _month(self, month: Month, closing: Closing | None) -> BookMonth:
        """The days of a closed month are those of the time zone in which it was closed."""
        return BookMonth(month, ZoneInfo(closing.timezone) if closing else self._zone)

    async def _make(self, book: BookMonth, out: Path, wanted: Format, kind: str | None = None) -> Made:
        name = "-".join(["books", str(book.month), *([kind.replace("_", "-")] if kind else [])])
        with book_files(out, name, wanted) as files:
            async with book_rows(self._database, book.since, book.until, kind) as rows:
                sums, checks = await _write(files, rows, book.zone, account=kind is None)
            digest = files.finish()
        place = out / (name if wanted is Format.CSV else f"{name}.xlsx")
        return Made(book.month, place, digest, checks, sums.unmatched)


async def fetch_settlements(database: Database, provider: Settlements, book: BookMonth) -> None:
    """Keep what the provider has settled in the month."""

    def settled() -> Iterator[ProviderSettlement]:
        for made in provider.settlements_between(book.since, book.until):
            if _within(book, made.settled_at):
                yield made

    def items() -> Iterator[SettledItem]:
        # The report is by months of India; another time zone has days of two of them.
        ends = (book.since.astimezone(_INDIA), (book.until - timedelta(seconds=1)).astimezone(_INDIA))
        for year, number in dict.fromkeys((end.year, end.month) for end in ends):
            yield from (item for item in provider.settled_in(year, number) if _within(book, item.settled_at))

    made, inside = settled(), items()
    while page := await asyncio.to_thread(_page, made):
        await keep_settlements(database, page)
    while several := await asyncio.to_thread(_page, inside):
        await keep_items(database, several)


def books_text(made: Made) -> str:
    """What an operator reads about books."""
    lines = [f"books of {made.month}: {made.place}", f"digest {made.digest}"]
    if made.unmatched:
        lines.append(f"{made.unmatched} items of settlements are not as in the ledger: see settlement_items")
    lines += [f"does not agree: {_listed([check])}" for check in made.wrong]
    if made.closing is not None:
        lines.append(f"closed at {registers.moment(made.closing.closed_at, ZoneInfo(made.closing.timezone))}")
        if made.closing.digest and made.closing.layout != LAYOUT:
            lines.append("the sheets have been laid out otherwise since; their digest cannot be compared")
    if made.altered and made.closing:
        lines.append(f"these are not the books that were closed: their digest was {made.closing.digest}")
    return "\n".join(lines)


async def _write(files: BookFiles, rows: BookRows, zone: ZoneInfo, *, account: bool) -> tuple[Sums, tuple[Check, ...]]:
    files.open([sheet for name, sheet in REGISTERS.items() if account or name not in OF_THE_ACCOUNT])
    sums, returns = Sums(), dict[str, Gstr1]()
    async for document in rows.documents():
        sums.document(document)
        name, row = registers.document_row(document)
        files.add(REGISTERS[name], row)
        gstin = document.facts.supplier.gstin or UNREGISTERED
        if gstin not in returns:
            returns[gstin] = Gstr1(gstin)
            files.open(list(returns[gstin].sheets.values()))
        for table, own in returns[gstin].add(document):
            files.add(returns[gstin].sheets[table], own)
    for each in returns.values():
        for table, own in each.summaries():
            files.add(each.sheets[table], own)
    async for entry in rows.ledger():
        sums.entry(entry.kind, entry.amount)
        files.add(REGISTERS["ledger"], registers.ledger_row(entry, zone))
    async for fee in rows.fees():
        files.add(REGISTERS["provider_fees"], registers.fee_row(fee, zone))
    async for item in rows.open_items():
        sums.open_item(item)
        files.add(REGISTERS["open_items"], registers.open_item_row(item))
    if account:
        await _write_account(files, rows, zone, sums)
    in_order = [returns[gstin] for gstin in sorted(returns)]
    checks = tuple(sums.checks(await rows.totals(), in_order, account=account))
    for row in (*(check.row for check in checks), *sums.told(in_order)):
        files.add(REGISTERS["summary"], row)
    return sums, checks


async def _write_account(files: BookFiles, rows: BookRows, zone: ZoneInfo, sums: Sums) -> None:
    async for made in rows.settlements():
        sums.settlement(made)
        files.add(REGISTERS["settlements"], registers.settlement_row(made, zone))
    async for item in rows.items():
        sums.item(item)
        files.add(REGISTERS["settlement_items"], registers.item_row(item, zone))
    async for left in rows.unsettled():
        sums.not_settled(left)
        files.add(REGISTERS["not_settled"], registers.unsettled_row(left, zone))


def _page(rows: Iterator[T]) -> list[T]:
    return list(islice(rows, _AT_ONCE))


def _within(book: BookMonth, at: int) -> bool:
    return book.since.timestamp() <= at < book.until.timestamp()


def _listed(checks: list[Check]) -> str:
    return "; ".join(f"{check.what}: {rupees(check.difference)}" for check in checks)
