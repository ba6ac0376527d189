"""What the shop offers, for which car, at what price; and what customers keep and think of it."""

from decimal import Decimal

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, Numeric, SmallInteger, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from adapters.postgres.tables.base import CreatedAt, Id, Paise
from adapters.postgres.tables.people.users import User
from kinds.vehicle_service.postgres.tables.base import Base

_NO_TEXTS = text("'{}'::text[]")


class ServiceCategory(Base):
    """A category of the catalogue, and what a mechanic is qualified for."""

    __tablename__ = "service_categories"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(unique=True)
    description: Mapped[str] = mapped_column(server_default="")


class Service(Base):
    """One thing the shop does. ``sac`` is the tax code on the invoice, ``difficulty`` the mechanic's score."""

    __tablename__ = "services"
    __table_args__ = (
        CheckConstraint("difficulty BETWEEN 1 AND 5", name="difficulty_range"),
        CheckConstraint("time_hrs > 0 AND time_hrs <= 200", name="time_range"),
        CheckConstraint("warranty_kms >= 0 AND warranty_months >= 0", name="warranty_range"),
        CheckConstraint("sac ~ '^[0-9]{4,8}$'", name="sac_shape"),
    )

    id: Mapped[Id]
    title: Mapped[str] = mapped_column(unique=True)
    description: Mapped[str] = mapped_column(server_default="")
    category_id: Mapped[int] = mapped_column(ForeignKey("service_categories.id"), index=True)
    works: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=_NO_TEXTS)
    warranty_kms: Mapped[int] = mapped_column(server_default=text("0"))
    warranty_months: Mapped[int] = mapped_column(server_default=text("0"))
    time_hrs: Mapped[Decimal] = mapped_column(Numeric(5, 2))
    difficulty: Mapped[int] = mapped_column(SmallInteger)
    images: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=_NO_TEXTS)
    sac: Mapped[str] = mapped_column(server_default="998714")
    created_at: Mapped[CreatedAt]


class PriceChart(Base):
    """The price of a service for a class of car, in paise, without GST."""

    __tablename__ = "price_chart"
    __table_args__ = (CheckConstraint("price >= 0", name="price_range"),)

    service_id: Mapped[int] = mapped_column(ForeignKey("services.id", ondelete="CASCADE"), primary_key=True)
    car_class_id: Mapped[int] = mapped_column(ForeignKey("car_classes.id"), primary_key=True, index=True)
    price: Mapped[Paise]


class ServiceFuelType(Base):
    """The fuels that a service fits."""

    __tablename__ = "service_fuel_types"

    service_id: Mapped[int] = mapped_column(ForeignKey("services.id", ondelete="CASCADE"), primary_key=True)
    fuel_type_id: Mapped[int] = mapped_column(ForeignKey("fuel_types.id"), primary_key=True, index=True)


class ServiceReview(Base):
    """One per customer and service."""

    __tablename__ = "service_reviews"
    __table_args__ = (
        CheckConstraint("rating BETWEEN 1 AND 5", name="rating_range"),
        Index("ix_service_reviews_newest", "service_id", text("created_at DESC"), "customer_id"),
    )

    service_id: Mapped[int] = mapped_column(ForeignKey("services.id", ondelete="CASCADE"), primary_key=True)
    customer_id: Mapped[str] = mapped_column(ForeignKey(User.id), primary_key=True, index=True)
    rating: Mapped[int] = mapped_column(SmallInteger)
    review: Mapped[str] = mapped_column(server_default="")
    images: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=_NO_TEXTS)
    created_at: Mapped[CreatedAt]


class Cart(Base):
    """What a customer means to book."""

    __tablename__ = "carts"
    __table_args__ = (Index("ix_carts_saved", "created_at", "customer_id", "service_id"),)

    customer_id: Mapped[str] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("services.id", ondelete="CASCADE"), primary_key=True, index=True)
    created_at: Mapped[CreatedAt]


class Favourite(Base):
    """What a customer likes."""

    __tablename__ = "favourites"
    __table_args__ = (Index("ix_favourites_saved", "created_at", "customer_id", "service_id"),)

    customer_id: Mapped[str] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("services.id", ondelete="CASCADE"), primary_key=True, index=True)
    created_at: Mapped[CreatedAt]
