"""Reference tables: small rows that others point into. Adding, changing and removing is the same for all of them.

Table and column names come from the rows of this file and from field names of our own schemas, never from a client.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres import catalogue
from adapters.postgres.lists import Json, one, write
from domain.errors import Duplicate, InUse, Invalid, NotFound
from kinds.vehicle_service.domain.booking import Method
from kinds.vehicle_service.domain.lifecycle import State


@dataclass(frozen=True, slots=True)
class Master:
    """A reference table.

    ``rows`` is how it reads; two rows with equal ``same`` columns, in any spelling of case, are one too many; ``fixed``
    are names that the code relies on; ``spent`` deletes what points here and means nothing; ``instead`` is what to do
    with a row that is in use.
    """

    table: str
    what: str
    rows: str
    same: tuple[str, ...] = ("name",)
    title: str = "name"
    nullable: frozenset[str] = frozenset()
    fixed: frozenset[str] = frozenset()
    spent: str | None = None
    instead: str | None = None


MANUFACTURERS = Master("manufacturers", "manufacturer", catalogue.MANUFACTURERS)
CAR_CLASSES = Master("car_classes", "car class", catalogue.CAR_CLASSES)
FUEL_TYPES = Master("fuel_types", "fuel type", catalogue.FUEL_TYPES)
CAR_MODELS = Master(
    "cars",
    "car model",
    catalogue.MODELS,
    same=("manufacturer_id", "model", "year", "fuel_type_id"),
    title="model",
    nullable=frozenset({"img"}),
)
AREAS = Master(
    "areas",
    "area",
    catalogue.AREAS,
    same=("name", "pincode"),
    spent="DELETE FROM addresses WHERE area_id = :id AND deleted_at IS NOT NULL",  # bookings have their own copy
)
STATUSES = Master("statuses", "state", catalogue.STATUSES, fixed=frozenset(State))
PAYMENT_METHODS = Master("payment_methods", "payment method", catalogue.PAYMENT_METHODS, fixed=frozenset(Method))
TIMESLOTS = Master(
    "timeslots",
    "timeslot",
    catalogue.TIMESLOT_ROWS,
    spent="DELETE FROM slot_usage WHERE timeslot_id = :id AND used = 0",
    instead="a capacity of 0 stops offering it",
)
CATEGORIES = Master("service_categories", "category", catalogue.CATEGORIES)
SERVICES = Master(
    "services",
    "service",
    "SELECT id, title FROM services",
    same=("title",),
    title="title",
    instead="an empty price_chart stops offering it",
)


async def add(connection: AsyncConnection, master: Master, row: Json) -> Json:
    """A new row, as it reads. Raises Duplicate, and Invalid for a row named in it that does not exist."""
    return await _read(connection, master, await insert(connection, master, row))


async def insert(connection: AsyncConnection, master: Master, row: Json) -> int:
    """A new row; answers its id."""
    await _must_be_the_only_one(connection, master, row, None)
    values = ", ".join(f":{name}" for name in row)
    statement = f"INSERT INTO {master.table} ({', '.join(row)}) VALUES ({values}) RETURNING id"  # noqa: S608 - ours
    return int(await write(connection, statement, **row))


async def change(connection: AsyncConnection, master: Master, row_id: int, row: Json) -> Json:
    """The row as it reads afterwards; what ``row`` does not have stays."""
    await update(connection, master, row_id, row)
    return await _read(connection, master, row_id)


async def update(connection: AsyncConnection, master: Master, row_id: int, row: Json) -> None:
    """Change some columns; the row stays locked until the transaction ends.

    Raises:
        NotFound: there is no such row.
        InUse: the code relies on its name.
        Duplicate, Invalid: the row cannot be like that.
    """
    found = await _locked(connection, master, row_id)
    for name in row:
        if row[name] is None and name not in master.nullable:
            raise Invalid(f"{name} may not be empty")
    if not row:
        return
    if row.get(master.title, found[master.title]) != found[master.title]:
        _must_not_be_fixed(master, found)
    await _must_be_the_only_one(connection, master, {**found, **row}, row_id)
    columns = ", ".join(f"{name} = :{name}" for name in row)
    statement = f"UPDATE {master.table} SET {columns} WHERE id = :row_id"  # noqa: S608 - ours
    await write(connection, statement, **row, row_id=row_id)


async def remove(connection: AsyncConnection, master: Master, row_id: int) -> None:
    """Delete a row that nothing points at.

    Raises:
        NotFound: there is no such row.
        InUse: something does, or the code relies on it.
    """
    found = await _locked(connection, master, row_id)
    _must_not_be_fixed(master, found)
    if master.spent:
        await write(connection, master.spent, id=row_id)
    try:
        await write(connection, f"DELETE FROM {master.table} WHERE id = :id", id=row_id)  # noqa: S608 - ours
    except Invalid:  # a foreign key: the only thing that can stop a DELETE
        words = f"the {master.what} {found[master.title]} is in use"
        raise InUse(f"{words}; {master.instead}" if master.instead else words) from None


async def _read(connection: AsyncConnection, master: Master, row_id: int) -> Json:
    rows = f"SELECT * FROM ({master.rows}) AS every WHERE id = :row_id"  # noqa: S608 - constants of ours
    return await one(connection, rows, row_id=row_id) or {}


async def _locked(connection: AsyncConnection, master: Master, row_id: int) -> Mapping[str, Any]:
    statement = text(f"SELECT * FROM {master.table} WHERE id = :id FOR UPDATE")  # noqa: S608 - constants of ours
    found = (await connection.execute(statement, {"id": row_id})).mappings().first()
    if found is None:
        raise NotFound(f"there is no {master.what} {row_id}")
    return dict(found)


async def _must_be_the_only_one(
    connection: AsyncConnection, master: Master, row: Mapping[str, Any], row_id: int | None
) -> None:
    """The unique keys are the wall; this adds the spelling and better words."""
    alike = " AND ".join(f"lower(CAST({name} AS text)) = lower(:{name})" for name in master.same)
    statement = f"SELECT 1 FROM {master.table} WHERE {alike} AND id <> :row_id LIMIT 1"  # noqa: S608 - ours
    given = {name: str(row[name]) for name in master.same}
    if (await connection.execute(text(statement), {**given, "row_id": row_id or 0})).first() is not None:
        raise Duplicate(f"there is such a {master.what} already: {row[master.title]}")


def _must_not_be_fixed(master: Master, found: Mapping[str, Any]) -> None:
    if found[master.title] in master.fixed:
        raise InUse(f"the {master.what} {found[master.title]} is part of every booking's life")
