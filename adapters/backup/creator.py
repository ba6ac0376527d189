"""Making backups: a PostgreSQL dump and a MongoDB export, counted, hashed, read back, and moved into the archive."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text

from adapters.backup import rows
from adapters.backup.archive import FILES, Archive
from adapters.backup.mongodb import MongoBackup
from adapters.backup.programs import Programs
from adapters.backup.staging import Migrations
from domain.backups import BackupInput, BackupStatus, Made, Store
from domain.errors import TooLarge

Json = dict[str, Any]
Tell = Callable[[str], None]


class Creator:
    """Creates backups and deletes old ones."""

    def __init__(
        self,
        archive: Archive,
        programs: Programs,
        documents: MongoBackup,
        postgresql_url: str,
        migrations: Migrations,
        *,
        most_bytes: int,
        kept_for: timedelta | None,
    ) -> None:
        self._archive = archive
        self._programs = programs
        self._documents = documents
        self._url = postgresql_url
        self._migrations = migrations
        self._most = most_bytes
        self._kept_for = kept_for

    async def make(self, given: BackupInput, tell: Tell) -> Made:
        """Make it whole or not at all; a repeat finds it.

        Raises:
            TooLarge: it grew beyond what a backup may have.
        """
        if (manifest := await asyncio.to_thread(self._archive.manifest, given.name)) is None:
            manifest = await self._make(given, tell)
        counts = {name: table["rows"] for name, table in manifest.get("tables", {}).items()}
        collections = manifest.get("documents", {}).get("collections", {})
        counts |= {name: each["documents"] for name, each in collections.items()}
        return Made(given.name, {store: part["size"] for store, part in manifest["parts"].items()}, counts)

    async def note_failure(self, name: str, why: str) -> None:
        """Let whoever asks know that there will be no such backup."""
        if await asyncio.to_thread(self._archive.manifest, name) is None:
            await asyncio.to_thread(self._archive.clear_drafts, name)
            await asyncio.to_thread(self._archive.note, name, state=BackupStatus.FAILED, error=why[:500])

    async def prune(self) -> list[str]:
        """Throw away what is older than backups are kept; answers the names."""
        if self._kept_for is None:
            return []
        return await asyncio.to_thread(self._archive.prune, self._kept_for)

    async def _make(self, given: BackupInput, tell: Tell) -> Json:
        stores = [str(store) for store in given.stores]
        facts: Json = {
            "name": given.name,
            "created_at": _now(),
            "asked_by": given.asked_by,
            "reason": given.reason,
        }
        await asyncio.to_thread(
            self._archive.note,
            given.name,
            state=BackupStatus.RUNNING,
            stores=stores,
            asked_by=given.asked_by,
            reason=given.reason,
        )
        with self._archive.draft(given.name) as folder:
            if Store.POSTGRESQL in given.stores:
                facts |= await self._dump(folder, tell)
            if Store.MONGODB in given.stores:
                tell("exporting the documents")
                facts["documents"] = await self._documents.export(folder / FILES[Store.MONGODB])
            self._stay_small(folder)
            tell("checking what was written")
            if Store.POSTGRESQL in given.stores:
                await self._programs.contents(folder / FILES[Store.POSTGRESQL])
            return await asyncio.to_thread(self._archive.describe, folder, facts)

    async def _dump(self, folder: Path, tell: Tell) -> Json:
        """Dump and counts of one moment: both see the same snapshot."""
        target = folder / FILES[Store.POSTGRESQL]

        def watch() -> None:
            tell(f"dumping the rows: {_size(target) // 1000} kB")
            self._stay_small(folder)

        engine = rows.engine(self._url)
        try:
            async with engine.connect() as connection:
                tables = await rows.names(connection, self._migrations.names)
                await connection.rollback()
                await connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
                # Locked before the snapshot: no restore can empty a table between the snapshot and the dump of it.
                listed = ", ".join(tables.values())
                await connection.execute(text(f"LOCK TABLE {listed} IN ACCESS SHARE MODE"))
                snapshot = (await connection.execute(text("SELECT pg_export_snapshot()"))).scalar_one()
                moment = _now()
                tell("counting the rows")
                counts = await rows.counted(connection, tables)
                revision = await connection.run_sync(self._migrations.revisions)
                await self._programs.dump(target, snapshot, watch)
        finally:
            await engine.dispose()
        return {"created_at": moment, "schema": revision, "tables": rows.as_json(counts)}

    def _stay_small(self, folder: Path) -> None:
        size = sum(_size(path) for path in folder.iterdir())
        if size > self._most:
            raise TooLarge(f"a backup may have {self._most // 1_000_000} MB (MAX_BACKUP_SIZE_MB); this one has more")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
