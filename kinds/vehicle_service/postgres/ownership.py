"""Rows that customers own: cars and addresses."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.lists import Json, write
from domain.errors import InUse, NotFound

_LOCK_CAR = text("SELECT id FROM customer_cars WHERE id = :id FOR UPDATE")  # a booking that is opened now is seen
_OPEN_FOR_CAR = text("SELECT 1 FROM visits WHERE vehicle_id = :id AND closed_at IS NULL LIMIT 1")
_A_CUSTOMER = text(
    "SELECT 1 FROM users AS u JOIN roles AS r ON r.id = u.role_id "
    "WHERE u.id = :id AND r.name = 'customer' AND u.deleted_at IS NULL"
)


async def add_car(connection: AsyncConnection, owner: str, plate: str, model_id: int) -> int:
    """A new car. Raises Duplicate for a plate that somebody has, Invalid for an unknown model."""
    await _must_be_a_customer(connection, owner)
    statement = (
        "INSERT INTO customer_cars (customer_id, car_id, registration_number) "
        "VALUES (:owner, :model, :plate) RETURNING id"
    )
    return int(await write(connection, statement, owner=owner, model=model_id, plate=plate))


async def change_car(connection: AsyncConnection, car_id: int, plate: str | None, model_id: int | None) -> None:
    """Another plate or model; None leaves it."""
    statement = (
        "UPDATE customer_cars SET registration_number = coalesce(CAST(:plate AS text), registration_number), "
        "car_id = coalesce(CAST(:model AS int), car_id) WHERE id = :id"
    )
    await write(connection, statement, id=car_id, plate=plate, model=model_id)


async def remove_car(connection: AsyncConnection, car_id: int) -> None:
    """Hide a car and give its plate free; refused while a booking of it is open."""
    await connection.execute(_LOCK_CAR, {"id": car_id})
    if (await connection.execute(_OPEN_FOR_CAR, {"id": car_id})).first() is not None:
        raise InUse("the car has an open booking")
    await write(connection, "UPDATE customer_cars SET deleted_at = now() WHERE id = :id", id=car_id)


async def add_address(
    connection: AsyncConnection, owner: str, label: str, line1: str, line2: str | None, area_id: int
) -> int:
    """A new address."""
    await _must_be_a_customer(connection, owner)
    statement = (
        "INSERT INTO addresses (customer_id, label, line1, line2, area_id) "
        "VALUES (:owner, :label, :line1, :line2, :area_id) RETURNING id"
    )
    row = {"owner": owner, "label": label, "line1": line1, "line2": line2, "area_id": area_id}
    return int(await write(connection, statement, **row))


async def change_address(connection: AsyncConnection, address_id: int, columns: Json) -> None:
    """Change what is given and nothing else: two changes at once of different parts both count."""
    if columns:
        sets = ", ".join(f"{name} = :{name}" for name in columns)
        statement = f"UPDATE addresses SET {sets} WHERE id = :id"  # noqa: S608 - field names of ours
        await write(connection, statement, **columns, id=address_id)


async def remove_address(connection: AsyncConnection, address_id: int) -> None:
    """Hide an address; bookings have their own copy."""
    await write(connection, "UPDATE addresses SET deleted_at = now() WHERE id = :id", id=address_id)


async def _must_be_a_customer(connection: AsyncConnection, owner: str) -> None:
    if (await connection.execute(_A_CUSTOMER, {"id": owner})).first() is None:
        raise NotFound(f"there is no customer {owner}")
