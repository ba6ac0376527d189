"""``python -m devstack.seed PACKAGE=PATH ..``: fill an empty database, each kind's demo logins go to its PATH."""

import gc

if __name__ == "__main__":
    gc.disable()  # what is imported stays: looking for garbage in it takes a third of the time of a start

import argparse
import asyncio
import json
import os
from pathlib import Path

from sqlalchemy import text

import kinds
import settings
from adapters.mongo import MongoDatabase
from adapters.postgres.database import Database
from devstack.kinds import People, seed_of
from kind_settings import settings_by_kind

_LOCK = 7_383_827_202


async def seed(package: str, path: Path) -> None:
    """One transaction: a seed that fails leaves nothing behind and can be run again."""
    config = settings.load()
    storage = kinds.load_storage(package.removeprefix("devstack."))
    stores = settings_by_kind([storage.kind.name], config)[storage.kind.name].stores
    kept = path.exists()  # noqa: ASYNC240 - a command of one task
    database, mongo = Database(stores, storage.schema), MongoDatabase(stores)
    try:
        async with database.write.begin() as connection:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            seeded = await seed_of(package)(connection, mongo, kept=kept)
        if seeded.people is not None:
            keep(seeded.people, path)
            show(seeded.people)
        print(f"seeded {seeded.rows} rows" if seeded.rows else "the database is seeded already")
    finally:
        mongo.close()
        await database.close()


def keep(people: People, path: Path) -> None:
    """Write the people's file for its owner alone, in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(people, file, indent=1)
    draft.replace(path)


def show(people: People) -> None:
    """Print the logins, once: nothing else says the passwords later but the private file."""
    for role, found in people.items():
        for person in found if isinstance(found, list) else [found]:
            print(
                f"{role.removesuffix('s'):9} {person['id']}  {person['phone']}  {person['password']}  {person['name']}"
            )


async def seed_all(data_sets: list[str]) -> None:
    """One kind after the other, for each has a schema and a database of its own."""
    for package, path in (each.split("=", 1) for each in data_sets):
        await seed(package, Path(path))


def main() -> None:
    """Read the arguments and seed."""
    parser = argparse.ArgumentParser(prog="python -m devstack.seed", description=__doc__)
    what = "a data set (devstack.kinds.vehicle_service) and the file of its demo logins"
    parser.add_argument("data_sets", nargs="+", metavar="PACKAGE=PATH", help=what)
    asyncio.run(seed_all(parser.parse_args().data_sets))


if __name__ == "__main__":
    main()
