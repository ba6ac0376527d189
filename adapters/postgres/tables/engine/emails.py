"""E-mails that were sent, each attempt of them, and their categories."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from adapters.postgres.tables.base import Base, CreatedAt, Id


class NotificationCategory(Base):
    """The kinds of mail that the shop sends."""

    __tablename__ = "notification_categories"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(unique=True)


class Notification(Base):
    """A mail by its identity: once, and once more for each time that an admin has it sent again.

    ``booking_kind`` is the kind whose mail it is, ``kind`` the slug. ``mail`` is what it is made of, for sending it
    again; it goes when the person leaves.
    """

    __tablename__ = "notifications"
    __table_args__ = (UniqueConstraint("identity", "resend"),)

    id: Mapped[Id]
    identity: Mapped[str]
    resend: Mapped[int] = mapped_column(server_default=text("0"))
    booking_kind: Mapped[str]
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
