"""Sheets as files: a CSV file each, or a workbook for each book. The same rows make the same bytes.

Rows go to the files as they come; nothing is kept in memory but open files. The digest of a set of books is over its
CSV, whichever format is written.
"""

import csv
import hashlib
import io
import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from domain.books.sheets import Cell, Rupees, Sheet
from domain.money import rupees

_ROWS_OF_A_SHEET = 1_000_000
"""A worksheet takes 1,048,576; what is beyond goes on another one."""
_EPOCH = (1980, 1, 1, 0, 0, 0)
_PROPERTIES = "docProps/core.xml"
_NO_PROPERTIES = (
    '<?xml version="1.0" encoding="UTF-8"?><cp:coreProperties xmlns:cp='
    '"http://schemas.openxmlformats.org/package/2006/metadata/core-properties"/>'
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


class Format(StrEnum):
    """What the files are."""

    CSV = "csv"
    XLSX = "xlsx"


@dataclass(slots=True)
class _Open:
    """A sheet that is being written."""

    digest: Any
    csv: IO[str] | None = None
    book: Workbook | None = None
    name: str = ""
    columns: tuple[str, ...] = ()
    page: Any = None
    rows: int = 0
    pages: int = 0


@dataclass(slots=True)
class BookFiles:
    """The files of one set of books, in a folder of their own until they are complete."""

    folder: Path
    name: str
    format: Format
    _sheets: dict[tuple[str, str], _Open] = field(default_factory=dict)
    _books: dict[str, Workbook] = field(default_factory=dict)

    def open(self, sheets: Sequence[Sheet]) -> None:
        """Begin these sheets with their headings; a sheet without rows is one as well."""
        for sheet in sheets:
            made = self._sheets[sheet.book, sheet.name] = _Open(
                hashlib.sha256(), name=sheet.name, columns=sheet.columns
            )
            if self.format is Format.CSV:
                path = self._path(sheet.book, f"{sheet.name}.csv")
                path.parent.mkdir(parents=True, exist_ok=True)
                made.csv = path.open("w", encoding="utf-8", newline="")
            else:
                made.book = self._books.setdefault(sheet.book, Workbook(write_only=True))
                _begin_page(made)
            _write_csv(made, sheet.columns)

    def add(self, sheet: Sheet, row: Sequence[Cell]) -> None:
        """Write a row."""
        made = self._sheets[sheet.book, sheet.name]
        _write_csv(made, row)
        if made.book is not None:
            if made.rows == _ROWS_OF_A_SHEET:
                _begin_page(made)
            made.rows += 1
            made.page.append([_xlsx(made.page, cell) for cell in row])

    def finish(self) -> str:
        """Close the files; answers the digest of them all."""
        for made in self._sheets.values():
            if made.csv is not None:
                made.csv.close()
        for book, workbook in self._books.items():
            path = self._path(book, "").with_suffix(".xlsx")
            path.parent.mkdir(parents=True, exist_ok=True)
            _save(workbook, path)
        lines = sorted(f"{book}/{name} {made.digest.hexdigest()}\n" for (book, name), made in self._sheets.items())
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    def _path(self, book: str, file: str) -> Path:
        if self.format is Format.XLSX:
            return self.folder / (f"{self.name}-{book}" if book else self.name)
        return self.folder / self.name / book / file


@contextmanager
def book_files(out: Path, name: str, wanted: Format) -> Iterator[BookFiles]:
    """Write into ``out``; files appear there when all of them are complete, in place of those of the same name."""
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".books-", dir=out) as folder:
        files = BookFiles(Path(folder), name, wanted)
        yield files
        for made in sorted(Path(folder).iterdir()):
            place = out / made.name
            if place.is_dir():
                shutil.rmtree(place)
            made.replace(place)


def _write_csv(made: _Open, row: Sequence[Cell]) -> None:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow([_csv(cell) for cell in row])
    made.digest.update(line.getvalue().encode())
    if made.csv is not None:
        made.csv.write(line.getvalue())


def _csv(cell: Cell) -> str | int:
    """Money as a number; text that a spreadsheet would take for a formula with an apostrophe before it."""
    if isinstance(cell, Rupees):
        return rupees(cell.paise)
    if isinstance(cell, str):
        shown = _CONTROLS.sub("", cell)
        return f"'{shown}" if shown.startswith(_FORMULA) else shown
    return "" if cell is None else cell


def _xlsx(page: Any, cell: Cell) -> Any:
    if isinstance(cell, Rupees):
        made = WriteOnlyCell(page, Decimal(cell.paise) / 100)
        made.number_format = "0.00"
        return made
    if isinstance(cell, str):
        shown = _CONTROLS.sub("", cell)
        if not shown.startswith(_FORMULA):
            return shown
        made = WriteOnlyCell(page, shown)
        made.data_type = "s"  # never a formula
        return made
    return cell


def _begin_page(made: _Open) -> None:
    if made.book is None:
        raise ValueError("a CSV file has no pages")
    made.pages, made.rows = made.pages + 1, 1
    made.page = made.book.create_sheet(made.name if made.pages == 1 else f"{made.name} {made.pages}")
    made.page.freeze_panes = "A2"
    heading = []
    for number, column in enumerate(made.columns, start=1):
        made.page.column_dimensions[get_column_letter(number)].width = max(12, len(column) + 2)
        cell = WriteOnlyCell(made.page, column)
        cell.font = Font(bold=True)
        heading.append(cell)
    made.page.append(heading)


def _save(workbook: Workbook, path: Path) -> None:
    """Without the moment at which it was saved, which a workbook bears in its properties and in each of its parts."""
    with tempfile.TemporaryFile(dir=path.parent) as saved:
        workbook.save(saved)
        with zipfile.ZipFile(saved) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
            for part in sorted(source.namelist()):
                info = zipfile.ZipInfo(part, _EPOCH)
                info.compress_type = zipfile.ZIP_DEFLATED
                if part == _PROPERTIES:
                    target.writestr(info, _NO_PROPERTIES)
                    continue
                with source.open(part) as content, target.open(info, "w", force_zip64=True) as copy:
                    shutil.copyfileobj(content, copy)
