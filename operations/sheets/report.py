"""What became of a file: every fault with its row and column, or what each row does."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from openpyxl.utils import get_column_letter

MOST_TOLD = 1_000
"""Lines of one report in a terminal; a file of the report has them all."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in one row: ``row`` as spreadsheets count, the heading is 1; ``column`` by its place and name."""

    row: int
    why: str
    column: tuple[int, str] | None = None

    def __str__(self) -> str:
        """As in "row 7, column C (price): must be a whole number, not 'cheap'"."""
        return f"row {self.row}{self.place}: {self.why}"

    @property
    def place(self) -> str:
        """The column, in words that follow the row; "" for a fault of the whole row."""
        if self.column is None:
            return ""
        return f", column {get_column_letter(self.column[0])} ({self.column[1]})"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a row does: it is ``added``, ``changed`` (in the columns named) or ``unchanged``."""

    row: int
    what: str
    key: str
    columns: tuple[str, ...] = ()

    def __str__(self) -> str:
        """As in "row 7: changed 12: title, sac"."""
        return f"row {self.row}: {self.what} {self.key}{': ' if self.columns else ''}{', '.join(self.columns)}".rstrip()


@dataclass(frozen=True, slots=True)
class Report:
    """A file that was judged. With a fault nothing of it is written, nor is anything in a dry run.

    ``left``: what the rows leave to be done by somebody, in lines.
    """

    sheet: str
    rows: int
    faults: tuple[Fault, ...]
    outcomes: tuple[Outcome, ...]
    written: bool
    left: tuple[str, ...] = ()

    def count(self, what: str) -> int:
        """How many rows are added, changed or unchanged."""
        return Counter(outcome.what for outcome in self.outcomes)[what]

    def lines(self, most: int | None = MOST_TOLD) -> Iterator[str]:
        """The faults, or the rows that change; the sum; what is left to be done. Of the first and the last no more
        than ``most`` lines."""
        changed = [each for each in self.outcomes if each.what == "changed"]
        yield from _some([str(each) for each in self.faults or changed], most)
        yield self.sum
        yield from _some(self.left, most)

    @property
    def sum(self) -> str:
        """The last line."""
        if self.faults:
            where = len({fault.row for fault in self.faults})
            return f"{self.sheet}: {len(self.faults)} faults in {where} of {self.rows} rows; nothing was written"
        counted = ", ".join(f"{self.count(what)} {what}" for what in ("added", "changed", "unchanged"))
        return f"{self.sheet}: {self.rows} rows: {counted}{'' if self.written else '; nothing was written'}"

    def every_row(self) -> Iterator[tuple[int, str, str, str]]:
        """Row, what, key or column, why: for a file of the report."""
        yield from ((each.row, "fault", each.place.removeprefix(", "), each.why) for each in self.faults)
        yield from ((each.row, each.what, each.key, ", ".join(each.columns)) for each in self.outcomes)


def _some(told: Sequence[str], most: int | None) -> Iterator[str]:
    yield from told[:most]
    if most is not None and len(told) > most:
        yield f"and {len(told) - most} more"
