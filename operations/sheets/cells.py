"""Cells of a spreadsheet and values of a table: what a cell says, and how a value is written into one."""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ARRAY, Boolean, Column, Date, Integer, Numeric, Text, Time
from sqlalchemy.types import TypeEngine

from domain.errors import Invalid

MOST_DIGITS = 15
"""A spreadsheet counts with that many; of a longer number the last digits are not those that were typed."""

_WHOLE = re.compile(r"-?[0-9]{1,18}")
_DECIMAL = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?")
_WANTED: dict[type[TypeEngine[Any]], str] = {
    Boolean: "true or false",
    Integer: "a whole number",
    Numeric: "a number",
    Date: "a date, written YYYY-MM-DD",
    Time: "a time of the day, written HH:MM",
    ARRAY: "text, one entry on each line",
    Text: "text",
}


@dataclass(frozen=True, slots=True)
class Unusable:
    """A cell from which no value is taken; ``why`` says what it holds."""

    why: str


Cell = str | int | float | bool | date | datetime | time | timedelta | Unusable | None


def is_blank(cell: Cell) -> bool:
    """Nothing, or nothing but spaces."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def value_of(cell: Cell, column: Column[Any], typed: bool) -> Any:
    """What a cell that is not blank says to a column; in a file that is ``typed`` numbers and dates are no text.

    Raises:
        Invalid: it says nothing to that column, in words that follow the name of the column.
    """
    if isinstance(cell, Unusable):
        raise Invalid(f"holds {cell.why}")
    found = _value(cell if typed else _untyped(str(cell).strip(), column.type), column.type)
    if found is None:
        wanted = next(words for kind, words in _WANTED.items() if isinstance(column.type, kind))
        raise Invalid(f"must be {wanted}, not {_told(cell)}")
    return found


def cell_of(value: Any) -> Cell | Decimal:
    """How a value of a table is written: a list as lines, a time without its seconds where it has none."""
    if isinstance(value, list):
        return "\n".join(value)
    if isinstance(value, time):
        return value.isoformat("seconds" if value.second or value.microsecond else "minutes")
    if isinstance(value, date):
        return value.isoformat()
    return value  # type: ignore[no-any-return]


def _value(read: Any, kind: TypeEngine[Any]) -> Any:
    match kind:
        case Text():
            return _words(read)
        case Integer():
            return _whole(read)
        case Numeric():
            return _decimal(read)
        case ARRAY():
            words = _words(read)
            return None if words is None else [each for each in _lines(words) if each]
        case Time():
            return _clock(read)
        case Date():
            return _day(read)
        case _:
            return read if isinstance(read, bool) else None


def _untyped(text: str, kind: TypeEngine[Any]) -> Any:
    """CSV knows text only."""
    if isinstance(kind, Integer) and _WHOLE.fullmatch(text):
        return int(text)
    if isinstance(kind, Numeric) and _DECIMAL.fullmatch(text):
        return Decimal(text)
    if isinstance(kind, Boolean):
        return {"true": True, "false": False}.get(text.lower(), text)
    return text


def _whole(read: Any) -> int | None:
    if isinstance(read, bool) or not isinstance(read, int | float) or not math.isfinite(read) or read != int(read):
        return None
    return int(read)


def _decimal(read: Any) -> Decimal | None:
    if isinstance(read, bool) or not isinstance(read, int | float | Decimal) or not math.isfinite(read):
        return None
    return Decimal(str(read))


def _day(read: Any) -> str | None:
    if isinstance(read, datetime):
        return read.date().isoformat() if read.time() == time() else None
    return read.isoformat() if isinstance(read, date) else read if isinstance(read, str) else None


def _clock(read: Any) -> str | None:
    if isinstance(read, time):
        return str(cell_of(read))
    return read if isinstance(read, str) else None


def _words(read: Any) -> str | None:
    """Text, or a number that stands where text is wanted: a pincode, which spreadsheets take for one."""
    if isinstance(read, str):
        return read
    whole = _whole(read)
    return None if whole is None or len(str(abs(whole))) > MOST_DIGITS else str(whole)


def _lines(words: str) -> Iterable[str]:
    return (line.strip() for line in words.split("\n"))


def _told(cell: Cell) -> str:
    """A cell as a fault quotes it."""
    match cell:
        case bool():
            return f"the value {str(cell).upper()}"
        case str():
            number = " (a number that is written as text)" if _DECIMAL.fullmatch(cell.strip()) else ""
            return f"{cell.strip()[:40]!r}{number}"
        case int() | float():
            return f"the number {str(cell)[:40]}"
        case datetime() | date():
            return f"the date {cell}"
        case _:
            return f"the time {cell}"
