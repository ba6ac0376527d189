"""Pushes that are still to be sent."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from adapters.postgres.tables.base import Base, CreatedAt


class WaitingPush(Base):
    """The push of one notice, from the commit that wrote the notice until its person's devices have it.

    ``version``: of the booking, of one that a move wrote. ``told``: the devices that have it. ``next_at``: not before
    then; pushed ahead by whoever works on it.
    """

    __tablename__ = "push_outbox"
    __table_args__ = (Index("ix_push_outbox_next", "next_at"),)

    kind: Mapped[str] = mapped_column(primary_key=True)
    notification_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    person_id: Mapped[str] = mapped_column(index=True)
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("bookings.id", ondelete="CASCADE"), index=True)
    version: Mapped[int | None]
    push: Mapped[dict[str, Any]] = mapped_column(JSONB)
    told: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default=text("'{}'"))
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    created_at: Mapped[CreatedAt]
    next_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
