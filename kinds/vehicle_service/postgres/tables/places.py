"""Areas that the shop serves and the addresses in them."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from adapters.postgres.tables.base import CreatedAt, Id
from adapters.postgres.tables.people.users import User
from kinds.vehicle_service.postgres.tables.base import Base


class Area(Base):
    """A part of the city; two areas may share a pincode."""

    __tablename__ = "areas"
    __table_args__ = (
        UniqueConstraint("name", "pincode"),
        CheckConstraint("pincode ~ '^[1-9][0-9]{5}$'", name="pincode_shape"),
    )

    id: Mapped[Id]
    name: Mapped[str]
    pincode: Mapped[str]


class Address(Base):
    """Where a car is fetched or brought. A deleted one stays for as long as its area does."""

    __tablename__ = "addresses"

    id: Mapped[Id]
    customer_id: Mapped[str] = mapped_column(ForeignKey(User.id), index=True)
    label: Mapped[str]
    line1: Mapped[str]
    line2: Mapped[str | None]
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"), index=True)
    created_at: Mapped[CreatedAt]
    deleted_at: Mapped[datetime | None]
