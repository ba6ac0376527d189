"""Models of cars and the cars of customers."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from adapters.postgres.tables.base import CreatedAt, Id
from adapters.postgres.tables.people.users import User
from kinds.vehicle_service.postgres.tables.base import Base


class Manufacturer(Base):
    """Who built it."""

    __tablename__ = "manufacturers"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(unique=True)


class CarClass(Base):
    """Hatchback, sedan, ...: what a service costs depends on it."""

    __tablename__ = "car_classes"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(unique=True)


class FuelType(Base):
    """Petrol, Diesel, ...: which services fit depends on it."""

    __tablename__ = "fuel_types"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(unique=True)


class Car(Base):
    """A model that the shop knows."""

    __tablename__ = "cars"
    __table_args__ = (
        UniqueConstraint("manufacturer_id", "model", "year", "fuel_type_id"),
        CheckConstraint("year BETWEEN 1950 AND 2100", name="year_is_sane"),
    )

    id: Mapped[Id]
    model: Mapped[str]
    manufacturer_id: Mapped[int] = mapped_column(ForeignKey("manufacturers.id"), index=True)
    fuel_type_id: Mapped[int] = mapped_column(ForeignKey("fuel_types.id"), index=True)
    car_class_id: Mapped[int] = mapped_column(ForeignKey("car_classes.id"), index=True)
    year: Mapped[int]
    img: Mapped[str | None]


class CustomerCar(Base):
    """A customer's car. A deleted one stays for the bookings that name it and gives its plate free."""

    __tablename__ = "customer_cars"
    __table_args__ = (
        CheckConstraint("registration_number ~ '^[A-Z0-9]{4,12}$'", name="plate_is_normalised"),
        Index(
            "uq_customer_cars_registration_number_live",
            "registration_number",
            unique=True,
            postgresql_where=text("deleted_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    customer_id: Mapped[str] = mapped_column(ForeignKey(User.id), index=True)
    car_id: Mapped[int] = mapped_column(ForeignKey("cars.id"), index=True)
    registration_number: Mapped[str]
    created_at: Mapped[CreatedAt]
    deleted_at: Mapped[datetime | None]
