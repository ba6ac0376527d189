"""Demo people with passwords made on the spot: hashes in the database and, for the demo, one private file."""

import secrets
import string
from collections.abc import Callable
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.auth.passwords import Passwords
from adapters.postgres.numbering import continue_people, continue_rows
from adapters.postgres.tables.people.roles import Role
from adapters.postgres.tables.people.users import User
from devstack.kinds import People
from devstack.kinds.vehicle_service.data.people import ADMIN, CUSTOMERS, MECHANICS
from kinds.vehicle_service.domain.roles import ROLES
from kinds.vehicle_service.postgres.tables.catalogue import ServiceCategory
from kinds.vehicle_service.postgres.tables.mechanics import Mechanic, MechanicCategory
from kinds.vehicle_service.postgres.tables.places import Address, Area
from kinds.vehicle_service.postgres.tables.vehicles import Car, CustomerCar, FuelType, Manufacturer

_ROLES = {role.prefix: role.name for role in ROLES}
_IDS = [ADMIN[0], *(row[0] for row in MECHANICS), *(row[0] for row in CUSTOMERS)]


async def seed_people(connection: AsyncConnection, passwords: Passwords, *, kept: bool) -> People | None:
    """The new people with their passwords; nothing changes when all are there and their file is ``kept``."""
    known = await connection.scalar(select(func.count()).select_from(User).where(User.id.in_(_IDS)))
    if known == len(_IDS) and kept:
        return None
    people: People = {
        "admin": await _person(connection, passwords, *ADMIN),
        "mechanics": [await _person(connection, passwords, *row[:4]) for row in MECHANICS],
        "customers": [await _person(connection, passwords, *row[:4]) for row in CUSTOMERS],
    }
    for mechanic in MECHANICS:
        await _qualify(connection, *mechanic)
    for person, customer in zip(people["customers"], CUSTOMERS, strict=True):
        person["address_ids"] = [await _address(connection, customer[0], *customer[4])]
        person["car_ids"] = [await _car(connection, customer[0], *car) for car in customer[5]]
    for role in ROLES:
        await connection.execute(continue_people(role))
    await connection.execute(continue_rows("customer_cars"))
    return people


async def _person(
    connection: AsyncConnection, passwords: Passwords, person_id: str, first: str, last: str, phone: str
) -> dict[str, Any]:
    password = _password()
    email = f"{first}.{last}@revcare.example".lower().replace("'", "")
    row = {
        "id": person_id,
        "role_id": select(Role.id).where(Role.name == _ROLES[person_id[:3]]).scalar_subquery(),
        "first_name": first,
        "last_name": last,
        "email": email,
        "phone": f"+91{phone}",
        "password_hash": await passwords.hash(password),
        "deleted_at": None,
    }
    statement = insert(User).values(row)
    await connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=row))
    return {"id": person_id, "name": f"{first} {last}", "phone": phone, "password": password, "email": email}


async def _qualify(
    connection: AsyncConnection,
    person_id: str,
    _first: str,
    _last: str,
    _phone: str,
    born: str,
    drives: bool,
    analyses: bool,
    categories: tuple[str, ...],
) -> None:
    row = {"user_id": person_id, "dob": date.fromisoformat(born), "pickup_drop": drives, "analysis": analyses}
    await connection.execute(insert(Mechanic).values(row).on_conflict_do_nothing())
    numbers = select(ServiceCategory.id).where(ServiceCategory.name.in_(categories))
    for number in (await connection.scalars(numbers)).all():
        pair = {"mechanic_id": person_id, "category_id": number}
        await connection.execute(insert(MechanicCategory).values(pair).on_conflict_do_nothing())


async def _address(
    connection: AsyncConnection, customer_id: str, label: str, line1: str, line2: str | None, area: str
) -> int:
    known = select(Address.id).where(Address.customer_id == customer_id).order_by(Address.id).limit(1)
    if (found := await connection.scalar(known)) is not None:
        return found
    area_id = _there(await connection.scalar(select(Area.id).where(Area.name == area).limit(1)))
    row = {"customer_id": customer_id, "label": label, "line1": line1, "line2": line2, "area_id": area_id}
    return _there(await connection.scalar(insert(Address).values(row).returning(Address.id)))


async def _car(
    connection: AsyncConnection, customer_id: str, car_id: int, plate: str, maker: str, model: str, fuel: str
) -> int:
    master = (
        select(Car.id)
        .join(Manufacturer, Manufacturer.id == Car.manufacturer_id)
        .join(FuelType, FuelType.id == Car.fuel_type_id)
        .where(Manufacturer.name == maker, Car.model == model, FuelType.name == fuel)
        .limit(1)
    )
    row = {
        "id": car_id,
        "customer_id": customer_id,
        "car_id": _there(await connection.scalar(master)),
        "registration_number": plate,
    }
    await connection.execute(insert(CustomerCar).values(row).on_conflict_do_nothing())
    return car_id


def _there(number: int | None) -> int:
    assert number is not None
    return number


def _password() -> str:
    wanted: tuple[Callable[[str], bool], ...] = (str.isupper, str.islower, str.isdigit)
    while True:
        password = "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(14))
        if all(any(map(test, password)) for test in wanted):
            return password
