"""Lists that are read part by part: one statement each, whatever they are of.

A part begins behind the last row of the part before, so that rows which come and go in between neither repeat a row nor
leave one out, and a late part costs no more than the first where an index has the order. The count of all is made
beside it: of the columns it needs none, and PostgreSQL computes none for it.
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal, NamedTuple

import orjson
from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.pages import Page, Slice
from adapters.postgres.statements import shown

ColumnType = Literal["bigint", "text", "timestamptz", "date"]

_PART = """
    WITH rows AS {materialised} ({rows}),
    found AS (SELECT * FROM rows {behind} ORDER BY {order} LIMIT CAST(:limit_ AS bigint) + 1 OFFSET :offset_),
    part AS (SELECT * FROM found ORDER BY {order} LIMIT CAST(:limit_ AS bigint))
    SELECT (SELECT count(*) FROM rows) AS total,
        (SELECT count(*) FROM found) > CAST(:limit_ AS bigint) AS more,
        (SELECT json_build_array({names})::text FROM part ORDER BY {reverse} LIMIT 1) AS last,
        (SELECT coalesce(json_agg({item} ORDER BY {order}), '[]') FROM part{told})::text AS items,
        ({beside})::text AS beside
"""


class SortColumn(NamedTuple):
    """A column by which a list is sorted; it is never null."""

    name: str
    type: ColumnType = "bigint"
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """A list: its rows (constant text of ours, in no order) and the columns that sort them, together unique.

    What is there to sort by only is named ``place_...`` and is in no answer. ``sums``: the rows are made of so many
    others that they are computed once, for the count as well. ``beside``: what is told about all of them together, or
    about what they belong to, as one JSON object; NULL when that is not there. ``told``: a query of one row with the
    column ``told``, JSON, for what is told of a row ``part`` instead of its columns: run for those of one part only.
    """

    rows: str
    sorted_by: tuple[SortColumn, ...] = (SortColumn("id"),)
    sums: bool = False
    beside: str = "NULL"
    told: str = ""

    def reversed(self) -> "Listing":
        """The same from its end."""
        return replace(self, sorted_by=tuple(each._replace(descending=not each.descending) for each in self.sorted_by))

    def statement(self, *, behind: bool) -> str:
        """The statement of a part; ``behind`` the row with the place ``:after_0`` and so on."""
        return _PART.format(
            materialised="MATERIALIZED" if self.sums else "NOT MATERIALIZED",
            rows=self.rows,
            behind=f"WHERE {_behind(self.sorted_by)}" if behind else "",
            order=_order(self.sorted_by),
            reverse=_order(self.reversed().sorted_by),
            names=", ".join(each.name for each in self.sorted_by),
            beside=self.beside,
            item="one.told" if self.told else "part",
            told=f" CROSS JOIN LATERAL ({self.told}) AS one" if self.told else "",
        )


def newest_first(rows: str) -> Listing:
    """Rows that are only ever added, by their ``id``."""
    return Listing(rows, (SortColumn("id", descending=True),))


async def page_of(connection: AsyncConnection, listing: Listing, part: Slice, **parameters: Any) -> Page:
    """A part of a list, each row an object, and the count of all."""
    place = {f"after_{number}": value for number, value in enumerate(part.after or ())}
    given = {**parameters, **place, "limit_": part.limit, "offset_": part.offset}
    row = (await connection.execute(_statement(listing, bool(place)), given)).one()
    rows = row.items
    if not listing.told and any(each.name.startswith("place_") for each in listing.sorted_by):
        rows = orjson.dumps([shown(each) for each in orjson.loads(rows)]).decode()
    return Page(rows, row.total, row.last if row.more else None, beside=row.beside)


@lru_cache(500)
def _statement(listing: Listing, behind: bool) -> TextClause:
    """Made once: to find the parameters in a long text takes longer than to send it."""
    return text(listing.statement(behind=behind))


def _order(columns: tuple[SortColumn, ...]) -> str:
    return ", ".join(f"{each.name} {'DESC' if each.descending else 'ASC'}" for each in columns)


def _behind(columns: tuple[SortColumn, ...], number: int = 0) -> str:
    """Behind a place. A comparison of rows cannot say it: columns may have different directions."""
    column, *others = columns
    than, value = ("<" if column.descending else ">"), _value(column, number)
    if not others:
        return f"{column.name} {than} {value}"
    further = _behind(tuple(others), number + 1)
    # The first condition follows from the second; it is the one that an index understands.
    return f"{column.name} {than}= {value} AND ({column.name} {than} {value} OR {further})"


def _value(column: SortColumn, number: int) -> str:
    if column.type in ("timestamptz", "date"):  # as text: the driver wants objects for them
        return f"CAST(CAST(:after_{number} AS text) AS {column.type})"
    return f"CAST(:after_{number} AS {column.type})"
