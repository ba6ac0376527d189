"""Files of reference data: CSV in UTF-8, or the XLSX of spreadsheets; how large they may be, and what they may hold.

A formula is refused: what it comes to is known to the program that wrote it. In CSV a text that spreadsheets would take
for a formula (it begins with = + - @) is written with an apostrophe before it, which is taken off when it is read; in
XLSX text is text.
"""

import csv
import io
import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from domain.errors import Invalid
from operations.sheets.cells import Cell, Unusable, is_blank

MOST_BYTES = 20_000_000
MOST_BYTES_UNPACKED = 200_000_000
MOST_ROWS = 100_000
MOST_COLUMNS = 50
MOST_IN_A_CELL = 32_767
"""Characters: as many as a cell of a spreadsheet holds."""

_LOOKS_LIKE_A_FORMULA = re.compile(r"'*[=+\-@\t\r＝＋－＠]")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_LAST_ROW = 1_048_576
"""The last one that a spreadsheet has."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a file holds: its heading, and the rows below it that are not blank, with their numbers in the file.

    ``gaps`` are numbers of blank rows between them; ``typed``: cells know numbers and dates from text.
    """

    heading: tuple[Cell, ...]
    rows: tuple[tuple[int, tuple[Cell, ...]], ...]
    gaps: tuple[int, ...]
    typed: bool


def read_file(path: Path, name: str) -> Content:
    """What a file holds; of a workbook its only sheet, or the one of that name.

    Raises:
        Invalid: it cannot be read, or is larger than files may be.
        OSError: it is not there.
    """
    if (size := path.stat().st_size) > MOST_BYTES:
        raise Invalid(f"the file has {size:,} bytes; at most {MOST_BYTES:,} are read")
    with path.open("rb") as file:
        packed = file.read(4) == b"PK\x03\x04"
    return _content(_of_workbook(path, name), True) if packed else _content(_of_csv(path.read_bytes()), False)


def write_csv(columns: Iterable[str], rows: Iterable[Iterable[Any]], file: TextIO) -> None:
    """The heading and a line for each row."""
    writer = csv.writer(file)
    writer.writerow(columns)
    writer.writerows([[_escaped_for_csv(value) for value in row] for row in rows])


def write_file(path: Path, name: str, columns: Mapping[str, bool], rows: list[list[Any]]) -> None:
    """A workbook with one sheet of that name, where the file is called so, else CSV. ``columns`` that are text stay
    text whatever is typed into them.

    Raises:
        Invalid: a text is longer than a cell may be, or has a character that cannot be written.
    """
    if path.suffix.lower() == ".xlsx":
        _write_workbook(path, name, columns, rows)
    else:
        with path.open("w", newline="", encoding="utf-8") as file:
            write_csv(columns, rows, file)


def _write_workbook(path: Path, name: str, columns: Mapping[str, bool], rows: list[list[Any]]) -> None:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(name)
    sheet.freeze_panes = "A2"
    bold = Font(bold=True)

    def written(value: Any, text: bool, font: Font | None = None) -> Any:
        if not isinstance(value, str):
            return WriteOnlyCell(sheet, value)
        if len(value) > MOST_IN_A_CELL:
            raise Invalid(f"{value[:40]!r}.. is longer than a cell may be: write CSV instead")
        try:
            cell = WriteOnlyCell(sheet, _escaped_for_workbook(value))
        except ValueError:
            raise Invalid(f"{value[:40]!r} has a character that no workbook holds: write CSV instead") from None
        cell.data_type = "s"  # never a formula, whatever it begins with
        cell.quotePrefix = bool(_LOOKS_LIKE_A_FORMULA.match(value))
        if text:
            cell.number_format = "@"
        if font:
            cell.font = font
        return cell

    sheet.append([written(column, True, bold) for column in columns])
    for row in rows:
        sheet.append([written(value, text) for value, text in zip(row, columns.values(), strict=True)])
    book.save(path)


def _content(rows: Iterator[tuple[Cell, ...]], typed: bool) -> Content:
    heading = _filled(next(rows, ()))
    if not heading:
        raise Invalid("the first row has no names of columns")
    found: list[tuple[int, tuple[Cell, ...]]] = []
    for number, row in enumerate(rows, start=2):
        if filled := _filled(row):
            found.append((number, filled))
        if len(found) > MOST_ROWS or number > _LAST_ROW:
            raise Invalid(f"the file has more than {MOST_ROWS:,} rows")
        if len(filled) > MOST_COLUMNS or len(heading) > MOST_COLUMNS:
            raise Invalid(f"row {number} has more than {MOST_COLUMNS} columns")
    there = {number for number, _ in found}
    last = found[-1][0] if found else 1
    gaps = () if len(found) == last - 1 else tuple(n for n in range(2, last) if n not in there)
    return Content(heading, tuple(found), gaps[:MOST_ROWS], typed)


def _filled(row: tuple[Cell, ...]) -> tuple[Cell, ...]:
    """A row without the blank cells at its end."""
    end = len(row)
    while end and is_blank(row[end - 1]):
        end -= 1
    return row[:end]


def _of_csv(content: bytes) -> Iterator[tuple[Cell, ...]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        line = content.count(b"\n", 0, wrong.start) + 1
        raise Invalid(f"line {line} is not UTF-8: save the file as CSV in UTF-8") from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for row in reader:
            yield tuple(_read_from_csv(cell) for cell in row)
    except csv.Error as wrong:
        raise Invalid(f"line {reader.line_num} is no CSV: {wrong}") from None


def _of_workbook(path: Path, name: str) -> Iterator[tuple[Cell, ...]]:
    # Whatever is broken in the XML of a file is told by another exception, and warnings say what is not needed.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield from _cells(path, name)
        except Invalid:
            raise
        except Exception as broken:
            raise Invalid(f"the workbook cannot be read: {type(broken).__name__}: {broken}"[:300]) from None


def _cells(path: Path, name: str) -> Iterator[tuple[Cell, ...]]:
    with zipfile.ZipFile(path) as archive:
        unpacked = sum(part.file_size for part in archive.infolist())
    if unpacked > MOST_BYTES_UNPACKED:
        raise Invalid(f"the workbook has {unpacked:,} bytes unpacked; at most {MOST_BYTES_UNPACKED:,} are read")
    book = openpyxl.load_workbook(path, read_only=True, keep_links=False)
    try:
        sheets = {each.title: each for each in book.worksheets}
        sheet = sheets.get(name) or (next(iter(sheets.values())) if len(sheets) == 1 else None)
        if sheet is None:
            raise Invalid(f"the workbook has no sheet {name}, only {', '.join(sheets) or 'none'}")
        sheet.reset_dimensions()  # what a file says of its own size need not be so
        for row in sheet.iter_rows(max_col=MOST_COLUMNS + 1):
            yield tuple([_read_from_workbook(cell) for cell in row])
    finally:
        book.close()


def _read_from_workbook(cell: Any) -> Cell:
    value: Cell = cell.value
    if value is None:
        return None
    if cell.data_type == "f":
        return Unusable("a formula: put what it comes to in its place")
    if cell.data_type == "e":
        return Unusable(f"the error {str(value)[:40]} of a spreadsheet")
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), value) if isinstance(value, str) else value


def _escaped_for_workbook(value: str) -> str:
    """XML makes one line break of two characters; ``_x000D_`` is how workbooks write the first of them."""
    return _ESCAPED.sub(r"_x005F_x\1_", value).replace("\r", "_x000D_")


def _read_from_csv(text: str) -> str:
    return text[1:] if text.startswith("'") and _LOOKS_LIKE_A_FORMULA.match(text) else text


def _escaped_for_csv(value: Any) -> Any:
    if value is None:
        return ""
    return f"'{value}" if isinstance(value, str) and _LOOKS_LIKE_A_FORMULA.match(value) else value
