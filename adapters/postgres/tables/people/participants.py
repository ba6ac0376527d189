"""Who takes part in a booking."""

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from adapters.postgres.tables.base import PeopleBase
from adapters.postgres.tables.engine.bookings import Booking


class BookingParticipant(PeopleBase):
    """A person who may see a booking, in that role, for as long as ``active``. Written by the projection."""

    __tablename__ = "booking_participants"
    __table_args__ = (
        Index("ix_booking_participants_active", "person_id", "role", "booking_id", postgresql_where=text("active")),
    )

    booking_id: Mapped[int] = mapped_column(ForeignKey(Booking.id), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("users.id"), primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)
    active: Mapped[bool]
