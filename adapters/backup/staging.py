"""The rows of a backup, laid out beside the live ones before anything is touched.

The archive goes into a database of its own, is held against what the manifest says of it, brought to the schema of
today, and copied into the schema ``restoring`` of the live database, where one transaction can reach both.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.backup import erasing, rows
from adapters.backup.programs import ProgramFailed, Programs
from adapters.postgres.schemas import PUBLIC, Place, Schema
from domain.errors import Conflict, DamagedBackup

SCHEMA = "restoring"


@dataclass(frozen=True, slots=True)
class Migrations:
    """How a database is brought to this release, at which revisions it is, and which schemas it has then."""

    upgrade: Callable[[Connection], Any]
    revisions: Callable[[Connection], str]
    schemas: tuple[Schema, ...]

    @property
    def names(self) -> list[str]:
        """The names of the schemas."""
        return [schema.name for schema in self.schemas]

    def places(self) -> list[Place]:
        """The tables that are backed up, parents before children."""
        return rows.kept(self.schemas)


def staged(place: Place) -> str:
    """The table beside the live one, as a statement calls it."""
    return f'{SCHEMA}."{place.name}"'


# Those not of ours with foreign keys to tables of ours.
_STRANGERS = """
    SELECT DISTINCT theirs.relnamespace::regnamespace::text AS name
    FROM pg_constraint AS c JOIN pg_class AS theirs ON theirs.oid = c.conrelid
        JOIN pg_class AS mine ON mine.oid = c.confrelid
    WHERE c.contype = 'f' AND mine.relnamespace::regnamespace::text = ANY(:ours)
        AND theirs.relnamespace::regnamespace::text <> ALL(:ours)
    ORDER BY name
"""
_SCRATCH = "revcare_restoring_"
_BUFFERED = 16  # parts of a copy that wait to be written


class Staging:
    """Everything a restore prepares in PostgreSQL."""

    def __init__(self, postgresql_url: str, programs: Programs, migrations: Migrations) -> None:
        self._url = postgresql_url
        self._programs = programs
        self._migrations = migrations

    async def fill(self, archive: Path, manifest: dict[str, Any], name: str) -> dict[str, int]:
        """Lay the rows out; answers how many there are in each table.

        Raises:
            DamagedBackup: the archive cannot be read or does not hold what it held.
            Conflict: the schemas do not meet, or another kind has tables here as well.
        """
        async with self._live_engine() as live:
            await self._check_kinds(live)
        try:
            await self._programs.contents(archive)
        except ProgramFailed as failure:
            raise DamagedBackup(f"the archive cannot be read: {failure}") from None
        async with self._live_engine() as live:
            await self._drop(live)
            async with self._scratch(live, name) as scratch:
                await self._unpack(archive, scratch, manifest)
                await self._check_schema(live, scratch)
                await erasing.erase_in_archive(live, scratch, self._migrations.schemas)
                return await self._copy(live, scratch)

    async def clear(self) -> None:
        """Remove whatever an attempt has prepared."""
        async with self._live_engine() as live:
            await self._drop(live)

    @asynccontextmanager
    async def _live_engine(self) -> AsyncIterator[AsyncEngine]:
        engine = rows.engine(self._url)
        try:
            yield engine
        finally:
            await engine.dispose()

    @asynccontextmanager
    async def _scratch(self, live: AsyncEngine, name: str) -> AsyncIterator[AsyncEngine]:
        database = _SCRATCH + name.rpartition("-")[2]
        await _alone(live, f"CREATE DATABASE \"{database}\" TEMPLATE template0 ENCODING 'UTF8'")
        engine = rows.engine(self._url, database)
        try:
            yield engine
        finally:
            await engine.dispose()
            await _alone(live, f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')

    async def _check_kinds(self, live: AsyncEngine) -> None:
        """The switch empties tables all at once, which other tables that refer to them would forbid."""
        async with live.connect() as connection:
            found = await connection.execute(text(_STRANGERS), {"ours": self._migrations.names})
            if names := [row.name for row in found]:
                raise Conflict(f"the database has schemas of kinds that this worker does not serve: {', '.join(names)}")

    async def _unpack(self, archive: Path, scratch: AsyncEngine, manifest: dict[str, Any]) -> None:
        try:
            await self._programs.restore(archive, str(scratch.url.database))
        except ProgramFailed as failure:
            raise DamagedBackup(f"the archive cannot be restored: {failure}") from None
        known = rows.from_json(manifest["tables"])
        async with scratch.connect() as connection:
            found = await rows.counted(connection, await rows.names(connection, _schemas_of(known)))
        if found != known:
            differing = sorted(name for name in found.keys() | known.keys() if found.get(name) != known.get(name))
            raise DamagedBackup(f"the restored rows are not those that were backed up: {', '.join(differing)[:500]}")

    async def _check_schema(self, live: AsyncEngine, scratch: AsyncEngine) -> None:
        """Bring the restored rows to the schema of today, the same as the live database's."""
        from alembic.util.exc import CommandError  # loaded by who restores, not at every start of a worker

        try:
            async with scratch.begin() as connection:
                await connection.run_sync(self._migrations.upgrade)
        except CommandError as failure:
            raise Conflict(f"the backup cannot be brought to the schema of this release: {failure}"[:500]) from None
        async with scratch.connect() as connection:
            theirs = await connection.run_sync(self._migrations.revisions)
        async with live.connect() as connection:
            ours = await connection.run_sync(self._migrations.revisions)
        if theirs != ours:
            raise Conflict(f"the database is at schema {ours}, this release at {theirs}: migrate it first")

    async def _copy(self, live: AsyncEngine, scratch: AsyncEngine) -> dict[str, int]:
        async with live.begin() as connection:
            await connection.execute(text(f"CREATE SCHEMA {SCHEMA}"))
            for place in self._migrations.places():
                like = f"(LIKE {place.sql} INCLUDING GENERATED INCLUDING INDEXES)"
                await connection.execute(text(f"CREATE TABLE {staged(place)} {like}"))
            await connection.execute(text(f"CREATE TABLE {SCHEMA}.sequence_ends (schema text, name text, last bigint)"))
            async with scratch.connect() as source:
                for place in self._migrations.places():
                    await _pour(source, connection, place)
                await _note_sequences(source, connection, self._migrations.names)
            every = {place.name: staged(place) for place in self._migrations.places()}
            counts = await rows.counted(connection, every)
        return {name: count.rows for name, count in counts.items()}

    async def _drop(self, live: AsyncEngine) -> None:
        await _alone(live, f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
        async with live.connect() as connection:
            found = await connection.execute(
                text("SELECT datname FROM pg_database WHERE starts_with(datname, :prefix)"), {"prefix": _SCRATCH}
            )
            left = [row.datname for row in found]
        for database in left:
            await _alone(live, f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')


async def _alone(engine: AsyncEngine, statement: str) -> None:
    """A statement that wants no transaction around it."""
    async with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        await connection.execute(text(statement))


async def _pour(source: AsyncConnection, target: AsyncConnection, place: Place) -> None:
    """One table from database to database, in binary and without holding it whole."""
    columns = rows.columns(place.table)
    pieces: asyncio.Queue[bytes | None] = asyncio.Queue(_BUFFERED)

    async def read() -> None:
        raw: Any = (await source.get_raw_connection()).driver_connection
        query = f"SELECT {columns} FROM {place.sql}"  # noqa: S608 - names of our own tables
        await raw.copy_from_query(query, output=pieces.put, format="binary")
        await pieces.put(None)

    async def flow() -> AsyncIterator[bytes]:
        while (piece := await pieces.get()) is not None:
            yield piece

    async def write() -> None:
        raw: Any = (await target.get_raw_connection()).driver_connection
        listed = [column.strip('"') for column in columns.split(", ")]
        await raw.copy_to_table(place.name, source=flow(), columns=listed, schema_name=SCHEMA, format="binary")

    async with asyncio.TaskGroup() as both:
        both.create_task(read())
        both.create_task(write())


async def _note_sequences(source: AsyncConnection, target: AsyncConnection, schemas: list[str]) -> None:
    """How far the numbers had come; they never go back, whoever holds one may still show it."""
    found = await source.execute(
        text(
            "SELECT schemaname AS schema, sequencename AS name, last_value AS last FROM pg_sequences"
            " WHERE schemaname = ANY(:schemas)"
        ),
        {"schemas": schemas},
    )
    ends = [dict(row) for row in found.mappings() if row["last"] is not None]
    if ends:
        insert = f"INSERT INTO {SCHEMA}.sequence_ends VALUES (:schema, :name, :last)"  # noqa: S608 - a constant of ours
        await target.execute(text(insert), ends)


def _schemas_of(tables: Iterable[str]) -> set[str]:
    """The schemas of the tables that a manifest names: also those that this release does not have any more."""
    return {schema or PUBLIC for schema, _, _ in (name.rpartition(".") for name in tables)}
