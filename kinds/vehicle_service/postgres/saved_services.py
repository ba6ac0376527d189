"""Services that customers save for later: the cart and the favourites, two tables of one shape."""

from typing import Literal

from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.listings import Listing, SortColumn
from adapters.postgres.sql_format import INSTANT, RUPEES
from adapters.postgres.statements import one, write
from domain.errors import NotFound

SavedList = Literal["carts", "favourites"]
_ORDER = (SortColumn("place_saved", "timestamptz"), SortColumn("customer_id", "text"), SortColumn("service_id"))
NAMES: dict[SavedList, str] = {"carts": "cart", "favourites": "favourites"}


def saved_in(saved_list: SavedList) -> Listing:
    """The services in a list in the order of saving them; of one ``customer``, or None for all."""
    rows = f"""
        SELECT x.customer_id, x.service_id, json_build_object('id', s.id, 'title', s.title,
            'description', s.description, 'category_id', s.category_id,
            'category', json_build_object('id', c.id, 'name', c.name), 'time_hrs', s.time_hrs::float,
            'difficulty', s.difficulty, 'images', s.images,
            'price_chart', (SELECT coalesce(json_agg(json_build_object('car_class_id', p.car_class_id,
                'car_class', k.name, 'price', {RUPEES.format("p.price")}) ORDER BY p.car_class_id),
                '[]') FROM price_chart AS p JOIN car_classes AS k ON k.id = p.car_class_id
                WHERE p.service_id = s.id)) AS service,
            {INSTANT.format("x.created_at")} AS created_at, x.created_at AS place_saved
        FROM {saved_list} AS x JOIN services AS s ON s.id = x.service_id
            JOIN service_categories AS c ON c.id = s.category_id
        WHERE CAST(:customer AS text) IS NULL OR x.customer_id = :customer
    """  # noqa: S608 - constants of ours
    return Listing(rows, _ORDER)


async def save(connection: AsyncConnection, saved_list: SavedList, customer_id: str, service_id: int) -> None:
    """Add a service to a list.

    Raises:
        NotFound: there is no such service, or no such customer.
        Duplicate: it is there already.
    """
    statement = (
        f"INSERT INTO {saved_list} (customer_id, service_id) SELECT u.id, s.id "  # noqa: S608 - constants of ours
        "FROM users AS u JOIN roles AS r ON r.id = u.role_id CROSS JOIN services AS s "
        "WHERE u.id = :customer AND r.name = 'customer' AND u.deleted_at IS NULL AND s.id = :service RETURNING 1"
    )
    if await write(connection, statement, customer=customer_id, service=service_id) is None:
        known = await one(connection, "SELECT id FROM services WHERE id = :service", service=service_id)
        raise NotFound(f"there is no customer {customer_id}" if known else f"there is no service {service_id}")


async def remove_saved(connection: AsyncConnection, saved_list: SavedList, customer_id: str, service_id: int) -> None:
    """Remove a service from a list.

    Raises:
        NotFound: it is not there.
    """
    statement = f"DELETE FROM {saved_list} WHERE customer_id = :customer AND service_id = :service RETURNING 1"  # noqa: S608 - ours
    if await write(connection, statement, customer=customer_id, service=service_id) is None:
        raise NotFound(f"there is no service {service_id} in the {NAMES[saved_list]}")
