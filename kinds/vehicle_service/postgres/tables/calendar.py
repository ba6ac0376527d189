"""The week of the shop, as it comes every week; what differs on single days are closures."""

from datetime import time

from sqlalchemy import CheckConstraint, ForeignKey, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from kinds.vehicle_service.postgres.tables.base import Base


class OpeningDay(Base):
    """A day of the week (1 is Monday) on which the shop is open; without any row it is open always."""

    __tablename__ = "opening_days"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 1 AND 7", name="weekday_range"),
        CheckConstraint("opens < closes OR closes = '00:00'", name="closes_after_it_opens_or_at_midnight"),
    )

    weekday: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    opens: Mapped[time]
    closes: Mapped[time]


class SlotCapacity(Base):
    """How many cars are fetched or brought in a timeslot on a day of the week, instead of the timeslot's capacity."""

    __tablename__ = "slot_capacities"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 1 AND 7", name="weekday_range"),
        CheckConstraint("capacity >= 0", name="capacity_range"),
    )

    weekday: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    timeslot_id: Mapped[int] = mapped_column(
        ForeignKey("timeslots.id", ondelete="CASCADE"), primary_key=True, index=True, autoincrement=False
    )
    capacity: Mapped[int]
