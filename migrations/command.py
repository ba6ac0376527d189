"""Bring the database to the newest schema: ``python -m migrations.command``.

One transaction under an advisory lock: processes that start at once wait for each other, and a failed migration leaves
nothing behind. ``--check`` changes nothing and exits 1 when a migration is missing or the tables differ from the mapped
classes; ``--draft "what changes"`` writes the next revision from that difference.

A migration waits for a lock on a table only for moments: whoever wants the same table queues up behind it. When a
backup or a long read has the table, everything is undone and tried again after a pause.
"""

import argparse
import asyncio
import re
import sys
import time
from datetime import timedelta
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

import settings
from adapters.postgres.engine import Database
from kinds.vehicle_service.postgres.tables import Base
from migrations.essentials import insert_essentials
from settings import Stores

_LOCK = 7_383_827_201  # any number, the same in every process
_LOCK_TIMEOUT = timedelta(seconds=3)
_PAUSE = 5.0
_TRY_FOR = timedelta(minutes=40)  # a backup takes up to 30
_BUSY = ("55P03", "57014", "40P01")


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    return config


def upgrade(connection: Connection) -> str:
    """Apply what is missing and put the rows in place that the code relies on; says what was done."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    before = _current(connection)
    command.upgrade(_config(connection), "head")
    insert_essentials(connection)
    after = _current(connection)
    return f"schema is at {after}" if before == after else f"schema went from {before or 'nothing'} to {after}"


def differences(connection: Connection) -> list[str]:
    """What keeps this database from being the one that the code expects."""
    head = ScriptDirectory.from_config(_config(connection)).get_current_head()
    if (current := _current(connection)) != head:
        return [f"schema is at {current or 'nothing'}, the newest is {head}"]
    context = MigrationContext.configure(connection)
    return [str(difference) for difference in compare_metadata(context, Base.metadata)]


def draft(connection: Connection, message: str) -> str:
    """Write the next revision from the difference between the tables and the mapped classes."""
    config = _config(connection)
    count = len(list(ScriptDirectory.from_config(config).walk_revisions()))
    revision = f"{count + 1:04d}"
    slug = re.sub(r"[^a-z0-9]+", "_", message.lower()).strip("_")
    config.set_main_option("file_template", f"v{revision}_{slug}")
    command.revision(config, message=message, autogenerate=True, rev_id=revision)
    return f"wrote v{revision}_{slug}.py: read it before you trust it"


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


async def migrate(database: Database, *, pause: float = _PAUSE, try_for: timedelta = _TRY_FOR) -> str:
    """Upgrade, as often as other users of the tables make it necessary; says what was done.

    Raises:
        DBAPIError: a migration failed, or the tables were in use all the time.
    """
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
    database = Database(_patient(settings.load().stores))
    try:
        if not options.check and not options.draft:
            print(await migrate(database))
            return 0
        async with database.write.begin() as connection:
            if options.check:
                found = await connection.run_sync(differences)
                print("\n".join(found) or "schema is as the code expects")
                return 1 if found else 0
            print(await connection.run_sync(draft, options.draft))
            return 0
    finally:
        await database.close()


def main() -> None:
    """The ``revcare-migrate`` command."""
    parser = argparse.ArgumentParser(prog="revcare-migrate", description="Bring the database to the newest schema.")
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 when something is missing")
    parser.add_argument("--draft", metavar="MESSAGE", help="write the next revision (for developers)")
    sys.exit(asyncio.run(_run(parser.parse_args())))


if __name__ == "__main__":
    main()
