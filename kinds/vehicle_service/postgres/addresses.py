"""Addresses of customers."""

from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.statements import Json, write
from kinds.vehicle_service.postgres.customers import must_be_a_customer


async def add_address(
    connection: AsyncConnection, owner: str, label: str, line1: str, line2: str | None, area_id: int
) -> int:
    """A new address."""
    await must_be_a_customer(connection, owner)
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
