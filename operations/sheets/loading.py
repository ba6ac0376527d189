"""A table of reference data to a file, and a file into the table: whole, in the caller's transaction, or not at all."""

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TextIO

from sqlalchemy import Integer, Numeric, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.kind_operations import Sheet
from adapters.postgres.numbering import continue_rows
from adapters.postgres.uploads import name_pictures, pictures_in
from domain.errors import Conflict
from operations.checks import rows_of
from operations.sheets.cells import cell_of
from operations.sheets.comparing import AT_ONCE, as_json, by_columns, column_type, compare, read_known, recordset
from operations.sheets.files import Content, read_file, write_csv, write_file
from operations.sheets.judging import Judged, Known, Row, judge
from operations.sheets.report import Outcome, Report

_ID = "id"


async def export_csv(connection: AsyncConnection, sheet: Sheet, file: TextIO) -> int:
    """Write all rows in the order of their key; answers how many."""
    rows = await _rows(connection, sheet)
    write_csv(sheet.columns, rows, file)
    return len(rows)


async def export_file(connection: AsyncConnection, sheet: Sheet, file: Path) -> int:
    """Write all rows into a file, a workbook where its name ends in ``.xlsx``, else CSV; answers how many."""
    rows = await _rows(connection, sheet)
    texts = [not isinstance(sheet.table.c[name].type, Integer | Numeric) for name in sheet.columns]
    await asyncio.to_thread(write_file, file, sheet.table.name, dict(zip(sheet.columns, texts, strict=True)), rows)
    return len(rows)


async def _rows(connection: AsyncConnection, sheet: Sheet) -> list[list[Any]]:
    rows = select(*(sheet.table.c[name] for name in sheet.columns)).order_by(*sheet.table.primary_key)
    return [[cell_of(value) for value in row] for row in await connection.execute(rows)]


async def load(connection: AsyncConnection, sheet: Sheet, file: Path, dry_run: bool = False) -> Report:
    """Add or change a row for each row of the file; with a fault, or in a dry run, nothing is written.

    Raises:
        Invalid: the file as a whole cannot be read.
        Conflict: somebody else wrote into the table meanwhile; the caller's transaction must be rolled back.
        OSError: it is not there.
    """
    content: Content = await asyncio.to_thread(read_file, file, sheet.table.name)
    try:
        known = await read_known(connection, sheet, locked=not dry_run)
        judged = judge(sheet, content, known)
        await compare(connection, sheet, judged, known)
        faults = tuple(sorted(judged.faults, key=lambda fault: (fault.row, fault.column or (0, ""))))
        write = not faults and not dry_run
        outcomes = () if faults else tuple(_outcome(sheet, row, known) for row in judged.rows)
        left = await _written(connection, sheet, judged, outcomes, keep=write) if not faults else ()
    except DBAPIError as refused:
        why = str(refused.orig).rpartition(">: ")[2]
        raise Conflict(f"{sheet.table.name} was not written, for it changed meanwhile: {why}") from None
    return Report(sheet.table.name, len(content.rows), faults, outcomes, write, left)


def _outcome(sheet: Sheet, row: Row, known: Known) -> Outcome:
    key = "" if row.key is None else " ".join(str(each) for each in row.key)
    if row.key is None or row.new:
        return Outcome(row.number, "added", key)
    there = known[row.key]
    changed = tuple(name for name, value in row.values.items() if there[name] != value)
    return Outcome(row.number, "changed" if changed else "unchanged", key, changed)


async def _written(
    connection: AsyncConnection, sheet: Sheet, judged: Judged, outcomes: tuple[Outcome, ...], *, keep: bool
) -> tuple[str, ...]:
    """Write, and say what that leaves to be done; without ``keep`` it is taken back."""
    if not keep and not sheet.tells:
        return ()
    if sheet.lock:
        await connection.execute(text(sheet.lock))
    tried = await connection.begin_nested()
    await _write(connection, sheet, judged, outcomes)
    left: list[str] = []
    for check in sheet.tells:
        if found := await rows_of(connection, check):
            left += [f"{check.meaning}:", *(f"  {line}" for line in found)]
    await (tried.commit() if keep else tried.rollback())
    return tuple(left)


async def _write(connection: AsyncConnection, sheet: Sheet, judged: Judged, outcomes: Iterable[Outcome]) -> None:
    written = [(row, outcome.what) for row, outcome in zip(judged.rows, outcomes, strict=True)]
    changed = [row.values for row, what in written if what == "changed"]
    added = [
        {name: value for name, value in row.values.items() if name != _ID or value is not None}
        for row, what in written
        if what == "added"
    ]
    counted = sheet.key == (_ID,)
    await _in_parts(connection, _update(sheet, list(changed[0])) if changed else "", sheet, changed)
    # Ids that the file gives come first, then the others are counted on from the greatest.
    for rows in sorted(by_columns(added), key=lambda rows: _ID not in rows[0]):
        await _in_parts(connection, _insert(sheet, list(rows[0])), sheet, rows)
        if counted:
            await connection.execute(continue_rows(sheet.table.name))
    texts = [str(value) for row in (*changed, *added) for value in row.values()]
    await name_pictures(connection, pictures_in("\n".join(texts)))


async def _in_parts(connection: AsyncConnection, statement: str, sheet: Sheet, rows: list[dict[str, Any]]) -> None:
    for start in range(0, len(rows), AT_ONCE):
        await connection.execute(text(statement), {"rows": as_json(rows[start : start + AT_ONCE])})


def _insert(sheet: Sheet, columns: list[str]) -> str:
    names = ", ".join(columns)
    return f"INSERT INTO {sheet.table.name} ({names}) SELECT {names} FROM {_given(sheet, columns)}"  # noqa: S608 - ours


def _update(sheet: Sheet, columns: list[str]) -> str:
    sets = ", ".join(f"{name} = given.{name}" for name in columns if name not in sheet.key)
    same = " AND ".join(f"row.{name} = given.{name}" for name in sheet.key)
    return f"UPDATE {sheet.table.name} AS row SET {sets} FROM {_given(sheet, columns)} WHERE {same}"  # noqa: S608 - ours


def _given(sheet: Sheet, columns: list[str]) -> str:
    return recordset({name: column_type(sheet.table.c[name]) for name in columns})
