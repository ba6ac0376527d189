"""Money for reading, the ledger, and what the payment provider sent."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from adapters.postgres.tables.base import Base, ChildId, CreatedAt, Id, Paise, number_in_range


class Payment(Base):
    """Money asked for or taken, as the booking's workflow tells it."""

    __tablename__ = "payments"
    __table_args__ = (
        number_in_range(),
        CheckConstraint("amount > 0", name="amount_is_positive"),
        # One live order per leg is the workflow's rule; a payment id counts once is the database's.
        Index("ix_payments_order", "order_id"),
        Index("ix_payments_created", "created_at"),
        Index("ix_payments_open", "id", postgresql_where=text("status = 'pending' AND method = 'online'")),
    )

    booking_id: Mapped[int] = mapped_column(ForeignKey("bookings.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    id: Mapped[ChildId]
    leg: Mapped[str]
    method: Mapped[str]
    amount: Mapped[Paise]
    status: Mapped[str]
    order_id: Mapped[str | None]
    payment_id: Mapped[str | None] = mapped_column(unique=True)
    expires_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    captured_at: Mapped[datetime | None]


class Refund(Base):
    """Money going back: one row per intent, one key per intent."""

    __tablename__ = "refunds"
    __table_args__ = (number_in_range(),)

    booking_id: Mapped[int] = mapped_column(ForeignKey("bookings.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    id: Mapped[ChildId]
    payment_id: Mapped[str]
    amount: Mapped[Paise]
    status: Mapped[str]
    reason: Mapped[str]
    key: Mapped[str] = mapped_column(unique=True)
    refund_id: Mapped[str | None] = mapped_column(unique=True)
    requested_at: Mapped[datetime]
    processed_at: Mapped[datetime | None]


class LedgerEntry(Base):
    """A movement of money, in paise: in is positive. Rows are only added: a trigger refuses UPDATE and DELETE."""

    __tablename__ = "ledger_entries"
    __table_args__ = (
        # Two projections at once write a movement once; what a lost move had written is taken back at its version.
        UniqueConstraint("kind", "reference", "version", "amount"),
        CheckConstraint("amount <> 0", name="something_moved"),
        Index("ix_ledger_entries_posted_at", "posted_at"),
    )

    id: Mapped[Id]
    booking_id: Mapped[int] = mapped_column(ForeignKey("bookings.id"), index=True)
    version: Mapped[int]
    kind: Mapped[str]
    reference: Mapped[str]
    leg: Mapped[str]
    amount: Mapped[Paise]
    at: Mapped[datetime]
    posted_at: Mapped[CreatedAt]


class Reconciliation(Base):
    """One comparison of ledger, bookings, documents and provider, with every difference that it found."""

    __tablename__ = "reconciliations"

    id: Mapped[Id]
    since: Mapped[datetime]
    until: Mapped[datetime]
    finished_at: Mapped[CreatedAt]
    checked: Mapped[dict[str, int]] = mapped_column(JSONB)
    differences: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)


class WebhookEvent(Base):
    """A message of the provider, durable before the answer. Its event id is unsigned: the body's hash is unique too."""

    __tablename__ = "webhook_inbox"
    __table_args__ = (
        Index("ix_webhook_inbox_waiting", "id", postgresql_where=text("state = 'received'")),
        Index("ix_webhook_inbox_order", "order_id"),
    )

    id: Mapped[Id]
    event_id: Mapped[str | None] = mapped_column(unique=True)
    body_sha256: Mapped[str] = mapped_column(unique=True)
    event: Mapped[str]
    body: Mapped[bytes] = mapped_column(LargeBinary)
    order_id: Mapped[str | None]
    payment_id: Mapped[str | None]
    refund_id: Mapped[str | None]
    dispute_id: Mapped[str | None]
    state: Mapped[str]
    received_at: Mapped[CreatedAt]
    delivered_at: Mapped[datetime | None]


class OrderCheck(Base):
    """Re-checks of an order that is over: how many there were, and the state found by the last one."""

    __tablename__ = "order_checks"

    order_id: Mapped[str] = mapped_column(primary_key=True)
    checks: Mapped[int]
    last_state: Mapped[str]
    checked_at: Mapped[CreatedAt]
