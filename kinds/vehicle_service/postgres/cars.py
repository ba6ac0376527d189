"""Cars of customers."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.statements import write
from domain.errors import InUse
from kinds.vehicle_service.postgres.customers import must_be_a_customer

_LOCK_CAR = text("SELECT id FROM customer_cars WHERE id = :id FOR UPDATE")  # a booking that is opened now is seen
_IN_USE = text("SELECT 1 FROM visits WHERE vehicle_id = :id AND vehicle_in_use LIMIT 1")


async def add_car(connection: AsyncConnection, owner: str, plate: str, model_id: int) -> int:
    """A new car. Raises Duplicate for a plate that somebody has, Invalid for an unknown model."""
    await must_be_a_customer(connection, owner)
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
    """Hide a car and give its plate free; refused while it is with us, or will be."""
    await connection.execute(_LOCK_CAR, {"id": car_id})
    if (await connection.execute(_IN_USE, {"id": car_id})).first() is not None:
        raise InUse("the car has an open booking")
    await write(connection, "UPDATE customer_cars SET deleted_at = now() WHERE id = :id", id=car_id)
