"""What only mechanics have."""

from datetime import date

from sqlalchemy import ForeignKey, text
from sqlalchemy.orm import Mapped, mapped_column

from adapters.postgres.tables.people.users import User
from kinds.vehicle_service.postgres.tables.base import Base


class Mechanic(Base):
    """What a mechanic is qualified for, and the score of validated work."""

    __tablename__ = "mechanics"

    user_id: Mapped[str] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), primary_key=True)
    dob: Mapped[date | None]
    pickup_drop: Mapped[bool] = mapped_column(server_default=text("false"))
    analysis: Mapped[bool] = mapped_column(server_default=text("false"))
    score: Mapped[int] = mapped_column(server_default=text("0"))


class MechanicCategory(Base):
    """The service categories that a mechanic may work on."""

    __tablename__ = "mechanic_service_categories"

    mechanic_id: Mapped[str] = mapped_column(ForeignKey("mechanics.user_id", ondelete="CASCADE"), primary_key=True)
    category_id: Mapped[int] = mapped_column(ForeignKey("service_categories.id"), primary_key=True, index=True)
