"""Each row of a file as the API would judge it: what its cells say, and whether the fields may be like that.

A cell that is empty is worth what the API takes for a field that is not sent. Columns that the file does not have stay
as they are in rows that are there, and are worth the same in new ones.
"""

from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from pydantic import BaseModel, ValidationError, create_model

from adapters.postgres.kind_operations import Sheet
from domain.errors import Invalid
from operations.sheets.cells import Cell, is_blank, value_of
from operations.sheets.files import Content
from operations.sheets.report import Fault

Key = tuple[Any, ...]
Known = Mapping[Key, Mapping[str, Any]]
"""The rows of a table by their key."""

_KINDER = {
    "missing": "is empty, and has to have a value",
    "string_pattern_mismatch": "has not the form {pattern}",
    "string_too_long": "is longer than {max_length} characters",
    "string_too_short": "is shorter than {min_length} characters",
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be {ge} or more",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be {le} or less",
    "decimal_max_places": "has more than {decimal_places} decimals",
}
_ENTRY = "{why} (line {entry})"


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the file. ``values`` are those of its columns that are right, of a new row those of all columns;
    ``key`` is None where the database gives it."""

    number: int
    values: dict[str, Any]
    key: Key | None
    new: bool
    faulty: bool


@dataclass(slots=True)
class Judged:
    """All rows, and what is wrong so far. ``places``: the columns of the file that are the sheet's, by name;
    ``lacking``: those that a new row needs and the file does not have."""

    places: dict[str, int]
    rows: list[Row] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    lacking: set[str] = field(default_factory=set)

    def fault(self, row: int, why: str, column: str | None = None) -> None:
        """Note what is wrong."""
        place = self.places.get(column) if column else None
        self.faults.append(Fault(row, why, (place, column) if place and column else None))


def judge(sheet: Sheet, content: Content, known: Known) -> Judged:
    """What each row says, beside the rows that are there."""
    judged = Judged({})
    _read_heading(sheet, content.heading, judged)
    for number in content.gaps:
        judged.fault(number, "is blank: remove it (a row that is left out of the file stays in the table)")
    models = sheet.row, _subset(sheet.row, frozenset(judged.places))
    for number, cells in content.rows:
        for place in range(len(content.heading) + 1, len(cells) + 1):
            if not is_blank(cells[place - 1]):
                judged.faults.append(Fault(number, "stands beside the columns of the heading", (place, "no name")))
        judged.rows.append(_row(sheet, models, number, cells, content.typed, known, judged))
    return judged


def _read_heading(sheet: Sheet, heading: tuple[Cell, ...], judged: Judged) -> None:
    for place, cell in enumerate(heading, start=1):
        name = cell.strip() if isinstance(cell, str) else ""
        shown = name if name.isprintable() else repr(name)
        if name in judged.places:
            judged.faults.append(Fault(1, "is there twice", (place, shown)))
        elif name in sheet.columns:
            judged.places[name] = place
        else:
            there = f"{sheet.table.name} has no such column, only {', '.join(sheet.columns)}"
            judged.faults.append(Fault(1, there, (place, shown[:40] or "no name")))
    for name in sheet.key:
        if name not in judged.places and sheet.row.model_fields[name].is_required():
            judged.fault(1, f"the column {name} is missing: rows are known by it")


@lru_cache
def _subset(row: type[BaseModel], names: frozenset[str]) -> type[BaseModel]:
    """The row with these of its fields only."""
    fields: dict[str, Any] = {
        name: (each.annotation, copy(each)) for name, each in row.model_fields.items() if name in names
    }
    return create_model(row.__name__, **fields)


def _row(
    sheet: Sheet,
    models: tuple[type[BaseModel], type[BaseModel]],
    number: int,
    cells: tuple[Cell, ...],
    typed: bool,
    known: Known,
    judged: Judged,
) -> Row:
    before = len(judged.faults)
    said: dict[str, Any] = {}
    wrong: set[str] = set()
    for name, place in judged.places.items():
        cell = cells[place - 1] if place <= len(cells) else None
        if is_blank(cell):
            continue
        try:
            said[name] = value_of(cell, sheet.table.c[name], typed)
        except Invalid as fault:
            wrong.add(name)
            judged.fault(number, fault.detail, name)
    key = _key(sheet, said)
    new = key is None or key not in known
    values, refused = _validated(models[0 if new else 1], said, wrong)
    for column, why in refused:
        if column in judged.places:
            judged.fault(number, why, column)
        elif new and not wrong.intersection(sheet.key) and column not in judged.lacking:
            judged.lacking.add(column)
            judged.fault(1, f"the column {column} is missing: new rows need it")
    return Row(number, values, key, new, len(judged.faults) > before)


def _key(sheet: Sheet, said: Mapping[str, Any]) -> Key | None:
    return tuple(said[name] for name in sheet.key) if all(name in said for name in sheet.key) else None


def _validated(
    model: type[BaseModel], said: dict[str, Any], wrong: set[str]
) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """The fields that are right, and what is wrong with others; nothing more is said of those that are ``wrong``."""
    try:
        return _dumped(model.model_validate(said), wrong), []
    except ValidationError as refused:
        found = [(str(each["loc"][0]), _why(each)) for each in refused.errors(include_url=False)]
    faults = {name: why for name, why in reversed(found) if name not in wrong}
    # Those that are right are wanted too: they may be wrong beside other rows.
    right = frozenset(model.model_fields) - {name for name, _ in found}
    rest = {name: value for name, value in said.items() if name in right}
    return _dumped(_subset(model, right).model_validate(rest), wrong), [*faults.items()]


def _dumped(row: BaseModel, wrong: set[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in type(row).model_fields if name not in wrong}


def _why(error: Any) -> str:
    kinder = _KINDER.get(error["type"])
    why = kinder.format(**error.get("ctx", {})) if kinder else error["msg"].removeprefix("Value error, ")
    lines = [part for part in error["loc"][1:] if isinstance(part, int)]
    return _ENTRY.format(why=why, entry=lines[0] + 1) if lines else why


def complete(row: Row, known: Known) -> Iterator[tuple[str, Any]]:
    """All columns of a row as they would be; those that are wrong are left out."""
    if row.key is not None and not row.new:
        yield from known[row.key].items()
    yield from row.values.items()
