"""Tables as a backup sees them: which there are, how many rows, and a digest that does not depend on their order."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import URL, NullPool, Table, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from adapters.postgres.engine import asynchronous
from adapters.postgres.tables import Base

Json = dict[str, Any]

_OF_THE_MOMENT = ("auth_listeners",)
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


def tables() -> list[Table]:
    """Every table of ours, parents before children; not those that tell of nothing but this moment."""
    return [table for table in Base.metadata.sorted_tables if table.name not in _OF_THE_MOMENT]


def columns(table: Table) -> str:
    """The columns that are written; PostgreSQL computes the others."""
    return ", ".join(f'"{column.name}"' for column in table.columns if column.computed is None)


def engine(postgresql_url: str, database: str | None = None) -> AsyncEngine:
    """Connections of our own, made as they are needed: this work is rare and takes its time."""
    url: URL = asynchronous(postgresql_url)
    if database is not None:
        url = url.set(database=database)
    return create_async_engine(url, poolclass=NullPool, connect_args={"timeout": 10, "server_settings": _PLAIN})


async def names(connection: AsyncConnection, schema: str = "public") -> list[str]:
    """The tables that are there."""
    found = await connection.execute(
        text("SELECT tablename FROM pg_tables WHERE schemaname = :schema ORDER BY 1"), {"schema": schema}
    )
    return [row.tablename for row in found]


async def counted(connection: AsyncConnection, names: list[str], schema: str = "public") -> dict[str, Count]:
    """Rows and digest of each of these tables."""
    if not names:
        return {}
    each = (
        f"SELECT '{name}' AS name, count(*) AS rows, "  # noqa: S608 - names from the catalogue
        f"coalesce(sum(('x' || left(md5(t::text), 15))::bit(60)::bigint), 0)::text AS digest "
        f'FROM "{schema}"."{name}" AS t'
        for name in names
    )
    found = await connection.execute(text(" UNION ALL ".join(each)))
    return {row.name: Count(row.rows, row.digest) for row in found}


def as_json(counts: dict[str, Count]) -> Json:
    """As a manifest keeps them."""
    return {name: {"rows": count.rows, "digest": count.digest} for name, count in counts.items()}


def from_json(content: Json) -> dict[str, Count]:
    """As a manifest kept them."""
    return {name: Count(count["rows"], count["digest"]) for name, count in content.items()}


async def revision(connection: AsyncConnection) -> str | None:
    """The schema's revision, None without one."""
    if (await connection.execute(text("SELECT to_regclass('public.alembic_version')"))).scalar_one() is None:
        return None
    found: str | None = (await connection.execute(text("SELECT version_num FROM alembic_version"))).scalar()
    return found
