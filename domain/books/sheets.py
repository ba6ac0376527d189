"""What a sheet is: a name, headings, and rows of cells. How it gets into a file is somebody else's matter."""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.money import Paise


@dataclass(frozen=True, slots=True)
class Rupees:
    """A cell with money: paise here, a number of rupees with two decimals in the sheet."""

    paise: Paise


Cell = str | int | Rupees | None
Row = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of a book. ``book`` is "" for the month's own, else names a further one, as that of a GSTIN's GSTR-1."""

    name: str
    columns: tuple[str, ...]
    book: str = ""


def sheets(columns: Mapping[str, str], book: str = "") -> dict[str, Sheet]:
    """Sheets by their names; the headings of each are separated by bars."""
    return {
        name: Sheet(name, tuple(heading.strip() for heading in line.split("|")), book) for name, line in columns.items()
    }
