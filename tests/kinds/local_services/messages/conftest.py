"""One chat for all tests of it: each talks with people of its own."""

from collections.abc import AsyncIterator

import asyncpg
import pytest
from sqlalchemy import make_url

from tests.kinds.local_services.messages.chat import Chat, chatting, prepared


@pytest.fixture(scope="session")
async def rows_of_chat(migrated_postgres: str) -> AsyncIterator[str]:
    """A database with the tables of the kind."""
    url = make_url(migrated_postgres)
    server = await asyncpg.connect(url.set(database="postgres").render_as_string(hide_password=False))
    try:
        await server.execute(f'CREATE DATABASE chat TEMPLATE "{url.database}"')
        made = url.set(database="chat").render_as_string(hide_password=False)
        await prepared(made)
        yield made
        await server.execute("DROP DATABASE chat WITH (FORCE)")
    finally:
        await server.close()


@pytest.fixture(scope="session")
async def chat(rows_of_chat: str) -> AsyncIterator[Chat]:
    """The API, and whoever talks over it."""
    async with chatting(rows_of_chat) as chat:
        yield chat
