"""Bookings of all kinds for reading: what the workflows project, versioned."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Sequence, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from adapters.postgres.tables.base import Base, Paise

BOOKING_IDS = Sequence("booking_ids", start=1001, metadata=Base.metadata)


class Booking(Base):
    """One booking as its workflow last projected it: ``state`` is the whole, the columns are what lists filter by."""

    __tablename__ = "bookings"
    __table_args__ = (
        Index("ix_bookings_customer", "customer_id", "id"),
        Index("ix_bookings_status", "status", "id"),
        Index("ix_bookings_unsettled", "kind", "id", postgresql_where=text("NOT settled")),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[str]
    status: Mapped[str]
    version: Mapped[int]
    customer_id: Mapped[str]  # of the kind's people; who may see it stands in booking_participants
    payment_method: Mapped[str | None]
    total: Mapped[Paise]
    due: Mapped[Paise]
    action_required: Mapped[str]
    needs_attention: Mapped[bool]
    waiting_until: Mapped[datetime | None]
    since: Mapped[datetime]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    completed_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    # Closed, and nothing came up since: its workflow may have ended.
    settled: Mapped[bool] = mapped_column(server_default=text("false"))
    state: Mapped[dict[str, Any]] = mapped_column(JSONB)
    summaries: Mapped[dict[str, Any]] = mapped_column(JSONB)


class BookingEvent(Base):
    """The timeline: versions 1..n without a gap."""

    __tablename__ = "booking_events"

    booking_id: Mapped[int] = mapped_column(ForeignKey("bookings.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[str]
    action: Mapped[str]
    actor_role: Mapped[str]
    actor_id: Mapped[str]
    at: Mapped[datetime]
    note: Mapped[str | None]
    update_id: Mapped[str | None]
