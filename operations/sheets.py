"""Reference data as CSV: a table is written to a file, and rows of a file are added or changed by their key.

Values are PostgreSQL's own text, so that every type reads as it was written. An empty field is an empty text or no
value; a row without its ``id`` is a new one. A file is taken whole or not at all.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TextIO

from sqlalchemy import Table, Text, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.kind_operations import Sheet
from adapters.postgres.numbering import continue_rows
from adapters.postgres.uploads import name_pictures, pictures_in
from domain.errors import Invalid

_ID = "id"
_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]


async def export(connection: AsyncConnection, sheet: Sheet, file: TextIO) -> int:
    """Write all rows in the order of their key; answers how many."""
    shown = ", ".join(f"{name}::text" for name in sheet.columns)
    keys = ", ".join(_key(sheet.table))
    query = f"SELECT {shown} FROM {sheet.table.name} ORDER BY {keys}"  # noqa: S608 - names of ours
    rows = await connection.execute(text(query))
    writer = csv.writer(file)
    writer.writerow(sheet.columns)
    written = [["" if value is None else value for value in row] for row in rows]
    writer.writerows(written)
    return len(written)


async def load(connection: AsyncConnection, sheet: Sheet, lines: Iterable[str]) -> int:
    """Add or change a row for each line after the heading; answers how many. What the file has no column for stays.

    Raises:
        Invalid: a column that is not the table's, or a row that the table does not take; nothing is kept.
    """
    reader = csv.DictReader(lines)
    if strangers := sorted(set(reader.fieldnames or ()) - set(sheet.columns)):
        raise Invalid(f"{sheet.table.name} has no {', '.join(strangers)}, only {', '.join(sheet.columns)}")
    count = 0
    for count, row in enumerate(reader, start=1):  # noqa: B007 - the number of rows is the answer
        given = dict(_given(sheet.table, row))
        try:
            await connection.execute(text(_upsert(sheet.table, given)), given)
        except DBAPIError as refused:
            raise Invalid(f"line {reader.line_num}: {str(refused.orig).rpartition('>: ')[2]}") from None
        await name_pictures(connection, pictures_in(" ".join(value or "" for value in given.values())))
    if _key(sheet.table) == [_ID]:
        await connection.execute(continue_rows(sheet.table.name))
    return count


def _given(table: Table, row: Mapping[str | None, Any]) -> Iterator[tuple[str, str | None]]:
    """The fields of a row; where one is empty and has to have a value, the table's own is left to be it."""
    for name, value in row.items():
        if name is None:
            raise Invalid(f"a row has more fields than the heading: {', '.join(value)}")
        column = table.c[name]
        if value or (isinstance(column.type, Text) and not column.nullable):
            yield name, value or ""
        elif column.nullable:
            yield name, None


def _upsert(table: Table, given: Mapping[str, Any]) -> str:
    types = {name: table.c[name].type.compile(dialect=_DIALECT) for name in given}
    values = ", ".join(f"CAST(CAST(:{name} AS text) AS {kind})" for name, kind in types.items())
    key = _key(table)
    changed = [name for name in given if name not in key]
    sets = ", ".join(f"{name} = excluded.{name}" for name in changed)
    action = f"DO UPDATE SET {sets}" if changed else "DO NOTHING"
    insert = f"INSERT INTO {table.name} ({', '.join(given)}) VALUES ({values})"  # noqa: S608 - names of ours
    return f"{insert} ON CONFLICT ({', '.join(key)}) {action}"


def _key(table: Table) -> list[str]:
    return [column.name for column in table.primary_key]
