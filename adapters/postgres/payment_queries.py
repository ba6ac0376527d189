"""Payments, refunds and documents for reading, ownership inside the statement."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import text

from adapters.pages import Page, Slice
from adapters.postgres.database import Database
from adapters.postgres.sql_format import INSTANT, RUPEES
from adapters.postgres.visibility import viewer_of, visible_to
from domain.billing.documents import DocumentFacts
from domain.errors import NotFound
from domain.kind import BookingKind
from domain.people import Actor, Role

_PAYMENT = (
    "jsonb_build_object('id', p.id, 'booking_id', p.booking_id, 'leg', p.leg, 'method', p.method, 'amount', "
    + RUPEES.format("p.amount")
    + ", 'currency', 'INR', 'status', p.status, 'order_id', p.order_id, 'payment_id', p.payment_id, 'created_at', "
    + INSTANT.format("p.created_at")
    + ", 'captured_at', "
    + INSTANT.format("p.captured_at")
    + ")"
)
_REFUND = (
    "jsonb_build_object('id', p.id, 'booking_id', p.booking_id, 'payment_id', p.payment_id, 'amount', "
    + RUPEES.format("p.amount")
    + ", 'status', p.status, 'reason', p.reason, 'refund_id', p.refund_id, 'requested_at', "
    + INSTANT.format("p.requested_at")
    + ", 'processed_at', "
    + INSTANT.format("p.processed_at")
    + ")"
)
_PAGE = """
    WITH found AS (SELECT p.id FROM {table} AS p JOIN bookings AS b ON b.id = p.booking_id WHERE {conditions} {behind}
        ORDER BY p.id {order} LIMIT CAST(:limit AS bigint) + 1 OFFSET :offset),
    part AS (SELECT id FROM found ORDER BY id {order} LIMIT CAST(:limit AS bigint))
    SELECT (SELECT count(*) FROM {table} AS p JOIN bookings AS b ON b.id = p.booking_id WHERE {conditions}) AS total,
        (SELECT count(*) FROM found) > CAST(:limit AS bigint) AS more,
        (SELECT json_build_array(id)::text FROM part ORDER BY id {reverse} LIMIT 1) AS last,
        (SELECT coalesce('[' || string_agg({row}::text, ',' ORDER BY p.id {order}) || ']', '[]')
            FROM part JOIN {table} AS p USING (id)) AS rows
"""
_ONE = "SELECT {row}::text AS row FROM {table} AS p JOIN bookings AS b ON b.id = p.booking_id WHERE p.id = :id AND {{}}"
_CONDITIONS = {
    "booking_id": "p.booking_id = :booking_id",
    "status": "p.status = :status",
    "since": "p.{made} >= CAST(:since AS timestamp) AT TIME ZONE CAST(:zone AS text)",
    "until": "p.{made} < (CAST(:until AS timestamp) + interval '1 day') AT TIME ZONE CAST(:zone AS text)",
}
_TABLES = {"payments": (_PAYMENT, "created_at"), "refunds": (_REFUND, "requested_at")}
_ORDER = text(
    "SELECT p.booking_id, p.status, p.amount, b.status AS booking_status, EXISTS (SELECT FROM payments AS known"
    " WHERE known.order_id = p.order_id AND known.payment_id = CAST(:payment_id AS text)) AS payment_known"
    " FROM payments AS p JOIN bookings AS b ON b.id = p.booking_id"
    " WHERE p.order_id = :order_id AND b.kind = :booking_kind ORDER BY p.id LIMIT 1"
)
_DOCUMENT = (
    "SELECT d.issued_at, d.facts::text AS facts FROM documents AS d JOIN bookings AS b ON b.id = d.booking_id"
    " WHERE d.booking_id = :booking_id AND d.kind = :kind AND d.number = coalesce(CAST(:number AS text), d.number)"
    " AND d.leg = coalesce(CAST(:leg AS text), d.leg)"
    " AND (NOT CAST(:own AS boolean) OR d.facts #>> '{{recipient,id}}' = :viewer) AND {} ORDER BY d.id DESC LIMIT 1"
)


_FACTS: TypeAdapter[DocumentFacts] = TypeAdapter(DocumentFacts)


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyFilters:
    """What a list of payments or refunds is narrowed to; the dates are those on which they were made, in the shop."""

    booking_id: int | None = None
    status: str | None = None
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """An order of ours as the rows have it. ``payment_known``: a payment of it that was asked for is recorded."""

    booking_id: int
    status: str
    booking_status: str
    payment_known: bool = False


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A document with everything that is printed on it."""

    facts: DocumentFacts
    issued_at: datetime


class PaymentQueries:
    """Queries about the money of the bookings of one kind."""

    def __init__(self, database: Database, kind: BookingKind[Any], timezone: str) -> None:
        self._database = database
        self._kind = kind
        self._timezone = timezone

    async def page(self, table: str, viewer: Actor, filters: MoneyFilters, part: Slice) -> Page:
        """Payments or refunds: an admin's all, a participant's own; none for payees or for who sees no money."""
        if not self._kind.sees_money(viewer.role):
            return Page("[]", 0)
        row, made = _TABLES[table]
        named = {name: getattr(filters, name) for name in _CONDITIONS}
        given = {name: value for name, value in named.items() if value is not None}
        narrowed = [_CONDITIONS[name].format(made=made) for name in given]
        conditions = " AND ".join([self._payers(viewer), *narrowed])
        texts = {"table": table, "row": row, "conditions": conditions, "order": part.direction}
        behind = f"AND p.id {part.behind} CAST(:after AS bigint)" if part.after else ""
        statement = text(_PAGE.format(behind=behind, reverse=part.reverse, **texts))
        window_of = {"limit": part.limit, "offset": part.offset, **({"after": part.after[0]} if part.after else {})}
        if filters.since or filters.until:
            given["zone"] = self._timezone
        found = await self._one(statement, **viewer_of(self._kind, viewer), **window_of, **given)
        return Page(found.rows, found.total, found.last if found.more else None)

    async def one(self, table: str, viewer: Actor, row_id: int) -> str:
        """One payment or refund as JSON text.

        Raises:
            NotFound: there is none, or it is not the viewer's.
        """
        row, _ = _TABLES[table]
        readable = self._payers(viewer) if self._kind.sees_money(viewer.role) else "false"
        statement = text(_ONE.format(table=table, row=row).format(readable))
        found = await self._one(statement, id=row_id, **viewer_of(self._kind, viewer))
        if found is None:
            raise NotFound(f"there is no {table.removesuffix('s')} {row_id}")
        return str(found.row)

    async def order(self, order_id: str, payment_id: str | None = None) -> Order | None:
        """The order of that id, if it is for a booking of this kind, and whether that payment of it is recorded."""
        row = await self._one(_ORDER, order_id=order_id, payment_id=payment_id, booking_kind=self._kind.name)
        return Order(row.booking_id, row.status, row.booking_status, row.payment_known) if row else None

    async def document(
        self, viewer: Actor, booking_id: int, kind: str, number: str | None = None, leg: str | None = None
    ) -> StoredDocument | None:
        """The newest invoice (of that ``leg``) or the credit note of that number, of a booking that is the viewer's."""
        statement = text(_DOCUMENT.format(visible_to(viewer.role)))
        own = self._kind.document_leg is not None and viewer.role != Role.ADMIN
        asked = {"booking_id": booking_id, "kind": kind, "number": number, "leg": leg, "own": own}
        row = await self._one(statement, **viewer_of(self._kind, viewer), **asked)
        return StoredDocument(_FACTS.validate_json(row.facts), row.issued_at) if row else None

    def _payers(self, viewer: Actor) -> str:
        """Where a kind pays out, what a customer paid and got back is not for the payee, who has the payout."""
        alone = self._kind.pays_out and viewer.role != Role.ADMIN
        return f"{visible_to(viewer.role)} AND b.customer_id = :viewer" if alone else visible_to(viewer.role)

    async def _one(self, statement: Any, **given: Any) -> Any:
        async with self._database.read.connect() as connection:
            return (await connection.execute(statement, given)).first()
