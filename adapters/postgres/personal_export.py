"""What is held of one person, read table by table from the list by which they would be erased."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.personal_data import Held
from adapters.postgres.database import Database
from adapters.postgres.kind import KindStorage
from adapters.postgres.people.personal_data import PEOPLE
from adapters.postgres.personal_data import ENGINE

_AT_ONCE = 100


@asynccontextmanager
async def rows_of_person(
    database: Database, storage: KindStorage[Any], person_id: str
) -> AsyncIterator[AsyncIterator[tuple[str, list[str]]]]:
    """Rows about a person as JSON texts, some of one table at a time; a table without any comes once, with none.

    All of them are of one moment. The connection is free after the block, however much of them was read.
    """
    given = {"people": [person_id], "booking_kind": storage.kind.name}
    async with database.write.connect() as connection:
        await connection.execution_options(isolation_level="REPEATABLE READ")
        yield _rows(connection, exported_tables(storage.personal_data), given)


async def _rows(
    connection: AsyncConnection, tables: Mapping[str, Held], given: Mapping[str, Any]
) -> AsyncIterator[tuple[str, list[str]]]:
    for table, held in tables.items():
        query = (
            "SELECT row_to_json(found)::text FROM ("  # noqa: S608 - constants of ours
            f"SELECT {held.exported} FROM {table} AS t WHERE {held.theirs}) AS found"
        )
        yield table, []
        rows = await connection.stream_scalars(text(query), given)
        async for part in rows.partitions(_AT_ONCE):
            yield table, list(part)


def exported_tables(own: Mapping[str, Held]) -> dict[str, Held]:
    """The tables that an export has, the person's own row first."""
    every = {"users": PEOPLE["users"], **PEOPLE, **own, **ENGINE}
    return {table: held for table, held in every.items() if held.exported}
