"""Invoices and credit notes, numbered without gaps per series and financial year.

The counter's row is locked until the document is written, so a crash between leaves neither a number nor a gap.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from pydantic import TypeAdapter
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.database import Database
from domain.billing.documents import DocumentFacts, Supplier, document_facts
from domain.billing.due_documents import DueDocument
from domain.commands import RecordInvoice
from domain.errors import NotFound
from domain.kind import BookingKind

Printer = Callable[[DocumentFacts], Awaitable[bytes]]
_FACTS: TypeAdapter[DocumentFacts] = TypeAdapter(DocumentFacts)

_ISSUED = text(
    "SELECT id, number, amount FROM documents"
    " WHERE booking_id = :booking AND kind = :kind AND leg = :leg AND sequence = :sequence"
)
_BOOKING = text("SELECT kind, state FROM bookings WHERE id = :booking")
_NEXT = text(
    """
    INSERT INTO document_counters AS c (series, fiscal_year, last) VALUES (:series, :year, 1)
    ON CONFLICT (series, fiscal_year) DO UPDATE SET last = c.last + 1 RETURNING last
    """
)
_NOW = text("SELECT now()")
_WRITE = text(
    """
    INSERT INTO documents (booking_id, kind, leg, sequence, number, issued_at, amount, facts)
    VALUES (:booking, :kind, :leg, :sequence, :number, :issued_at, :amount, CAST(:facts AS jsonb)) RETURNING id
    """
)
_FIND = text("SELECT facts FROM documents WHERE number = :number")


def financial_year(day: date) -> str:
    """April to March: 21 Nov 2026 is in "2627"."""
    first = day.year if day.month >= 4 else day.year - 1
    return f"{first % 100:02d}{(first + 1) % 100:02d}"


def document_number(series: str, year: str, count: int) -> str:
    """At most 16 characters of [A-Za-z0-9/-], as CGST Rule 46 asks: "RC-2627-000123"."""
    return f"{series}-{year}-{count:06d}"


class DocumentRows:
    """Invoices and credit notes of the bookings of all kinds, in PostgreSQL."""

    def __init__(
        self,
        database: Database,
        kinds: Mapping[str, BookingKind[Any]],
        supplier: Supplier,
        timezone: str,
        printer: Printer,
    ) -> None:
        self._database = database
        self._kinds = kinds
        self._states = {name: TypeAdapter(kind.state) for name, kind in kinds.items()}
        self._supplier = supplier
        self._timezone = ZoneInfo(timezone)
        self._print = printer

    async def issue(self, booking_id: int, due: DueDocument) -> RecordInvoice:
        """Number and write a document in one transaction; repeated, the same document."""
        row = {"booking": booking_id, "kind": due.kind, "leg": due.leg, "sequence": due.sequence}
        async with self._database.write.begin() as connection:
            issued = (await connection.execute(_ISSUED, row)).first()
            if issued is None:
                issued = await self._write(connection, booking_id, due, row)
        return RecordInvoice(due.kind, issued.id, due.leg, issued.number, issued.amount, due.invoice_number)

    async def pdf(self, number: str) -> bytes:
        """The printed document.

        Raises:
            NotFound: there is no document of that number.
        """
        async with self._database.read.connect() as connection:
            row = (await connection.execute(_FIND, {"number": number})).first()
        if row is None:
            raise NotFound(f"there is no document {number}")
        return await self._print(_FACTS.validate_python(row.facts))

    async def _write(self, connection: AsyncConnection, booking_id: int, due: DueDocument, row: dict[str, Any]) -> Any:
        stored = (await connection.execute(_BOOKING, {"booking": booking_id})).one()
        kind, booking = self._kinds[stored.kind], self._states[stored.kind].validate_python(stored.state)
        issued_at: datetime = (await connection.execute(_NOW)).scalar_one()
        series, year = (
            kind.document_series(booking, due.kind),
            financial_year(issued_at.astimezone(self._timezone).date()),
        )
        counter = {"series": f"{series.company} {series.prefix}".lstrip(), "year": year}
        count = (await connection.execute(_NEXT, counter)).scalar_one()
        number = document_number(series.prefix, year, count)
        facts = document_facts(kind, booking, due, number, issued_at, self._supplier)
        written = {
            **row,
            "number": number,
            "issued_at": issued_at,
            "amount": due.amount,
            "facts": orjson.dumps(_FACTS.dump_python(facts, mode="json")).decode(),
        }
        await connection.execute(_WRITE, written)
        return (await connection.execute(_ISSUED, row)).one()
