"""What a kind of booking brings to the commands of operators about its rows: reference data, checks, first steps."""

from dataclasses import dataclass
from typing import Any, Generic

from pydantic import BaseModel
from sqlalchemy import Table
from sqlalchemy.orm import DeclarativeBase

from adapters.postgres.kind import KindStorage
from domain.kind import B, BookingKind


@dataclass(frozen=True, slots=True)
class Check:
    """Rows that contradict each other: the ``query`` answers one row for each contradiction, none when all is well."""

    name: str
    query: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of reference data that can be written to a CSV or XLSX file and read from one.

    ``row`` is what a row may be, as the API takes it, with a default where a cell may be empty; its fields are the
    columns. No two rows have the ``same`` columns alike, in any spelling of case.

    ``tells``: what a file may leave to be done by somebody, asked when its rows are written; a dry run writes them as
    well and takes them back. ``lock``: the statement that waits before for whoever decides by the table meanwhile.
    """

    rows: type[DeclarativeBase]
    row: type[BaseModel]
    same: tuple[str, ...] = ()
    tells: tuple[Check, ...] = ()
    lock: str = ""

    @property
    def table(self) -> Table:
        """The table; what it is called is the name of the sheet."""
        found = self.rows.__table__
        if not isinstance(found, Table):
            raise TypeError(f"{self.rows.__name__} is no table")
        return found

    @property
    def columns(self) -> tuple[str, ...]:
        """Those that people fill in."""
        return tuple(column.name for column in self.table.columns if column.name in self.row.model_fields)

    @property
    def key(self) -> tuple[str, ...]:
        """Those by which a row is known."""
        return tuple(column.name for column in self.table.primary_key)


@dataclass(frozen=True, slots=True)
class FirstStep:
    """What has to be there before the first booking: a query that answers whether it is, and what is said if not."""

    query: str
    missing: str


@dataclass(frozen=True, kw_only=True)
class KindOperations(Generic[B]):
    """One kind as operators see it. Queries work in the kind's schema and name tables without one."""

    storage: KindStorage[B]
    sheets: tuple[Sheet, ...] = ()
    checks: tuple[Check, ...] = ()
    first_steps: tuple[FirstStep, ...] = ()

    @property
    def kind(self) -> BookingKind[B]:
        """What its storage keeps."""
        return self.storage.kind

    def sheet(self, name: str) -> Sheet:
        """A sheet by its name.

        Raises:
            LookupError: there is no such sheet.
        """
        for sheet in self.sheets:
            if sheet.table.name == name:
                return sheet
        names = ", ".join(sheet.table.name for sheet in self.sheets) or "none"
        raise LookupError(f"{self.kind.name} has no sheet {name}; there are: {names}")


Operations = KindOperations[Any]
