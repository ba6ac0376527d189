"""Databases of a test's own, on a server that is there. A copy has at once what was migrated once."""

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from sqlalchemy import make_url

_COPIES = itertools.count(1)


@asynccontextmanager
async def new_database(server: str, name: str, template: str = "template1") -> AsyncIterator[str]:
    """The URL of a database beside that of ``server``, which is gone when the block ends."""
    url = make_url(server)
    connection = await asyncpg.connect(url.set(database="postgres").render_as_string(hide_password=False))
    try:
        await connection.execute(f'CREATE DATABASE {name} TEMPLATE "{template}"')
        yield url.set(database=name).render_as_string(hide_password=False)
        await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await connection.close()


@asynccontextmanager
async def copy_of(original: str) -> AsyncIterator[str]:
    """The URL of a copy, which is gone when the block ends; nobody may be connected to the original meanwhile."""
    async with new_database(original, f"copy_{next(_COPIES)}", str(make_url(original).database)) as copy:
        yield copy
