"""A database with the vehicle service's schema: as the product reaches it, and by the driver alone."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from adapters.postgres.database import Database
from kinds.vehicle_service.operations import OPERATIONS
from settings import Stores
from tests.rows import connect


@pytest.fixture
async def rows(postgres: str) -> AsyncIterator["asyncpg.Connection[Any]"]:
    connection = await connect(postgres)
    yield connection
    await connection.close()


@pytest.fixture
async def database(postgres: str) -> AsyncIterator[Database]:
    database = Database(Stores(postgresql_url=postgres), OPERATIONS.storage.schema)
    yield database
    await database.close()
