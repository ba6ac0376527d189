"""Everything that the books of a month are made of, read in one snapshot and row by row."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.database import Database
from domain.billing.documents import DocumentFacts
from domain.books.gstr1 import BookedDocument
from domain.books.registers import FeeRow, ItemRow, LedgerRow, OpenItem, SettlementRow, UnsettledRow
from domain.books.sums import Totals

_FACTS: TypeAdapter[DocumentFacts] = TypeAdapter(DocumentFacts)
_AT_ONCE = 500
_OF_CUSTOMERS = (
    "NOT EXISTS (SELECT FROM payouts AS p WHERE p.booking_id = d.booking_id AND p.payee = d.facts #>> '{recipient,id}')"
)
"""What is withheld of a payout is invoiced to the payee: no money of a customer stands against that document."""
_OF_KIND = "(CAST(:kind AS text) IS NULL OR b.kind = :kind)"
_DOCUMENTS = f"""
    SELECT d.facts, b.kind AS booking_kind, i.amount AS invoice_total, i.facts ->> 'date' AS invoice_date,
        NOT ({_OF_CUSTOMERS}) AS to_payee
    FROM documents AS d JOIN bookings AS b ON b.id = d.booking_id
        LEFT JOIN documents AS i ON i.number = d.facts #>> '{{against,number}}'
    WHERE d.issued_at >= :since AND d.issued_at < :until AND {_OF_KIND}
    ORDER BY d.issued_at, d.id
"""  # noqa: S608 - constants of ours, as in all of these
_LEDGER = f"""
    SELECT e.id, e.at, e.kind, e.reference, e.booking_id, b.kind AS booking_kind, e.leg, e.amount
    FROM ledger_entries AS e JOIN bookings AS b ON b.id = e.booking_id
    WHERE e.at >= :since AND e.at < :until AND {_OF_KIND} ORDER BY e.at, e.id
"""  # noqa: S608
# What was settled later is left out: it is not known when the month is closed.
_FEES = f"""
    SELECT e.reference, min(e.at) AS at, min(e.booking_id) AS booking_id, -sum(e.amount)::bigint AS amount,
        min(s.tax) AS tax, min(s.settlement_id) AS settlement_id
    FROM ledger_entries AS e JOIN bookings AS b ON b.id = e.booking_id LEFT JOIN LATERAL (
        SELECT sum(tax)::bigint AS tax, min(settlement_id) AS settlement_id FROM settlement_items
        WHERE reference = e.reference AND settled_at < :until) AS s ON true
    WHERE e.kind = 'fee' AND e.at >= :since AND e.at < :until AND {_OF_KIND}
    GROUP BY e.reference ORDER BY min(e.at), e.reference
"""  # noqa: S608
_SETTLEMENTS = """
    SELECT s.settlement_id, s.settled_at, s.utr, s.amount, i.* FROM settlements AS s, LATERAL (
        SELECT count(*) FILTER (WHERE type = 'payment') AS payments,
            count(*) FILTER (WHERE type <> 'payment') AS others,
            coalesce(sum(credit + fee) FILTER (WHERE type = 'payment'), 0)::bigint AS captured,
            coalesce(sum(fee) FILTER (WHERE type = 'payment'), 0)::bigint AS fees,
            coalesce(sum(tax) FILTER (WHERE type = 'payment'), 0)::bigint AS tax,
            coalesce(sum(debit), 0)::bigint AS taken,
            coalesce(sum(credit) FILTER (WHERE type <> 'payment'), 0)::bigint AS given
        FROM settlement_items WHERE settlement_id = s.settlement_id) AS i
    WHERE s.settled_at >= :since AND s.settled_at < :until ORDER BY s.settled_at, s.settlement_id
"""
_ITEMS = """
    SELECT i.settlement_id, i.settled_at, i.entity_id, i.type, coalesce(i.dispute_id, i.payment_id) AS of, i.amount,
        i.fee, i.tax, i.credit, i.debit, l.booking_id, l.amount AS ledger
    FROM settlement_items AS i, LATERAL (
        SELECT sum(e.amount)::bigint AS amount, min(e.booking_id) AS booking_id FROM ledger_entries AS e
        WHERE e.reference = i.reference AND e.kind <> 'cash' AND e.at < :until
    ) AS l
    WHERE i.settled_at >= :since AND i.settled_at < :until ORDER BY i.settled_at, i.settlement_id, i.entity_id
"""
_UNSETTLED = """
    SELECT reference, min(booking_id) AS booking_id, max(at) AS at, sum(ledger)::bigint AS ledger,
        sum(settled)::bigint AS settled
    FROM (
        SELECT reference, booking_id, at, amount AS ledger, 0 AS settled FROM ledger_entries
        WHERE kind <> 'cash' AND at < :until
        UNION ALL SELECT reference, NULL, NULL, 0, credit - debit FROM settlement_items WHERE settled_at < :until
    ) AS moved GROUP BY reference HAVING sum(ledger) <> sum(settled) ORDER BY max(at) NULLS FIRST, reference
"""
_OPEN_ITEMS = f"""
    SELECT m.booking_id, min(b.kind) AS booking_kind, sum(m.money)::bigint AS money,
        sum(m.documents)::bigint AS documents
    FROM (
        SELECT booking_id, amount AS money, 0 AS documents FROM ledger_entries
            WHERE kind NOT IN ('fee', 'transfer', 'reversal') AND at < :until
        UNION ALL SELECT booking_id, 0, CASE kind WHEN 'invoice' THEN amount ELSE -amount END FROM documents AS d
            WHERE issued_at < :until AND {_OF_CUSTOMERS}
    ) AS m JOIN bookings AS b ON b.id = m.booking_id
    WHERE {_OF_KIND} GROUP BY m.booking_id HAVING sum(m.money) <> sum(m.documents) ORDER BY m.booking_id
"""  # noqa: S608
_ENTRY_SUMS = text(
    f"""
    SELECT e.kind, sum(e.amount)::bigint AS amount FROM ledger_entries AS e JOIN bookings AS b ON b.id = e.booking_id
    WHERE e.at >= :since AND e.at < :until AND {_OF_KIND} GROUP BY e.kind
    """  # noqa: S608
)
_DOCUMENT_SUMS = text(
    f"""
    SELECT d.kind, sum(d.amount)::bigint AS amount FROM documents AS d JOIN bookings AS b ON b.id = d.booking_id
    WHERE d.issued_at >= :since AND d.issued_at < :until AND {_OF_KIND} GROUP BY d.kind
    """  # noqa: S608
)
_BEFORE = text(
    f"""
    SELECT (SELECT coalesce(sum(e.amount), 0) FROM ledger_entries AS e JOIN bookings AS b ON b.id = e.booking_id
            WHERE e.kind NOT IN ('fee', 'transfer', 'reversal') AND e.at < :since AND {_OF_KIND})::bigint
        - (SELECT coalesce(sum(CASE d.kind WHEN 'invoice' THEN d.amount ELSE -d.amount END), 0)
            FROM documents AS d JOIN bookings AS b ON b.id = d.booking_id
            WHERE d.issued_at < :since AND {_OF_CUSTOMERS} AND {_OF_KIND})::bigint AS open,
        (SELECT coalesce(sum(amount), 0) FROM ledger_entries WHERE kind <> 'cash' AND at < :since)::bigint
        - (SELECT coalesce(sum(credit - debit), 0) FROM settlement_items WHERE settled_at < :since)::bigint
        AS unsettled,
        (SELECT coalesce(sum(credit - debit), 0) FROM settlement_items
            WHERE settled_at >= :since AND settled_at < :until)::bigint AS settled
    """  # noqa: S608
)


class BookRows:
    """One snapshot of the database, from which every sheet of a month is read."""

    def __init__(self, connection: AsyncConnection, since: datetime, until: datetime, kind: str | None) -> None:
        self._connection = connection
        self._given = {"since": since, "until": until, "kind": kind}

    async def documents(self) -> AsyncIterator[BookedDocument]:
        """Invoices and credit notes of the month, in the order in which they were issued."""
        async for row in self._rows(_DOCUMENTS):
            facts = _FACTS.validate_python(row.facts)
            yield BookedDocument(facts, row.booking_kind, row.invoice_total, row.invoice_date, row.to_payee)

    async def ledger(self) -> AsyncIterator[LedgerRow]:
        """The entries of the month."""
        async for row in self._rows(_LEDGER):
            yield LedgerRow(**row._mapping)

    async def fees(self) -> AsyncIterator[FeeRow]:
        """What the provider keeps of payments, as the ledger has it."""
        async for row in self._rows(_FEES):
            yield FeeRow(**row._mapping)

    async def settlements(self) -> AsyncIterator[SettlementRow]:
        """What the provider has paid out."""
        async for row in self._rows(_SETTLEMENTS):
            yield SettlementRow(**row._mapping)

    async def items(self) -> AsyncIterator[ItemRow]:
        """What is in these settlements, each with what the ledger has of it."""
        async for row in self._rows(_ITEMS):
            yield ItemRow(**row._mapping)

    async def unsettled(self) -> AsyncIterator[UnsettledRow]:
        """What ledger and settlements differ in at the end of the month."""
        async for row in self._rows(_UNSETTLED):
            yield UnsettledRow(**row._mapping)

    async def open_items(self) -> AsyncIterator[OpenItem]:
        """Bookings whose money and documents differ at the end of the month."""
        async for row in self._rows(_OPEN_ITEMS):
            yield OpenItem(**row._mapping)

    async def totals(self) -> Totals:
        """What the database adds up itself."""
        entries = {row.kind: row.amount for row in await self._connection.execute(_ENTRY_SUMS, self._given)}
        documents = {row.kind: row.amount for row in await self._connection.execute(_DOCUMENT_SUMS, self._given)}
        before = (await self._connection.execute(_BEFORE, self._given)).one()
        issued = (documents.get("invoice", 0), documents.get("credit-note", 0))
        return Totals(*issued, entries, before.settled, before.open, before.unsettled)

    async def _rows(self, query: str) -> AsyncIterator[Any]:
        statement = text(query).execution_options(yield_per=_AT_ONCE)
        result = await self._connection.stream(statement, {name: self._given[name] for name in _named(query)})
        async for part in result.partitions():
            for row in part:
                yield row


def _named(query: str) -> list[str]:
    return [name for name in ("since", "until", "kind") if f":{name}" in query]


@asynccontextmanager
async def book_rows(
    database: Database, since: datetime, until: datetime, kind: str | None = None
) -> AsyncIterator[BookRows]:
    """The rows of a month as they are now, whatever is written meanwhile; ``kind``: of one kind of booking alone."""
    async with database.write.connect() as connection:
        await connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        async with connection.begin():
            yield BookRows(connection, since, until, kind)
