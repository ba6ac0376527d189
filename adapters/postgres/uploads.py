"""Pictures that were uploaded: a row each, which says since when something names it.

Whatever names a picture says so here, in its own transaction. What nothing has named within a day is deleted, row and
file together, while the row is held: whoever names it in that moment waits, and finds it gone.
"""

import asyncio
import re
from collections.abc import Collection
from pathlib import Path

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.database import Database

log = structlog.get_logger("uploads")

AT_ONCE = 500
MOST_BATCHES = 40
"""In one round of the job, which comes every hour: 20,000 pictures."""

_NAME = re.compile(r"(?<![0-9a-f])[0-9a-f]{32}\.(?:jpg|png|webp)")
_ADD = text("INSERT INTO uploads (name) VALUES (:name)")
_NAMED = text("UPDATE uploads SET named_at = now() WHERE name = ANY(CAST(:names AS text[])) AND named_at IS NULL")
_KNOWN = text("SELECT name FROM uploads WHERE name = ANY(CAST(:names AS text[]))")
_RENEW = text("UPDATE uploads SET uploaded_at = now() WHERE name = ANY(CAST(:names AS text[])) AND named_at IS NULL")
_DELETE = text(
    """
    DELETE FROM uploads WHERE name IN (
        SELECT name FROM uploads WHERE named_at IS NULL AND uploaded_at < now() - interval '1 day'
        ORDER BY uploaded_at LIMIT :most FOR UPDATE SKIP LOCKED
    ) RETURNING name
    """
)


def pictures_in(said: str) -> list[str]:
    """The names of pictures in a text, each once; in JSON as well, however it writes its slashes."""
    return sorted(set(_NAME.findall(said)))


async def add_upload(database: Database, name: str) -> None:
    """Know a picture, before its file is written."""
    async with database.read.connect() as connection:
        await connection.execute(_ADD, {"name": name})


async def name_pictures(connection: AsyncConnection, names: Collection[str]) -> set[str]:
    """From this transaction on something names these pictures. Answers those without a row: they are older than the
    table, or gone."""
    if not names:
        return set()
    await connection.execute(_NAMED, {"names": list(names)})
    return set(names) - await _known(connection, names)


async def keep_another_day(connection: AsyncConnection, names: Collection[str]) -> set[str]:
    """What is going to name these pictures has a day to do so. Answers those without a row, as above."""
    await connection.execute(_RENEW, {"names": list(names)})
    return set(names) - await _known(connection, names)


async def _known(connection: AsyncConnection, names: Collection[str]) -> set[str]:
    return set((await connection.execute(_KNOWN, {"names": list(names)})).scalars())


class UnnamedPictures:
    """Deletes pictures that nothing has named within a day."""

    def __init__(self, database: Database, folder: Path) -> None:
        self._database, self._folder = database, folder

    async def remove(self) -> int:
        """Delete rows and files; answers how many. Where the folder is not there, another machine has it: nothing."""
        if not await asyncio.to_thread(self._folder.is_dir):
            log.info("no pictures are removed: the folder is not here", folder=str(self._folder))
            return 0
        total = 0
        for _ in range(MOST_BATCHES):
            async with self._database.write.begin() as connection:
                names = list((await connection.execute(_DELETE, {"most": AT_ONCE})).scalars())
                await asyncio.to_thread(self._delete, names)
            total += len(names)
            if len(names) < AT_ONCE:
                break
        return total

    def _delete(self, names: Collection[str]) -> None:
        for name in names:
            (self._folder / name).unlink(missing_ok=True)
