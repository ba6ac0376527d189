"""Payments and refunds for reading, and what was looked up about orders that are over."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from adapters.postgres.tables.base import Base, ChildId, CreatedAt, Paise, number_in_range


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
    """Money going back: one row and one key for each attempt."""

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


class OrderCheck(Base):
    """Re-checks of an order that is over: how many there were, and the state found by the last one."""

    __tablename__ = "order_checks"

    order_id: Mapped[str] = mapped_column(primary_key=True)
    checks: Mapped[int]
    last_state: Mapped[str]
    checked_at: Mapped[CreatedAt] = mapped_column(index=True)
