"""Running one statement: rows as JSON with how many there are in all, or a change, refused in words."""

import re
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.pages import Page, Slice
from domain.errors import BookingError, Duplicate, Invalid

Json = dict[str, Any]
_KEY = re.compile(r"Key \((?P<columns>.+?)\)=\(")
_EXPRESSION = re.compile(r"lower\(|::\w+|\)")


async def listing(
    connection: AsyncConnection, rows: str, limit: int = 1000, offset: int = 0, **parameters: Any
) -> tuple[list[Json], int]:
    """A part of the rows of a query (constant text of ours), each as an object, and the count of all."""
    statement = text(
        f"WITH rows AS ({rows}) SELECT (SELECT count(*) FROM rows) AS total, "  # noqa: S608 - constants of ours
        "(SELECT coalesce(json_agg(part), '[]') FROM "
        "(SELECT * FROM rows LIMIT :limit_ OFFSET :offset_) AS part)::text AS items"
    )
    row = (await connection.execute(statement, {**parameters, "limit_": limit, "offset_": offset})).one()
    return orjson.loads(row.items), row.total


async def newest_first(connection: AsyncConnection, rows: str, part: Slice, **parameters: Any) -> Page:
    """A part of the rows of a query (constant text of ours) that has numbers as ``id``, and the count of all.

    A part that begins behind a row costs what the first does; what is only counted is not built.
    """
    behind = "WHERE id < CAST(:after_ AS bigint)" if part.after else ""
    statement = text(
        f"WITH rows AS NOT MATERIALIZED ({rows}), "  # noqa: S608 - constants of ours
        f"found AS (SELECT * FROM rows {behind} ORDER BY id DESC LIMIT CAST(:limit_ AS bigint) + 1 OFFSET :offset_), "
        "part AS (SELECT * FROM found ORDER BY id DESC LIMIT CAST(:limit_ AS bigint)) "
        "SELECT (SELECT count(*) FROM rows) AS total, "
        "(SELECT count(*) FROM found) > CAST(:limit_ AS bigint) AS more, "
        "(SELECT json_build_array(min(id))::text FROM part) AS last, "
        "(SELECT coalesce(json_agg(part ORDER BY id DESC), '[]') FROM part)::text AS items"
    )
    window = {"limit_": part.limit, "offset_": part.offset, **({"after_": part.after[0]} if part.after else {})}
    row = (await connection.execute(statement, {**parameters, **window})).one()
    return Page(row.items, row.total, row.last if row.more else None)


async def one(connection: AsyncConnection, rows: str, **parameters: Any) -> Json | None:
    """The first row of a query as an object."""
    found, _ = await listing(connection, rows, limit=1, **parameters)
    return found[0] if found else None


async def write(connection: AsyncConnection, statement: str, **parameters: Any) -> Any:
    """Run a statement of ours and answer the first value it returns, if any.

    Raises:
        Duplicate, Invalid: a unique or foreign key says no.
    """
    try:
        result = await connection.execute(text(statement), parameters)
    except IntegrityError as broken:
        raise _refusal(broken) from None
    row = result.first() if result.returns_rows else None
    return row[0] if row else None


def _refusal(broken: IntegrityError) -> BookingError:
    """What a constraint says, in words."""
    sqlstate = getattr(broken.orig, "sqlstate", "")
    cause = getattr(broken.orig, "__cause__", None)
    detail = getattr(cause, "detail", None) or ""
    key = _KEY.match(detail)
    columns = _EXPRESSION.sub("", key["columns"]).replace(", ", " and ") if key else ""
    if sqlstate == "23505":
        return Duplicate(f"there is one with the same {columns} already" if columns else "such a row exists already")
    if sqlstate == "23503":
        missing = columns and "is not present" in detail
        return Invalid(f"{columns} names a row that does not exist" if missing else "this row is in use")
    constraint = getattr(cause, "constraint_name", None) or ""
    # ck_<table>_<rule>: the rules are named as people say them.
    return Invalid(f"a value is not allowed here: {constraint.removeprefix('ck_').replace('_', ' ')}".rstrip(": "))
