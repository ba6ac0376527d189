"""``python -m devstack.seed --people PATH``: fill an empty shop and write the demo people's logins to PATH."""

import argparse
import asyncio
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import text

import settings
from adapters.auth.security import Passwords
from adapters.mongo import Documents
from adapters.postgres.engine import Database
from devstack.seed.documents import seed_documents
from devstack.seed.people import People, keep, seed_people
from devstack.seed.shop import seed_shop

_LOCK = 7_383_827_202


async def seed(path: Path) -> None:
    """One transaction: a seed that fails leaves nothing behind and can be run again."""
    config = settings.load()
    kept = path.exists()  # noqa: ASYNC240 - a command of one task
    database, documents, passwords = Database(config.stores), Documents(config.stores), Passwords()
    try:
        async with database.write.begin() as connection:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            rows = await seed_shop(connection, config.policy.slot_capacity)
            people = await seed_people(connection, passwords, kept=kept)
        if people is not None:
            keep(people, path)
            show(people)
        await seed_documents(documents, datetime.now(UTC))
        print(f"seeded {rows} rows of the shop" if rows else "the shop is seeded already")
    finally:
        passwords.close()
        documents.close()
        await database.close()


def show(people: People) -> None:
    """Print the logins, once: nothing else says the passwords later but the private file."""
    groups = (("admin", [people["admin"]]), ("mechanic", people["mechanics"]), ("customer", people["customers"]))
    for title, group in groups:
        for person in group:
            print(f"{title:9} {person['id']}  {person['phone']}  {person['password']}  {person['name']}")


def main() -> None:
    """Read the arguments and seed."""
    parser = argparse.ArgumentParser(prog="python -m devstack.seed", description=__doc__)
    parser.add_argument("--people", type=Path, required=True, metavar="PATH", help="file of the demo logins")
    asyncio.run(seed(parser.parse_args().people))


if __name__ == "__main__":
    main()
