"""Customers, as what belongs to them asks for them."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors import NotFound

_A_CUSTOMER = text(
    "SELECT 1 FROM users AS u JOIN roles AS r ON r.id = u.role_id "
    "WHERE u.id = :id AND r.name = 'customer' AND u.deleted_at IS NULL"
)


async def must_be_a_customer(connection: AsyncConnection, owner: str) -> None:
    """Raises NotFound for anybody else, and for one who has left."""
    if (await connection.execute(_A_CUSTOMER, {"id": owner})).first() is None:
        raise NotFound(f"there is no customer {owner}")
