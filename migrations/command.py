"""Bring every schema of the database to its newest revision: ``python -m migrations.command``.

One transaction under an advisory lock: processes that start at once wait for each other, and a failed migration leaves
nothing behind. ``--check`` changes nothing and exits 1 when a migration is missing or the tables differ from the mapped
classes; ``--draft STREAM "what changes"`` writes the next revision of a stream from that difference.

A migration waits for a lock on a table only for moments: whoever wants the same table queues up behind it. When a
backup or a long read has the table, everything is undone and tried again after a pause.
"""

import gc

if __name__ == "__main__":
    gc.disable()  # what is imported stays: looking for garbage in it takes a fourth of the time of a start

import argparse
import asyncio
import sys
import time
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

import settings
import startup
from adapters.postgres.database import Database
from adapters.postgres.kind import distinct
from adapters.postgres.refusals import why_not
from adapters.postgres.schemas import PUBLIC
from domain.errors import Unavailable
from migrations.drafts import draft
from migrations.schemas import installed
from migrations.streams import differences, read_revisions, streams
from production import Part
from settings import Stores

_LOCK = 7_383_827_201  # any number, the same in every process
_LOCK_TIMEOUT = timedelta(seconds=3)
_PAUSE = 5.0
_TRY_FOR = timedelta(minutes=40)  # a backup takes up to 30
_BUSY = ("55P03", "57014", "40P01")


def upgrade(connection: Connection) -> str:
    """Apply what is missing in every schema, with the rows that the code relies on; says what was done."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    before = revisions(connection)
    for stream in streams():
        stream.upgrade(connection)
    after = revisions(connection)
    return f"schemas are at {after}" if before == after else f"schemas went from {before or 'nothing'} to {after}"


def revisions(connection: Connection) -> str:
    """Where every stream is: "engine 0002, vehicle_service people 0001, vehicle_service 0003"."""
    at = {stream.name: stream.current(connection) for stream in streams()}
    return ", ".join(f"{name} {revision}" for name, revision in at.items() if revision)


async def migrate(database: Database, *, pause: float = _PAUSE, try_for: timedelta = _TRY_FOR) -> str:
    """Upgrade, as often as other users of the tables make it necessary; says what was done.

    Raises:
        DBAPIError: a migration failed, or the tables were in use all the time.
    """
    read_revisions()
    until = time.monotonic() + try_for.total_seconds()
    while True:
        try:
            async with database.write.begin() as connection:
                return await connection.run_sync(upgrade)
        except DBAPIError as busy:
            if getattr(busy.orig, "sqlstate", "") not in _BUSY or time.monotonic() > until:
                raise
            print(f"a table is in use ({busy.orig}); trying again in {pause:.0f} s", file=sys.stderr, flush=True)
            await asyncio.sleep(pause)


def _patient(stores: Stores) -> Stores:
    """A statement of a migration may take long; a lock may not."""
    return stores.model_copy(
        update={"postgresql_statement_timeout": timedelta(hours=1), "postgresql_lock_timeout": _LOCK_TIMEOUT}
    )


async def _run(options: argparse.Namespace) -> int:
    database = Database(_patient(settings.load().stores), PUBLIC)
    try:
        if not options.check and not options.draft:
            print(await migrate(database))
            return 0
        async with database.write.begin() as connection:
            if options.check:
                found = await connection.run_sync(differences)
                print("\n".join(found) or "the schemas are as the code expects")
                return 1 if found else 0
            print(await connection.run_sync(draft, *options.draft))
            return 0
    finally:
        await database.close()


def main(words: Sequence[str] | None = None) -> None:
    """The command line of migrations."""
    parser = argparse.ArgumentParser(
        prog="python -m migrations.command", description="Bring the database to the newest schema."
    )
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 when something is missing")
    parser.add_argument(
        "--draft", nargs=2, metavar=("STREAM", "MESSAGE"), help="write the next revision of a stream (for developers)"
    )
    options = parser.parse_args(words)
    gc.freeze()
    gc.enable()
    read, unreadable = startup.read()
    try:
        startup.judge(read, Part.MIGRATIONS, unreadable=unreadable)
        distinct(installed())
    except (LookupError, ValueError) as refused:
        startup.leave(refused)
    try:
        code = asyncio.run(_run(options))
    except Exception as fault:
        if (said := why_not(fault)) is None:
            raise
        startup.leave(Unavailable(said))
    sys.exit(code)


if __name__ == "__main__":
    main()
