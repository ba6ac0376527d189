"""E-mails that are still to be sent."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from adapters.postgres.tables.base import Base, CreatedAt


class OutboxEmail(Base):
    """An e-mail of one version of a booking, from the commit of that version until it was sent or given up.

    ``place`` is its order within the version. ``next_at``: not before then; pushed ahead by whoever works on it.
    """

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_next", "next_at"),)

    booking_id: Mapped[int] = mapped_column(ForeignKey("bookings.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(primary_key=True, index=True)
    place: Mapped[int]
    mail: Mapped[dict[str, Any]] = mapped_column(JSONB)
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    created_at: Mapped[CreatedAt]
    next_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
