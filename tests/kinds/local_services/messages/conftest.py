"""One chat for all tests of it: each talks with people of its own."""

from collections.abc import AsyncIterator

import pytest

from tests.database_copies import copy_of
from tests.kinds.local_services.messages.chat import Chat, chatting


@pytest.fixture(scope="session")
async def rows_of_chat(migrated_services: str) -> AsyncIterator[str]:
    """A database with the tables of the kind."""
    async with copy_of(migrated_services) as copy:
        yield copy


@pytest.fixture(scope="session")
async def chat(rows_of_chat: str) -> AsyncIterator[Chat]:
    """The API, and whoever talks over it."""
    async with chatting(rows_of_chat) as chat:
        yield chat
