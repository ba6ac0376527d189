"""The shared stack, whose workers run both kinds, with people of the second."""

import asyncio

import asyncpg
import pytest

from devstack.stack import Stack
from tests.kinds.table_reservation.postgres.storage import SCHEMA


@pytest.fixture(scope="session")
def both_kinds(stack: Stack) -> Stack:
    """The shared stack: each kind has a schema of its own; the people of the demo are known to both."""
    asyncio.run(_prepare(stack.info["postgres"]))
    return stack


async def _prepare(url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(
        f"INSERT INTO {SCHEMA}.users (id, role_id, first_name, last_name, email, phone)"
        f" SELECT id, (SELECT min(id) FROM {SCHEMA}.roles), first_name, last_name, email, phone"
        " FROM vehicle_service.users WHERE deleted_at IS NULL ON CONFLICT DO NOTHING"
    )
    await connection.close()
