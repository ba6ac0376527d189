"""Bookings for reading: what the workflows project, versioned, and the contended facts that PostgreSQL decides."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Sequence, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from adapters.postgres.tables.base import Base, CreatedAt, Paise

BOOKING_IDS = Sequence("booking_ids", start=1001, metadata=Base.metadata)
_BOOKING = "bookings.id"


class Booking(Base):
    """One booking as its workflow last told: ``state`` is the whole, the columns are what lists filter by."""

    __tablename__ = "bookings"
    __table_args__ = (
        # A vehicle is with us once: the wall behind VehicleBusy.
        Index("uq_bookings_open_vehicle", "vehicle_id", unique=True, postgresql_where=text("closed_at IS NULL")),
        Index("ix_bookings_customer", "customer_id", "id"),
        Index("ix_bookings_status", "status", "id"),
        Index("ix_bookings_open", "id", postgresql_where=text("closed_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[str]
    status: Mapped[str]
    version: Mapped[int]
    customer_id: Mapped[str] = mapped_column(ForeignKey("users.id"))
    vehicle_id: Mapped[int] = mapped_column(ForeignKey("customer_cars.id"))
    mechanic_id: Mapped[str | None] = mapped_column(ForeignKey("users.id"))
    pickup_date: Mapped[date]
    pickup_timeslot_id: Mapped[int] = mapped_column(ForeignKey("timeslots.id"))
    drop_date: Mapped[date]
    drop_timeslot_id: Mapped[int] = mapped_column(ForeignKey("timeslots.id"))
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
    state: Mapped[dict[str, Any]] = mapped_column(JSONB)
    summaries: Mapped[dict[str, Any]] = mapped_column(JSONB)


class BookingEvent(Base):
    """The timeline: versions 1..n without a gap."""

    __tablename__ = "booking_events"

    booking_id: Mapped[int] = mapped_column(ForeignKey(_BOOKING), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[str]
    action: Mapped[str]
    actor_role: Mapped[str]
    actor_id: Mapped[str]
    actor_name: Mapped[str]
    at: Mapped[datetime]
    note: Mapped[str | None]
    update_id: Mapped[str | None]


class BookedService(Base):
    """A line of a booking; per unit, in paise."""

    __tablename__ = "booked_services"
    __table_args__ = (CheckConstraint("quantity >= 1", name="quantity_is_positive"),)

    booking_id: Mapped[int] = mapped_column(ForeignKey(_BOOKING), primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("services.id"), primary_key=True, index=True)
    quantity: Mapped[int]
    origin: Mapped[str]
    estimate: Mapped[Paise | None]
    quote: Mapped[Paise | None]
    price: Mapped[Paise | None]
    state: Mapped[str]


class BookingAssignment(Base):
    """A job of a mechanic; a replaced mechanic keeps the row and loses the sight of the booking."""

    __tablename__ = "booking_assignments"
    __table_args__ = (Index("ix_booking_assignments_mechanic", "mechanic_id", "active", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    booking_id: Mapped[int] = mapped_column(ForeignKey(_BOOKING), index=True)
    mechanic_id: Mapped[str] = mapped_column(ForeignKey("users.id"))
    type: Mapped[str]
    active: Mapped[bool]
    replaced: Mapped[bool]
    note: Mapped[str | None]
    at: Mapped[datetime]


class BookingProgress(Base):
    """A progress report."""

    __tablename__ = "booking_progress"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    booking_id: Mapped[int] = mapped_column(ForeignKey(_BOOKING), index=True)
    updated_by: Mapped[str]
    status: Mapped[str]
    notes: Mapped[str | None]
    images: Mapped[list[str]] = mapped_column(ARRAY(Text))
    service_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    validated: Mapped[bool]
    sent_back: Mapped[str | None]
    at: Mapped[datetime]


class MechanicScore(Base):
    """Points for validated work, once per ``what``."""

    __tablename__ = "mechanic_scores"

    booking_id: Mapped[int] = mapped_column(ForeignKey(_BOOKING), primary_key=True)
    what: Mapped[str] = mapped_column(primary_key=True)
    mechanic_id: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    points: Mapped[int]


class SlotUsage(Base):
    """How much of a slot is taken on a date: the authority for capacity."""

    __tablename__ = "slot_usage"
    __table_args__ = (CheckConstraint("used >= 0", name="used_is_not_negative"),)

    on_date: Mapped[date] = mapped_column(primary_key=True)
    timeslot_id: Mapped[int] = mapped_column(ForeignKey("timeslots.id"), primary_key=True)
    used: Mapped[int]


class SlotReservation(Base):
    """The slot that a booking has reserved for its pickup or its drop."""

    __tablename__ = "slot_reservations"

    booking_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    leg: Mapped[str] = mapped_column(primary_key=True)
    on_date: Mapped[date]
    timeslot_id: Mapped[int] = mapped_column(ForeignKey("timeslots.id"))


class IdempotencyKey(Base):
    """One request per user, route and key: what it was, which booking it makes, what was answered."""

    __tablename__ = "idempotency_keys"

    user_id: Mapped[str] = mapped_column(primary_key=True)
    route: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    request_hash: Mapped[str]
    booking_id: Mapped[int | None] = mapped_column(BigInteger)
    status: Mapped[int | None]
    response: Mapped[str | None]
    created_at: Mapped[CreatedAt]
