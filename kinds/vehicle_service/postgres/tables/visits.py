"""What a visit keeps: the car, its pickup and drop, the work, the reports; and the contended slots."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from adapters.postgres.tables.base import ChildId, Paise, number_in_range
from adapters.postgres.tables.engine.bookings import Booking
from adapters.postgres.tables.people.users import User
from kinds.vehicle_service.postgres.tables.base import Base


class Visit(Base):
    """One row per booking: its vehicle, who works on it, the slots of both ways."""

    __tablename__ = "visits"
    __table_args__ = (
        # A vehicle is with us once: the wall behind VehicleBusy.
        Index("uq_visits_vehicle_in_use", "vehicle_id", unique=True, postgresql_where=text("vehicle_in_use")),
        Index("ix_visits_pickup_date", "pickup_date"),
    )

    booking_id: Mapped[int] = mapped_column(ForeignKey(Booking.id), primary_key=True)
    vehicle_id: Mapped[int] = mapped_column(ForeignKey("customer_cars.id"), index=True)
    mechanic_id: Mapped[str | None] = mapped_column(ForeignKey(User.id))
    pickup_date: Mapped[date]
    pickup_timeslot_id: Mapped[int] = mapped_column(ForeignKey("timeslots.id"))
    drop_date: Mapped[date]
    drop_timeslot_id: Mapped[int] = mapped_column(ForeignKey("timeslots.id"))
    vehicle_in_use: Mapped[bool]


class BookedService(Base):
    """A line of a booking; per unit, in paise."""

    __tablename__ = "booked_services"
    __table_args__ = (CheckConstraint("quantity >= 1", name="quantity_is_positive"),)

    booking_id: Mapped[int] = mapped_column(ForeignKey(Booking.id), primary_key=True)
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
    __table_args__ = (
        number_in_range(),
        Index("ix_booking_assignments_mechanic", "mechanic_id", "active", "id"),
    )

    booking_id: Mapped[int] = mapped_column(ForeignKey(Booking.id), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    id: Mapped[ChildId]
    mechanic_id: Mapped[str] = mapped_column(ForeignKey(User.id))
    type: Mapped[str]
    active: Mapped[bool]
    replaced: Mapped[bool]
    note: Mapped[str | None]
    at: Mapped[datetime]


class BookingProgress(Base):
    """A progress report."""

    __tablename__ = "booking_progress"
    __table_args__ = (number_in_range(),)

    booking_id: Mapped[int] = mapped_column(ForeignKey(Booking.id), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    id: Mapped[ChildId]
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

    booking_id: Mapped[int] = mapped_column(ForeignKey(Booking.id), primary_key=True)
    what: Mapped[str] = mapped_column(primary_key=True)
    mechanic_id: Mapped[str] = mapped_column(ForeignKey(User.id), index=True)
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
    __table_args__ = (Index("ix_slot_reservations_on_date", "on_date"),)

    booking_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    leg: Mapped[str] = mapped_column(primary_key=True)
    on_date: Mapped[date]
    timeslot_id: Mapped[int] = mapped_column(ForeignKey("timeslots.id"))
