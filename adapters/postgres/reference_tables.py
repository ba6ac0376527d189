"""Reference tables: small rows that others point into. Adding, changing and removing is the same for all of them.

Table and column names come from the code and from field names of our own schemas, never from a client.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.statements import Json, one, write
from domain.errors import Duplicate, InUse, Invalid, NotFound


@dataclass(frozen=True, slots=True)
class ReferenceTable:
    """A reference table.

    ``rows`` is how it reads; two rows with equal ``same`` columns, in any spelling of case, are one too many; ``fixed``
    are names that the code relies on; ``spent`` deletes what points here and means nothing; ``instead`` is what to do
    with a row that is in use.
    """

    name: str
    what: str
    rows: str
    same: tuple[str, ...] = ("name",)
    title: str = "name"
    nullable: frozenset[str] = frozenset()
    fixed: frozenset[str] = frozenset()
    spent: str | None = None
    instead: str | None = None


async def add(connection: AsyncConnection, table: ReferenceTable, row: Json) -> Json:
    """A new row, as it reads. Raises Duplicate, and Invalid for a row named in it that does not exist."""
    return await _read(connection, table, await insert(connection, table, row))


async def insert(connection: AsyncConnection, table: ReferenceTable, row: Json) -> int:
    """A new row; answers its id."""
    await _must_be_the_only_one(connection, table, row, None)
    values = ", ".join(f":{name}" for name in row)
    statement = f"INSERT INTO {table.name} ({', '.join(row)}) VALUES ({values}) RETURNING id"  # noqa: S608 - ours
    return int(await write(connection, statement, **row))


async def change(connection: AsyncConnection, table: ReferenceTable, row_id: int, row: Json) -> Json:
    """The row as it reads afterwards; what ``row`` does not have stays."""
    await update(connection, table, row_id, row)
    return await _read(connection, table, row_id)


async def update(connection: AsyncConnection, table: ReferenceTable, row_id: int, row: Json) -> None:
    """Change some columns; the row stays locked until the transaction ends.

    Raises:
        NotFound: there is no such row.
        InUse: the code relies on its name.
        Duplicate, Invalid: the row cannot be like that.
    """
    found = await _locked(connection, table, row_id)
    for name in row:
        if row[name] is None and name not in table.nullable:
            raise Invalid(f"{name} may not be empty")
    if not row:
        return
    if row.get(table.title, found[table.title]) != found[table.title]:
        _must_not_be_fixed(table, found)
    await _must_be_the_only_one(connection, table, {**found, **row}, row_id)
    columns = ", ".join(f"{name} = :{name}" for name in row)
    statement = f"UPDATE {table.name} SET {columns} WHERE id = :row_id"  # noqa: S608 - ours
    await write(connection, statement, **row, row_id=row_id)


async def remove(connection: AsyncConnection, table: ReferenceTable, row_id: int) -> None:
    """Delete a row that nothing points at.

    Raises:
        NotFound: there is no such row.
        InUse: something does, or the code relies on it.
    """
    found = await _locked(connection, table, row_id)
    _must_not_be_fixed(table, found)
    if table.spent:
        await write(connection, table.spent, id=row_id)
    try:
        await write(connection, f"DELETE FROM {table.name} WHERE id = :id", id=row_id)  # noqa: S608 - ours
    except Invalid:  # a foreign key: the only thing that can stop a DELETE
        words = f"the {table.what} {found[table.title]} is in use"
        raise InUse(f"{words}; {table.instead}" if table.instead else words) from None


async def _read(connection: AsyncConnection, table: ReferenceTable, row_id: int) -> Json:
    rows = f"SELECT * FROM ({table.rows}) AS every WHERE id = :row_id"  # noqa: S608 - constants of ours
    return await one(connection, rows, row_id=row_id) or {}


async def _locked(connection: AsyncConnection, table: ReferenceTable, row_id: int) -> Mapping[str, Any]:
    statement = text(f"SELECT * FROM {table.name} WHERE id = :id FOR UPDATE")  # noqa: S608 - constants of ours
    found = (await connection.execute(statement, {"id": row_id})).mappings().first()
    if found is None:
        raise NotFound(f"there is no {table.what} {row_id}")
    return dict(found)


async def _must_be_the_only_one(
    connection: AsyncConnection, table: ReferenceTable, row: Mapping[str, Any], row_id: int | None
) -> None:
    """The unique keys are the wall; this adds the spelling and better words."""
    alike = " AND ".join(f"lower(CAST({name} AS text)) = lower(:{name})" for name in table.same)
    statement = f"SELECT 1 FROM {table.name} WHERE {alike} AND id <> :row_id LIMIT 1"  # noqa: S608 - ours
    given = {name: str(row[name]) for name in table.same}
    if (await connection.execute(text(statement), {**given, "row_id": row_id or 0})).first() is not None:
        raise Duplicate(f"there is such a {table.what} already: {row[table.title]}")


def _must_not_be_fixed(table: ReferenceTable, found: Mapping[str, Any]) -> None:
    if found[table.title] in table.fixed:
        raise InUse(f"the {table.what} {found[table.title]} is part of every booking's life")
