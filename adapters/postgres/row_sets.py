"""Rows that follow from a booking's state: declared by table, written by the projection.

Every row is keyed by its booking and what tells it apart within the booking. The booking's id comes from the projected
head, never from the rows themselves, so a booking cannot write or delete a row of another one.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar

from sqlalchemy.orm import DeclarativeBase

from domain.booking import Booking

B = TypeVar("B", bound=Booking)
Json = dict[str, Any]


@dataclass(frozen=True)
class RowSet(Generic[B]):
    """The rows of one table that a state determines: those it names are written, the booking's others are deleted.

    ``key``: the columns that tell the rows of one booking apart, none where there is one row. ``rows`` leave out
    ``booking_id`` and what PostgreSQL computes.
    """

    model: type[DeclarativeBase]
    key: tuple[str, ...]
    rows: Callable[[B], Iterable[Json]]

    @property
    def table(self) -> str:
        """The table's name, which is also the name of its rows in the projected document."""
        return str(self.model.__tablename__)

    @cached_property
    def expressions(self) -> str:
        """The parts of the projection's statement for this table, over its ``doc`` and ``head``.

        What goes is deleted before the others are written: of two rows with one unique value the old one is gone.
        """
        table, columns = self.table, self._columns
        key = ", ".join(("booking_id", *self.key))
        same = ", ".join(f"'{name}', old.{name}" for name in self.key)
        changed = ", ".join(f"{name} = excluded.{name}" for name in columns if name not in self.key)
        return f"""
    {table}_deleted AS (
        DELETE FROM {table} AS old USING head, doc
        WHERE old.booking_id = head.id
            AND NOT d -> '{table}' @> jsonb_build_array(jsonb_build_object({same}))
        RETURNING 1
    ),
    {table}_written AS (
        INSERT INTO {table} (booking_id, {", ".join(columns)})
        SELECT head.id, {", ".join(f"new.{name}" for name in columns)}
        FROM head, doc, jsonb_populate_recordset(NULL::{table}, d -> '{table}') AS new
        WHERE (SELECT count(*) FROM {table}_deleted) >= 0
        ON CONFLICT ({key}) DO UPDATE SET {changed}
    )"""  # noqa: S608 - names of our own tables and columns

    @property
    def _columns(self) -> list[str]:
        columns = self.model.__table__.columns
        return [column.name for column in columns if column.computed is None and column.name != "booking_id"]
