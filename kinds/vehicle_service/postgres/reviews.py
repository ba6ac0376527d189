"""What customers think of services: one review per customer and service, of work that was delivered."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.listings import Listing, SortColumn
from adapters.postgres.sql_format import INSTANT
from adapters.postgres.statements import Json, one, write
from domain.errors import Invalid, NotFound
from kinds.vehicle_service.domain.errors import NotDelivered

_ROW = f"""
    SELECT r.service_id, r.customer_id, u.first_name AS reviewer, r.rating, r.review, r.images,
        {INSTANT.format("r.created_at")} AS created_at
    FROM service_reviews AS r JOIN users AS u ON u.id = r.customer_id
"""  # noqa: S608 - constants of ours
_ONE = f"{_ROW} WHERE r.service_id = :service_id AND r.customer_id = :customer"
_PLACED = _ROW.replace("AS created_at", "AS created_at, r.created_at AS place_written")
REVIEWS = Listing(
    f"{_PLACED} WHERE r.service_id = :service_id",
    (SortColumn("place_written", "timestamptz", descending=True), SortColumn("customer_id", "text")),
    beside="""
        SELECT json_build_object('number', count(r.rating), 'average', round(coalesce(avg(r.rating), 0), 2)::text)
        FROM services AS s LEFT JOIN service_reviews AS r ON r.service_id = s.id WHERE s.id = :service_id GROUP BY s.id
    """,
)
"""Those of a ``service_id``, the newest first; beside them their number and average with two decimals."""
_HAD = text(
    """
    SELECT s.title, EXISTS (
        SELECT FROM bookings AS b JOIN booked_services AS l ON l.booking_id = b.id
        WHERE b.customer_id = :customer AND b.status = 'delivered' AND l.service_id = s.id AND l.state = 'done'
    ) AS delivered FROM services AS s WHERE s.id = :service_id
    """
)
_ADD = """
    INSERT INTO service_reviews (service_id, customer_id, rating, review, images)
    VALUES (:service_id, :customer, :rating, :review, :images)
"""


async def add_review(connection: AsyncConnection, service_id: int, customer: str, row: Json) -> Json:
    """A review by somebody who has had that service.

    Raises:
        NotFound: there is no such service.
        NotDelivered: not by this customer yet.
        Duplicate: they have reviewed it already.
    """
    had = (await connection.execute(_HAD, {"service_id": service_id, "customer": customer})).first()
    if had is None:
        raise NotFound(f"there is no service {service_id}")
    if not had.delivered:
        raise NotDelivered(f"a review follows the service: no booking of {had.title} has been delivered")
    await write(connection, _ADD, service_id=service_id, customer=customer, **row)
    return await _review(connection, service_id, customer)


async def change_review(connection: AsyncConnection, service_id: int, customer: str, row: Json) -> Json:
    """Another rating, text or pictures; absent stays. Raises NotFound, and Invalid for an empty rating."""
    await _review(connection, service_id, customer)
    if None in row.values():
        raise Invalid("a review keeps its rating")
    columns = ", ".join(f"{name} = :{name}" for name in row)
    if columns:
        where = "WHERE service_id = :service_id AND customer_id = :customer"
        statement = f"UPDATE service_reviews SET {columns} {where}"  # noqa: S608 - field names of ours
        await write(connection, statement, service_id=service_id, customer=customer, **row)
    return await _review(connection, service_id, customer)


async def remove_review(connection: AsyncConnection, service_id: int, customer: str) -> None:
    """Take a review away. Raises NotFound."""
    await _review(connection, service_id, customer)
    statement = "DELETE FROM service_reviews WHERE service_id = :service_id AND customer_id = :customer"
    await write(connection, statement, service_id=service_id, customer=customer)


async def _review(connection: AsyncConnection, service_id: int, customer: str) -> Json:
    found = await one(connection, _ONE, service_id=service_id, customer=customer)
    if found is None:
        raise NotFound(f"there is no review of service {service_id} by this customer")
    return found
