"""Rows of a file beside each other and beside the tables: what is there twice, names nothing, or is not allowed."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from sqlalchemy import CheckConstraint, Column, Table, select, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.kind_operations import Sheet
from operations.sheets.judging import Judged, Key, Known, Row, complete

AT_ONCE = 5_000
"""Rows in one statement."""

_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]


async def read_known(connection: AsyncConnection, sheet: Sheet, locked: bool) -> Known:
    """All rows of the table by their key; ``locked``: until the transaction ends nobody else changes them."""
    rows = select(*(sheet.table.c[name] for name in sheet.columns)).order_by(*sheet.table.primary_key)
    found = await connection.execute(rows.with_for_update(key_share=True) if locked else rows)
    return {tuple(row[name] for name in sheet.key): dict(row) for row in found.mappings()}


async def compare(connection: AsyncConnection, sheet: Sheet, judged: Judged, known: Known) -> None:
    """Note what is wrong with rows beside others."""
    whole = [(row, dict(complete(row, known))) for row in judged.rows]
    _find_repeated_keys(sheet, judged)
    if sheet.same:
        _find_alike(sheet, judged, whole, known)
    for column in sheet.table.columns:
        if column.foreign_keys and column.name in judged.places:
            await _find_strangers(connection, column, judged)
    for constraint in sheet.table.constraints:
        if isinstance(constraint, CheckConstraint):
            await _find_refused(connection, sheet.table, constraint, judged, whole)


def _find_repeated_keys(sheet: Sheet, judged: Judged) -> None:
    first: dict[Key, int] = {}
    for row in judged.rows:
        if row.key is not None and (before := first.setdefault(row.key, row.number)) != row.number:
            judged.fault(row.number, f"is row {before} again: {_named(sheet.key, row.key)}", sheet.key[-1])


def _find_alike(sheet: Sheet, judged: Judged, whole: Iterable[tuple[Row, Mapping[str, Any]]], known: Known) -> None:
    """Two rows of the file, or one beside a row of the table with another key."""
    there = {_folded(row[name] for name in sheet.same): key for key, row in known.items()}
    first: dict[tuple[str, ...], int] = {}
    for row, values in whole:
        if not all(name in values for name in sheet.same):
            continue
        alike = _folded(values[name] for name in sheet.same)
        words = _named(sheet.same, [values[name] for name in sheet.same])
        column = next((name for name in sheet.same if name in judged.places), None)
        if (before := first.setdefault(alike, row.number)) != row.number:
            judged.fault(row.number, f"is the same as in row {before}: {words}", column)
        elif (other := there.get(alike)) is not None and other != row.key:
            judged.fault(row.number, f"there is such a row already, with {_named(sheet.key, other)}: {words}", column)


async def _find_strangers(connection: AsyncConnection, column: Column[Any], judged: Judged) -> None:
    named = {row.values[column.name] for row in judged.rows if row.values.get(column.name) is not None}
    target = next(iter(column.foreign_keys)).column
    found = set((await connection.execute(select(target).where(target.in_(named)))).scalars()) if named else set()
    for row in judged.rows:
        value = row.values.get(column.name)
        if value is not None and value not in found:
            judged.fault(row.number, f"{target.table.name} has no row with {target.name} {value}", column.name)


async def _find_refused(
    connection: AsyncConnection,
    table: Table,
    constraint: CheckConstraint,
    judged: Judged,
    whole: Iterable[tuple[Row, Mapping[str, Any]]],
) -> None:
    """What a constraint of the table does not allow; it allows what it cannot tell for want of a value."""
    rule = str(constraint.sqltext)
    names = [column.name for column in table.columns if re.search(rf"\b{column.name}\b", rule)]
    rows = [{"row_of_file": row.number, **{name: values.get(name) for name in names}} for row, values in whole]
    columns = {"row_of_file": "int", **{name: column_type(table.c[name]) for name in names}}
    place = next((name for name in names if name in judged.places), None)
    query = text(f"SELECT row_of_file FROM {recordset(columns)} WHERE NOT ({rule})")  # noqa: S608 - names of ours
    for start in range(0, len(rows), AT_ONCE):
        found = await connection.execute(query, {"rows": as_json(rows[start : start + AT_ONCE])})
        for number in found.scalars():
            judged.fault(number, f"is not allowed: {' '.join(rule.split())}", place)


def recordset(columns: Mapping[str, str]) -> str:
    """What a statement reads rows from that are its parameter ``rows``, as JSON."""
    typed = ", ".join(f"{name} {kind}" for name, kind in columns.items())
    return f"json_to_recordset(CAST(:rows AS json)) AS given({typed})"


def column_type(column: Column[Any]) -> str:
    """The type of a column in SQL."""
    return str(column.type.compile(dialect=_DIALECT))


def as_json(rows: list[dict[str, Any]]) -> str:
    """Rows as the parameter of a statement."""
    return orjson.dumps(rows, default=str).decode()


def _folded(values: Iterable[Any]) -> tuple[str, ...]:
    return tuple(str(value).lower() for value in values)


def _named(names: Iterable[str], values: Iterable[Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in zip(names, values, strict=True))


def by_columns(rows: Iterable[dict[str, Any]]) -> Iterable[list[dict[str, Any]]]:
    """Rows with the same columns together."""
    found: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        found[tuple(row)].append(row)
    return found.values()
