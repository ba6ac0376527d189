"""Small lists that bookings point into."""

from datetime import time

from sqlalchemy import CheckConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from adapters.postgres.tables.base import Id
from kinds.vehicle_service.postgres.tables.base import Base


class Status(Base):
    """The states of the lifecycle with fixed ids, and what the shop adds for itself."""

    __tablename__ = "statuses"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(unique=True)


class AssignmentType(Base):
    """pickup, drop, service, analysis."""

    __tablename__ = "assignment_types"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(unique=True)


class Timeslot(Base):
    """A part of the day, and how many cars the shop fetches or brings in it."""

    __tablename__ = "timeslots"
    __table_args__ = (
        CheckConstraint(
            "start_time < end_time OR (end_time = '00:00' AND start_time <> '00:00')",
            name="ends_after_start_or_at_midnight",
        ),
        CheckConstraint("capacity >= 0", name="capacity_range"),
    )

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(unique=True)
    start_time: Mapped[time]
    end_time: Mapped[time]
    capacity: Mapped[int] = mapped_column(server_default=text("10"))


class PaymentMethod(Base):
    """online, offline."""

    __tablename__ = "payment_methods"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(unique=True)
