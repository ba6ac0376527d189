"""Tables as a backup sees them: which there are, how many rows, and a digest that does not depend on their order."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import URL, NullPool, Table, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from adapters.postgres.database import asynchronous
from adapters.postgres.schemas import PUBLIC, Place, Schema, places_of

Json = dict[str, Any]

_OF_THE_MOMENT = ("auth_listeners", "workflow_problems", "workflow_recovery")
# Rows are compared as text, which these settings shape.
_PLAIN = {
    "timezone": "UTC",
    "datestyle": "ISO, MDY",
    "intervalstyle": "postgres",
    "bytea_output": "hex",
    "extra_float_digits": "1",
    "jit": "off",
    "statement_timeout": "0",
    "lock_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "application_name": "revcare backup",
}


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows, and the sum of their digests."""

    rows: int
    digest: str


def kept(schemas: Iterable[Schema]) -> list[Place]:
    """Every table of ours, parents before children; not those that tell of nothing but this moment."""
    return [place for place in places_of(schemas) if place.table.name not in _OF_THE_MOMENT]


def columns(table: Table) -> str:
    """The columns that are written; PostgreSQL computes the others."""
    return ", ".join(f'"{column.name}"' for column in table.columns if column.computed is None)


def engine(postgresql_url: str, database: str | None = None) -> AsyncEngine:
    """Connections of our own, made as they are needed: this work is rare and takes its time."""
    url: URL = asynchronous(postgresql_url)
    if database is not None:
        url = url.set(database=database)
    return create_async_engine(url, poolclass=NullPool, connect_args={"timeout": 10, "server_settings": _PLAIN})


async def names(connection: AsyncConnection, schemas: Iterable[str]) -> dict[str, str]:
    """The tables that are there: how a manifest calls each -> how a statement does."""
    found = await connection.execute(
        text("SELECT schemaname, tablename FROM pg_tables WHERE schemaname = ANY(:schemas) ORDER BY 1, 2"),
        {"schemas": list(schemas)},
    )
    return {
        row.tablename if row.schemaname == PUBLIC else f"{row.schemaname}.{row.tablename}": (
            f'"{row.schemaname}"."{row.tablename}"'
        )
        for row in found
    }


async def counted(connection: AsyncConnection, tables: Mapping[str, str]) -> dict[str, Count]:
    """Rows and digest of each of these tables, given by the name in a manifest and as a statement calls it."""
    if not tables:
        return {}
    each = (
        f"SELECT '{name}' AS name, count(*) AS rows, "  # noqa: S608 - names from the catalogue
        f"coalesce(sum(('x' || left(md5(t::text), 15))::bit(60)::bigint), 0)::text AS digest FROM {table} AS t"
        for name, table in tables.items()
    )
    found = await connection.execute(text(" UNION ALL ".join(each)))
    return {row.name: Count(row.rows, row.digest) for row in found}


def as_json(counts: dict[str, Count]) -> Json:
    """As a manifest keeps them."""
    return {name: {"rows": count.rows, "digest": count.digest} for name, count in counts.items()}


def from_json(content: Json) -> dict[str, Count]:
    """As a manifest kept them."""
    return {name: Count(count["rows"], count["digest"]) for name, count in content.items()}
