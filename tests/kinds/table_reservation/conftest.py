"""A migrated database, as the adapters' tests have it, and a stack that runs both kinds."""

import asyncio
from collections.abc import Iterator

import asyncpg
import pytest

from devstack.stack import Stack
from tests.adapters.conftest import migrated_postgres, postgres
from tests.kinds.table_reservation.postgres.storage import SCHEMA

__all__ = ["migrated_postgres", "postgres"]

ENV = {
    "REVCARE_KINDS": "kinds.vehicle_service,tests.kinds.table_reservation",
    "REVCARE_PAYMENT_POLL": "2s",
    "REVCARE_TABLE_RESERVATION_PUBLIC_URL": "http://tables.example",
    "REVCARE_TABLE_RESERVATION_FROM_NAME": "Two Houses",
}


@pytest.fixture(scope="package")
def both_kinds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack whose workers run both kinds, each in a schema of its own; some people are known to both."""
    with Stack(tmp_path_factory.mktemp("kinds"), env=ENV, discard=True) as stack:
        asyncio.run(_prepare(stack.info["postgres"]))
        yield stack


async def _prepare(url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(
        f"INSERT INTO {SCHEMA}.users (id, role_id, first_name, last_name, email, phone)"
        f" SELECT id, (SELECT min(id) FROM {SCHEMA}.roles), first_name, last_name, email, phone"
        " FROM vehicle_service.users WHERE deleted_at IS NULL"
    )
    await connection.close()
