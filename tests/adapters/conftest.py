"""One PostgreSQL server for all tests of the rows; each module has a database of its own in it."""

import itertools
from collections.abc import AsyncIterator, Iterator

import asyncpg
import pytest
from sqlalchemy import make_url

from devstack.stack import Stack

_NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def migrated_postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server with a migrated database that nobody uses: the others are copies of it."""
    with Stack(tmp_path_factory.mktemp("postgres"), parts={"postgres", "migrate"}, discard=True) as stack:
        yield stack.info["postgres"]


@pytest.fixture(scope="module")
async def postgres(migrated_postgres: str) -> AsyncIterator[str]:
    """A migrated database of this module."""
    url = make_url(migrated_postgres)
    name = f"copy_{next(_NUMBERS)}"
    server = await asyncpg.connect(url.set(database="postgres").render_as_string(hide_password=False))
    try:
        await server.execute(f'CREATE DATABASE {name} TEMPLATE "{url.database}"')
        yield url.set(database=name).render_as_string(hide_password=False)
        await server.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await server.close()
