"""Copies of a database: what was migrated once is there at once."""

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from sqlalchemy import make_url

_COPIES = itertools.count(1)


@asynccontextmanager
async def copy_of(original: str) -> AsyncIterator[str]:
    """The URL of a copy, which is gone when the block ends; nobody may be connected to the original meanwhile."""
    url, name = make_url(original), f"copy_{next(_COPIES)}"
    server = await asyncpg.connect(url.set(database="postgres").render_as_string(hide_password=False))
    try:
        await server.execute(f'CREATE DATABASE {name} TEMPLATE "{url.database}"')
        yield url.set(database=name).render_as_string(hide_password=False)
        await server.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await server.close()
