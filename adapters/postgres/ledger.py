"""The ledger for those who check it: sums per movement, and what in our own rows does not add up."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

import orjson
from pydantic import TypeAdapter
from sqlalchemy import text

from adapters.postgres.database import Database
from domain.billing.ledger import Difference, DifferenceKind, EntryKind, Fact
from domain.billing.provider import PaymentEvent
from domain.money import rupees

_ONLINE = [str(kind) for kind in EntryKind if kind is not EntryKind.CASH]
_FACTS = text(
    """
    SELECT kind, reference, min(booking_id) AS booking_id, sum(amount)::bigint AS amount FROM ledger_entries
    WHERE kind = ANY(CAST(:kinds AS text[])) AND (reference = ANY(CAST(:references AS text[])) OR reference IN (
        SELECT reference FROM ledger_entries WHERE posted_at BETWEEN :since AND :until))
    GROUP BY kind, reference HAVING sum(amount) <> 0
    """
)
_OWNERS = text(
    "SELECT DISTINCT order_id AS name, booking_id FROM payments WHERE order_id = ANY(CAST(:orders AS text[]))"
    " UNION SELECT payment_id, booking_id FROM payments WHERE payment_id = ANY(CAST(:payments AS text[]))"
)
_ORDERS = text(
    "SELECT DISTINCT b.kind, p.booking_id, p.order_id FROM payments AS p JOIN bookings AS b ON b.id = p.booking_id"
    " WHERE p.booking_id = ANY(CAST(:bookings AS bigint[])) AND p.order_id IS NOT NULL"
)
_TRANSFERS = text("SELECT transfer_id FROM payouts WHERE booking_id = :booking AND transfer_id IS NOT NULL")
_BOOK_FEES = text(
    """
    INSERT INTO ledger_entries (booking_id, version, kind, reference, leg, amount, at)
    SELECT p.booking_id, 0, 'fee', p.payment_id, p.leg, f.amount, booked_at(coalesce(p.captured_at, p.created_at))
    FROM jsonb_to_recordset(CAST(:fees AS jsonb)) AS f(reference text, amount bigint)
    JOIN payments AS p ON p.payment_id = f.reference
    ON CONFLICT DO NOTHING
    """
)
_KINDS = text("SELECT id, kind FROM bookings WHERE id = ANY(CAST(:bookings AS bigint[]))")
# Against the rows that a customer sees, and, once nothing can move any more, against what was invoiced. What is owed
# still (``Refund.unsettled``) can move: a refund that the bank has failed waits for an admin. What the bank took for
# lost disputes is not in the rows; for the documents it counts as ``domain.billing.due_documents`` says: of unwanted
# money as far as it was still with us, of a cancelled booking (only that has a fee) down to the fee. What went back
# twice is our loss: it stands in the ledger, and the booking has called an admin for either. What is
# withheld of a payout is invoiced to the payee, and no money of the customer's stands against that.
_DISAGREEMENTS = text(
    """
    WITH moved AS (
        SELECT id, closed_at, state, (state #>> '{cancellation,fee}')::bigint
            + (state #>> '{cancellation,gst_on_fee}')::bigint AS fee
        FROM bookings WHERE updated_at BETWEEN :since AND :until
    ),
    sums AS (
        SELECT m.id, m.closed_at, m.fee,
            (SELECT coalesce(sum(amount), 0) FROM ledger_entries
                WHERE booking_id = m.id AND kind NOT IN ('chargeback', 'fee', 'transfer', 'reversal')) AS ledger,
            (SELECT coalesce(sum(amount), 0) FROM payments WHERE booking_id = m.id AND status = 'success')
            - (SELECT coalesce(sum(amount), 0) FROM refunds WHERE booking_id = m.id AND status = 'processed') AS rows,
            (SELECT coalesce(sum(CASE kind WHEN 'invoice' THEN amount ELSE -amount END), 0) FROM documents AS d
                WHERE booking_id = m.id AND NOT EXISTS (SELECT FROM payouts AS p WHERE p.booking_id = d.booking_id
                    AND p.payee = d.facts #>> '{recipient,id}')) AS documents,
            taken.wanted, taken.unwanted, EXISTS (
                SELECT FROM jsonb_array_elements(m.state -> 'refunds') AS r
                WHERE r ->> 'status' <> 'processed' AND NOT coalesce((r ->> 'replaced')::boolean, false)
                    AND NOT coalesce((r ->> 'by_hand')::boolean, false)
            ) AS owed
        FROM moved AS m, LATERAL (
            SELECT coalesce(sum(deducted) FILTER (WHERE NOT unwanted), 0) AS wanted,
                coalesce(sum(least(deducted, greatest(0, held))) FILTER (WHERE unwanted), 0) AS unwanted
            FROM (
                SELECT d ->> 'payment_id' AS payment_id, sum((d ->> 'amount_deducted')::bigint) AS deducted
                FROM jsonb_array_elements(m.state -> 'disputes') AS d GROUP BY 1
            ) AS lost, LATERAL (
                SELECT coalesce(bool_or((p ->> 'superseded')::boolean), false) AS unwanted,
                    coalesce(max((p ->> 'amount')::bigint), 0) - (
                        SELECT coalesce(sum(amount), 0) FROM refunds
                        WHERE booking_id = m.id AND payment_id = lost.payment_id AND status = 'processed'
                    ) AS held
                FROM jsonb_array_elements(m.state -> 'payments') AS p WHERE p ->> 'payment_id' = lost.payment_id
            ) AS paid
        ) AS taken
    ),
    held AS (
        SELECT *, ledger - unwanted
            - CASE WHEN fee IS NULL THEN 0 ELSE least(wanted, greatest(0, ledger - unwanted - fee)) END AS staying
        FROM sums
    )
    SELECT id, ledger::bigint, rows::bigint, documents::bigint, staying::bigint, at_rest
    FROM held, LATERAL (SELECT closed_at IS NOT NULL AND NOT owed AND NOT EXISTS (
        SELECT FROM refunds WHERE booking_id = held.id AND status = 'pending') AS at_rest)
    WHERE ledger <> rows OR (at_rest AND staying <> documents) ORDER BY id
    """
)
_OPEN = text(
    "SELECT kind, id, version FROM bookings"
    " WHERE closed_at IS NULL AND updated_at BETWEEN :since AND :until ORDER BY id"
)
_WORKFLOW_PROBLEMS = text("SELECT booking_id, problem, detail FROM workflow_problems ORDER BY booking_id")
_FILE = text(
    """
    INSERT INTO reconciliations (since, until, checked, kinds, differences)
    VALUES (:since, :until, CAST(:checked AS jsonb), CAST(:kinds AS jsonb), CAST(:differences AS jsonb)) RETURNING id
    """
)
_DIFFERENCES: TypeAdapter[tuple[Difference, ...]] = TypeAdapter(tuple[Difference, ...])


class Span(Protocol):
    """From when to when."""

    @property
    def since(self) -> datetime: ...
    @property
    def until(self) -> datetime: ...


class Findings(Protocol):
    """A result to keep."""

    @property
    def span(self) -> Span: ...
    @property
    def checked(self) -> dict[str, int]: ...
    @property
    def kinds(self) -> dict[str, dict[str, int]]: ...
    @property
    def differences(self) -> tuple[Difference, ...]: ...


class LedgerRows:
    """The ledger in PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def facts(self, references: Iterable[str], span: Span) -> list[Fact]:
        """The sums of online movements: those asked for, and those that were posted in that time."""
        asked = {"kinds": _ONLINE, "references": list(references), "since": span.since, "until": span.until}
        async with self._database.read.connect() as connection:
            rows = await connection.execute(_FACTS, asked)
            return [Fact(EntryKind(row.kind), row.reference, row.amount, row.booking_id) for row in rows]

    async def bookings_of(self, order_ids: Iterable[str], payment_ids: Iterable[str]) -> dict[str, int]:
        """Whose orders and payments these are; unknown ones are missing."""
        given = {"orders": list(order_ids), "payments": list(payment_ids)}
        async with self._database.read.connect() as connection:
            return {row.name: row.booking_id for row in await connection.execute(_OWNERS, given)}

    async def orders_of(self, booking_ids: Iterable[int]) -> list[PaymentEvent]:
        """The orders of these bookings."""
        async with self._database.read.connect() as connection:
            rows = await connection.execute(_ORDERS, {"bookings": list(booking_ids)})
            return [PaymentEvent(row.booking_id, row.order_id, kind=row.kind) for row in rows]

    async def transfers_of(self, booking_id: int) -> list[str]:
        """The transfers of a booking."""
        async with self._database.read.connect() as connection:
            return list((await connection.execute(_TRANSFERS, {"booking": booking_id})).scalars())

    async def book_fees(self, fees: Iterable[Fact]) -> None:
        """Add what the provider keeps of these payments; the second time changes nothing."""
        rows = [{"reference": fee.reference, "amount": fee.amount} for fee in fees]
        async with self._database.write.begin() as connection:
            await connection.execute(_BOOK_FEES, {"fees": orjson.dumps(rows).decode()})

    async def kinds_of(self, booking_ids: Iterable[int]) -> dict[int, str]:
        """The kind of each booking."""
        async with self._database.read.connect() as connection:
            rows = await connection.execute(_KINDS, {"bookings": list(booking_ids)})
            return {row.id: row.kind for row in rows}

    async def disagreements(self, span: Span) -> list[Difference]:
        """Bookings whose ledger differs from their payments and refunds, or from their documents once closed."""
        async with self._database.read.connect() as connection:
            rows = (await connection.execute(_DISAGREEMENTS, {"since": span.since, "until": span.until})).all()
        found = []
        for row in rows:
            if row.ledger != row.rows:
                kind = DifferenceKind.LEDGER_AND_BOOKING
                found.append(_difference(kind, row.id, row.ledger, row.rows, "the booking"))
            if row.at_rest and row.staying != row.documents:
                kind = DifferenceKind.LEDGER_AND_DOCUMENTS
                found.append(_difference(kind, row.id, row.staying, row.documents, "the documents"))
        return found

    async def open_bookings(self, span: Span) -> list[tuple[str, int, int]]:
        """Open bookings that moved in that time: (kind, id, version)."""
        async with self._database.read.connect() as connection:
            rows = await connection.execute(_OPEN, {"since": span.since, "until": span.until})
            return [(row.kind, row.id, row.version) for row in rows]

    async def workflow_problems(self) -> list[tuple[int, str, str]]:
        """Open bookings whose workflow is missing or fails: id, problem, detail."""
        async with self._database.read.connect() as connection:
            rows = await connection.execute(_WORKFLOW_PROBLEMS)
            return [(row.booking_id, row.problem, row.detail) for row in rows]

    async def file(self, findings: Findings) -> int:
        """Keep a result; answers its number."""
        row = {
            "since": findings.span.since,
            "until": findings.span.until,
            "checked": orjson.dumps(findings.checked).decode(),
            "kinds": orjson.dumps(findings.kinds).decode(),
            "differences": _DIFFERENCES.dump_json(findings.differences).decode(),
        }
        async with self._database.write.begin() as connection:
            return int((await connection.execute(_FILE, row)).scalar_one())


def _difference(kind: DifferenceKind, booking_id: int, kept: int, other: int, whose: str) -> Difference:
    detail = f"{rupees(kept)} was kept by the ledger, {rupees(other)} by {whose}"
    return Difference(kind, f"booking-{booking_id}", booking_id, detail)
