"""Conversations of two people, and what each person is told live."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from adapters.postgres.tables.base import CreatedAt, Id
from adapters.postgres.tables.engine.bookings import Booking
from adapters.postgres.tables.people.users import User
from kinds.local_services.postgres.tables.base import TablesBase


class Thread(TablesBase):
    """Two people who write to each other, about a booking or about none: one thread for each pair and booking,
    whoever of them began it. One of them may have stopped it."""

    __tablename__ = "threads"
    __table_args__ = (
        CheckConstraint("initiator_id <> receiver_id", name="of_two_people"),
        Index(
            "uq_threads_pair",
            text("LEAST(initiator_id, receiver_id)"),
            text("GREATEST(initiator_id, receiver_id)"),
            text("COALESCE(booking_id, 0::bigint)"),
            unique=True,
        ),
        Index("ix_threads_receiver_id", "receiver_id"),
        Index("ix_threads_initiator_id", "initiator_id"),
        Index("ix_threads_booking_id", "booking_id", postgresql_where=text("booking_id IS NOT NULL")),
    )

    id: Mapped[Id]
    booking_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey(Booking.id))
    initiator_id: Mapped[str] = mapped_column(ForeignKey(User.id))
    receiver_id: Mapped[str] = mapped_column(ForeignKey(User.id))
    stopped_by_initiator: Mapped[bool] = mapped_column(server_default=text("false"))
    stopped_by_receiver: Mapped[bool] = mapped_column(server_default=text("false"))
    last_message_at: Mapped[datetime | None]
    created_at: Mapped[CreatedAt]


class Message(TablesBase):
    """What was said. Nobody sent one that tells a move of the booking: it has its ``version``."""

    __tablename__ = "messages"
    __table_args__ = (
        CheckConstraint("message_type IN ('TEXT', 'IMAGE', 'SYSTEM')", name="type_is_known"),
        CheckConstraint(
            "(sender_id IS NULL) = (message_type = 'SYSTEM')", name="people_send_what_is_not_of_the_system"
        ),
        Index("ix_messages_thread_id", "thread_id", "id"),
        Index("ix_messages_unread", "thread_id", "sender_id", postgresql_where=text("read_at IS NULL")),
        Index(
            "uq_messages_client_id",
            "thread_id",
            "sender_id",
            "client_id",
            unique=True,
            postgresql_where=text("client_id IS NOT NULL"),
        ),
        Index("uq_messages_version", "thread_id", "version", unique=True, postgresql_where=text("version IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    thread_id: Mapped[int] = mapped_column(ForeignKey("threads.id", ondelete="CASCADE"))
    sender_id: Mapped[str | None] = mapped_column(ForeignKey(User.id))
    content: Mapped[str]
    message_type: Mapped[str]
    client_id: Mapped[str | None]
    version: Mapped[int | None]
    read_at: Mapped[datetime | None]
    sent_at: Mapped[CreatedAt]


class FeedHead(TablesBase):
    """The number of the last event of a person's feed; its lock puts the transactions that tell them something into
    one order."""

    __tablename__ = "feed_heads"

    user_id: Mapped[str] = mapped_column(primary_key=True)
    last: Mapped[int] = mapped_column(BigInteger)


class FeedEvent(TablesBase):
    """What a person is told live, numbered for each person from 1 in the order of commit. What has a ``key`` is told
    once, however often its transaction is repeated."""

    __tablename__ = "feed_events"
    __table_args__ = (
        Index("ix_feed_events_created_at", "created_at"),
        Index("uq_feed_events_key", "user_id", "key", unique=True, postgresql_where=text("key IS NOT NULL")),
    )

    user_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    type: Mapped[str]
    data: Mapped[dict[str, Any]] = mapped_column(JSONB)
    key: Mapped[str | None]
    created_at: Mapped[CreatedAt]
