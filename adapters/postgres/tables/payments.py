"""Money for reading, the books' numbers, what the provider told us, and the mails that left."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from adapters.postgres.tables.base import Base, CreatedAt, Id, Paise

_BOOKING = "bookings.id"


class Payment(Base):
    """Money asked for or taken, as the booking's workflow tells it."""

    __tablename__ = "payments"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount_is_positive"),
        # One live order per leg is the workflow's rule; a payment id counts once is the database's.
        Index("ix_payments_order", "order_id"),
        Index("ix_payments_created", "created_at"),
        Index("ix_payments_open", "id", postgresql_where=text("status = 'pending' AND method = 'online'")),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    booking_id: Mapped[int] = mapped_column(ForeignKey(_BOOKING), index=True)
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

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    booking_id: Mapped[int] = mapped_column(ForeignKey(_BOOKING), index=True)
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
    booking_id: Mapped[int] = mapped_column(ForeignKey(_BOOKING), index=True)
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


class DocumentCounter(Base):
    """The last number of a series in a financial year; locked while the next document is written, so no gaps."""

    __tablename__ = "document_counters"

    series: Mapped[str] = mapped_column(primary_key=True)
    fiscal_year: Mapped[str] = mapped_column(primary_key=True)
    last: Mapped[int]


class Document(Base):
    """An invoice or a credit note with everything that is printed on it."""

    __tablename__ = "documents"
    # One invoice per leg; a refund after another makes one more credit note.
    __table_args__ = (UniqueConstraint("booking_id", "kind", "leg", "sequence"),)

    id: Mapped[Id]
    booking_id: Mapped[int] = mapped_column(ForeignKey(_BOOKING))
    kind: Mapped[str]
    leg: Mapped[str]
    sequence: Mapped[int] = mapped_column(server_default=text("1"))
    number: Mapped[str] = mapped_column(unique=True)
    issued_at: Mapped[datetime]
    amount: Mapped[Paise]
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)


class WebhookEvent(Base):
    """The provider's word, durable before we answer. The event id is unsigned, so the body's hash is unique as well."""

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


class Notification(Base):
    """A mail by its identity: once, and once more for each time that an admin has it sent again.

    ``mail`` is what it is made of, for sending it again; it goes when the person leaves.
    """

    __tablename__ = "notifications"
    __table_args__ = (UniqueConstraint("identity", "resend"),)

    id: Mapped[Id]
    identity: Mapped[str]
    resend: Mapped[int] = mapped_column(server_default=text("0"))
    booking_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    kind: Mapped[str]
    mail: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    message_id: Mapped[str | None]
    sent_at: Mapped[datetime | None]
    refused_at: Mapped[datetime | None]  # the address is not taken: trying again is of no use


class NotificationLog(Base):
    """One attempt to send a mail."""

    __tablename__ = "notification_logs"
    __table_args__ = (Index("ix_notification_logs_time", "timestamp"),)

    id: Mapped[Id]
    notification_id: Mapped[int | None] = mapped_column(ForeignKey("notifications.id"), index=True)
    booking_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    notification_category_id: Mapped[int | None] = mapped_column(ForeignKey("notification_categories.id"))
    recipient_email: Mapped[str]
    subject: Mapped[str]
    attachments: Mapped[list[str]] = mapped_column(ARRAY(Text))
    timestamp: Mapped[CreatedAt]
    status: Mapped[str]
    error: Mapped[str | None]
