"""When the shop is closed, or open for a part of the day only, and when mechanics are away."""

from datetime import date, time

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from adapters.postgres.tables.base import CreatedAt, Id
from kinds.vehicle_service.postgres.tables.base import Base


class Closure(Base):
    """Days on which the shop is closed; with ``opens`` or ``closes`` it is open from or until then.

    Several may cover one day: a slot is offered when none of them excludes it.
    """

    __tablename__ = "closures"
    __table_args__ = (
        CheckConstraint("first_date <= last_date", name="begins_before_it_ends"),
        CheckConstraint("opens < closes", name="opens_before_it_closes"),
        Index("ix_closures_last_date", "last_date"),
    )

    id: Mapped[Id]
    first_date: Mapped[date]
    last_date: Mapped[date]
    opens: Mapped[time | None]
    closes: Mapped[time | None]
    reason: Mapped[str | None]
    created_at: Mapped[CreatedAt]


class MechanicAbsence(Base):
    """Days on which a mechanic gets no job; why is nobody's business here."""

    __tablename__ = "mechanic_absences"
    __table_args__ = (
        CheckConstraint("first_date <= last_date", name="begins_before_it_ends"),
        Index("ix_mechanic_absences_of_mechanic", "mechanic_id", "last_date"),
    )

    id: Mapped[Id]
    mechanic_id: Mapped[str] = mapped_column(ForeignKey("mechanics.user_id", ondelete="CASCADE"))
    first_date: Mapped[date]
    last_date: Mapped[date]
    created_at: Mapped[CreatedAt]
