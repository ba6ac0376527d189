"""Invoices and credit notes, numbered without gaps per series and financial year.

The counter's row is locked until the document is written, so a crash between leaves neither a number nor a gap.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from typing import Any, Generic
from zoneinfo import ZoneInfo

import orjson
from pydantic import TypeAdapter
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.database import Database
from adapters.postgres.driver import ConnectionRunner, Prepared, StatementRunner
from adapters.postgres.states import reader_of
from domain.billing.documents import DocumentFacts, Supplier, document_facts
from domain.billing.due_documents import DueDocument
from domain.commands import RecordInvoice
from domain.errors import NotFound
from domain.kind import B, BookingKind
from domain.people import Person

Printer = Callable[[DocumentFacts], Awaitable[bytes]]
_FACTS: TypeAdapter[DocumentFacts] = TypeAdapter(DocumentFacts)

# The document if it was issued before, and what one that is issued now is made of.
_LOOK = text(
    """
    SELECT b.state, now() AS now, d.id, d.number, d.amount, d.issued_at FROM bookings AS b
    LEFT JOIN documents AS d
        ON d.booking_id = b.id AND d.kind = :kind AND d.leg = :leg AND d.sequence = :sequence
    WHERE b.id = :booking
    """
)
# As they are known now: what is printed is kept, and changes no more.
_PEOPLE = text("SELECT id, name, phone FROM users WHERE id = ANY(CAST(:ids AS text[]))")
_NEXT = text(
    """
    INSERT INTO document_counters AS c (series, fiscal_year, last) VALUES (:series, :year, 1)
    ON CONFLICT (series, fiscal_year) DO UPDATE SET last = c.last + 1 RETURNING last
    """
)
_WRITE = text(
    """
    INSERT INTO documents (booking_id, kind, leg, sequence, number, issued_at, amount, facts)
    VALUES (:booking, :kind, :leg, :sequence, :number, :issued_at, :amount, CAST(:facts AS jsonb))
    RETURNING id, number, amount, issued_at
    """
)
_UNRECORDED = text(
    "SELECT id, kind, leg, number, amount, issued_at, facts #>> '{against,number}' AS invoice FROM documents"
    " WHERE booking_id = :booking AND number <> ALL(CAST(:known AS text[])) ORDER BY id"
)
_FACTS_OF = Prepared("SELECT facts::text AS facts FROM documents WHERE number = :number")


def financial_year(day: date) -> str:
    """April to March: 21 Nov 2026 is in "2627"."""
    first = day.year if day.month >= 4 else day.year - 1
    return f"{first % 100:02d}{(first + 1) % 100:02d}"


def document_number(series: str, year: str, count: int) -> str:
    """At most 16 characters of [A-Za-z0-9/-], as CGST Rule 46 asks: "RC-2627-000123"."""
    return f"{series}-{year}-{count:06d}"


class DocumentRows(Generic[B]):
    """Numbers and writes the documents of the bookings of one kind; ``database`` works for its schema.

    ``supplier_for`` knows who issues those of a company.
    """

    def __init__(
        self, database: Database, kind: BookingKind[B], supplier_for: Callable[[str], Supplier], timezone: str
    ) -> None:
        self._database = database
        self._kind = kind
        self._state = reader_of(kind.state)
        self._supplier_for = supplier_for
        self._timezone = ZoneInfo(timezone)

    async def issue(self, booking_id: int, due: DueDocument) -> RecordInvoice:
        """Number and write a document in one transaction; repeated, the same document."""
        row = {"booking": booking_id, "kind": due.kind, "leg": due.leg, "sequence": due.sequence}
        async with self._database.write.begin() as connection:
            found = (await connection.execute(_LOOK, row)).one()
            issued = found if found.id is not None else await self._write(connection, due, row, found)
        return RecordInvoice(
            due.kind, issued.id, due.leg, issued.number, issued.amount, due.invoice_number, issued.issued_at
        )

    async def unrecorded(self, booking_id: int, known: Sequence[str]) -> list[RecordInvoice]:
        """The documents of a booking whose numbers are not ``known``, the oldest first."""
        asked = {"booking": booking_id, "known": list(known)}
        async with self._database.read.connect() as connection:
            rows = (await connection.execute(_UNRECORDED, asked)).all()
        return [
            RecordInvoice(row.kind, row.id, row.leg, row.number, row.amount, row.invoice, row.issued_at) for row in rows
        ]

    async def _write(self, connection: AsyncConnection, due: DueDocument, row: dict[str, Any], found: Any) -> Any:
        booking, issued_at = self._state.validate_python(found.state), found.now
        terms = self._kind.issue_terms(booking, due)
        company = terms.company
        prefix = self._kind.series[company].prefix(due.kind)
        year = financial_year(issued_at.astimezone(self._timezone).date())
        counter = {"series": f"{company} {prefix}".lstrip(), "year": year}
        count = (await connection.execute(_NEXT, counter)).scalar_one()
        number = document_number(prefix, year, count)
        invoice = await _facts(ConnectionRunner(connection), due.invoice_number) if due.invoice_number else None
        recipient, supplier = terms.recipient, self._supplier_for(company)
        if terms.supplier is None:
            people = await _people(connection, recipient)
        else:
            people = await _people(connection, recipient, terms.supplier.person)
            name = people[terms.supplier.person].name
            supplier = Supplier(name, terms.supplier.gstin or "", terms.supplier.state or "", "")
        facts = document_facts(
            self._kind, booking, due, number, issued_at, supplier, customer=people[recipient], invoice=invoice
        )
        written = {
            **row,
            "number": number,
            "issued_at": issued_at,
            "amount": due.amount,
            "facts": orjson.dumps(_FACTS.dump_python(facts, mode="json")).decode(),
        }
        return (await connection.execute(_WRITE, written)).one()


class PrintedDocuments:
    """The documents of the bookings of all kinds, printed as they were issued."""

    def __init__(self, database: Database, printer: Printer) -> None:
        self._database = database
        self._print = printer

    async def pdf(self, number: str) -> bytes:
        """The printed document.

        Raises:
            NotFound: there is no document of that number.
        """
        facts = await _facts(self._database, number)
        if facts is None:
            raise NotFound(f"there is no document {number}")
        return await self._print(facts)


async def _people(connection: AsyncConnection, *ids: str) -> dict[str, Person]:
    """By id; who is not known any more has no name."""
    rows = (await connection.execute(_PEOPLE, {"ids": list(ids)})).all()
    return {each: Person(each, "", None) for each in ids} | {
        row.id: Person(row.id, row.name, row.phone) for row in rows
    }


async def _facts(runner: StatementRunner, number: str) -> DocumentFacts | None:
    row = await runner.row(_FACTS_OF, number=number)
    return _FACTS.validate_json(row["facts"]) if row else None
