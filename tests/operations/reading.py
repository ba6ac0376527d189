"""What stands in the files of books."""

import csv
from contextlib import closing
from pathlib import Path

from openpyxl import load_workbook

from domain.money import paise


def rows_of(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file by their headings."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def sum_of(rows: list[dict[str, str]], *columns: str) -> int:
    """These columns of all rows, in paise."""
    return sum(in_paise(row[column]) for row in rows for column in columns)


def in_paise(written: str) -> int:
    """An amount as the files show it; nothing is nothing."""
    return -paise(written[1:]) if written.startswith("-") else paise(written or "0")


def workbook_sum(path: Path, sheet: str, column: str) -> int:
    """The numbers in a column of a workbook, in paise."""
    with closing(load_workbook(path, read_only=True)) as book:
        heading, *rows = book[sheet].iter_rows(values_only=True)
    place = heading.index(column)
    return sum(round(row[place] * 100) for row in rows if row[place] is not None)
