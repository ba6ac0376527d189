"""Running one statement: a row as an object, or a change, refused in words."""

import re
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors import BookingError, Duplicate, Invalid

Json = dict[str, Any]
_KEY = re.compile(r"Key \((?P<columns>.+?)\)=\(")
_EXPRESSION = re.compile(r"lower\(|::\w+|\)")


async def one(connection: AsyncConnection, rows: str, **parameters: Any) -> Json | None:
    """The first row of a query (constant text of ours) as an object."""
    statement = text(f"SELECT row_to_json(found)::text FROM ({rows}) AS found LIMIT 1")  # noqa: S608 - constants of ours
    found = (await connection.execute(statement, parameters)).scalar()
    return None if found is None else shown(orjson.loads(found))


def shown(row: Json) -> Json:
    """The row without what is there to sort by only."""
    return {name: value for name, value in row.items() if not name.startswith("place_")}


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
