"""The shop's own rows. A table is filled only while it is empty: what an administrator changed or deleted stays so."""

from datetime import time
from typing import Any

from sqlalchemy import exists, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.numbering import continue_rows
from devstack.kinds.vehicle_service.data.areas import AREAS
from devstack.kinds.vehicle_service.data.catalogue import CATEGORIES, SAC, SERVICES
from devstack.kinds.vehicle_service.data.reference import TIMESLOTS
from devstack.kinds.vehicle_service.data.vehicles import CAR_CLASSES, FUEL_TYPES, MANUFACTURERS, MODELS
from kinds.vehicle_service.postgres.tables.base import Base
from kinds.vehicle_service.postgres.tables.catalogue import PriceChart, Service, ServiceCategory, ServiceFuelType
from kinds.vehicle_service.postgres.tables.places import Area
from kinds.vehicle_service.postgres.tables.reference import Timeslot
from kinds.vehicle_service.postgres.tables.vehicles import Car, CarClass, FuelType, Manufacturer

Rows = list[dict[str, Any]]

_FUELS = {name: number for number, name in enumerate(FUEL_TYPES, start=1)}
_CLASSES = {name: number for number, (name, _) in enumerate(CAR_CLASSES, start=1)}
_MAKERS = {name: number for number, name in enumerate(MANUFACTURERS, start=1)}
_CATEGORIES = {name: number for number, (name, _) in enumerate(CATEGORIES, start=1)}


async def seed_catalogue(connection: AsyncConnection, slot_capacity: int) -> int:
    """Fill what is empty; answers how many rows were written."""
    tables: tuple[tuple[type[Base], Rows], ...] = (
        (FuelType, _numbered(FUEL_TYPES)),
        (CarClass, _numbered([name for name, _ in CAR_CLASSES])),
        (Manufacturer, _numbered(MANUFACTURERS)),
        (Car, _cars()),
        (Area, [{"id": n, "name": name, "pincode": code} for n, (name, code) in enumerate(AREAS, start=1)]),
        (Timeslot, _timeslots(slot_capacity)),
        (ServiceCategory, [{"id": _CATEGORIES[name], "name": name, "description": text} for name, text in CATEGORIES]),
        (Service, _services()),
        (PriceChart, _prices()),
        (ServiceFuelType, _fits()),
    )
    return sum([await _fill(connection, table, rows) for table, rows in tables])


async def _fill(connection: AsyncConnection, table: type[Base], rows: Rows) -> int:
    if await connection.scalar(select(exists(select(table.__table__)))):
        return 0
    await connection.execute(insert(table), rows)
    if "id" in rows[0]:
        await connection.execute(continue_rows(table.__tablename__))
    return len(rows)


def _numbered(names: Any) -> Rows:
    return [{"id": number, "name": name} for number, name in enumerate(names, start=1)]


def _cars() -> Rows:
    return [
        {
            "id": number,
            "model": model,
            "manufacturer_id": _MAKERS[maker],
            "fuel_type_id": _FUELS[fuel],
            "car_class_id": _CLASSES[car_class],
            "year": year,
        }
        for number, (maker, model, fuel, car_class, year) in enumerate(MODELS, start=1)
    ]


def _timeslots(capacity: int) -> Rows:
    return [
        {
            "id": number,
            "name": name,
            "start_time": time.fromisoformat(start),
            "end_time": time.fromisoformat(end),
            "capacity": capacity,
        }
        for number, name, start, end in TIMESLOTS
    ]


def _numbered_services() -> list[tuple[int, str, Any]]:
    flat = [(category, row) for category, rows in SERVICES.items() for row in rows]
    return [(number, category, row) for number, (category, row) in enumerate(flat, start=1)]


def _services() -> Rows:
    return [
        {
            "id": number,
            "title": title,
            "description": "; ".join(works) + ".",
            "category_id": _CATEGORIES[category],
            "works": list(works),
            "warranty_kms": kms,
            "warranty_months": months,
            "time_hrs": hours,
            "difficulty": difficulty,
            "sac": SAC,
        }
        for number, category, (title, hours, difficulty, _, kms, months, _, works) in _numbered_services()
    ]


def _prices() -> Rows:
    return [
        {"service_id": number, "car_class_id": _CLASSES[car_class], "price": row[3] * share}  # rupees x percent = paise
        for number, _, row in _numbered_services()
        for car_class, share in CAR_CLASSES
    ]


def _fits() -> Rows:
    return [
        {"service_id": number, "fuel_type_id": _FUELS[fuel]}
        for number, _, row in _numbered_services()
        for fuel in row[6]
    ]
