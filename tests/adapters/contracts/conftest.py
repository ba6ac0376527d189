"""A database with two timeslots, and the store of the contract on it or in memory."""

import itertools
from collections.abc import AsyncIterator
from datetime import date, timedelta

import pytest
from sqlalchemy import make_url, text

from adapters.postgres.database import Database
from kinds.vehicle_service.postgres.storage import STORAGE
from settings import Stores
from tests.adapters.contracts.shops import CAPACITY, PLENTY, SINGLE, FakeShop, RealShop

FIRST_DAY = date(2031, 1, 1)
_DAYS = itertools.count()


@pytest.fixture(scope="module")
async def database(postgres: str) -> AsyncIterator[Database]:
    """The schema with two timeslots; people, cars and services that rows refer to are not this contract's subject."""
    database = Database(Stores(postgresql_url=postgres), STORAGE.schema)
    async with database.write.begin() as connection:
        await connection.execute(
            text(f'ALTER DATABASE "{make_url(postgres).database}" SET session_replication_role = replica')
        )
        for slot in (PLENTY, SINGLE):
            await connection.execute(
                text(
                    "INSERT INTO timeslots (id, name, start_time, end_time, capacity) OVERRIDING SYSTEM VALUE "
                    "VALUES (:id, :name, CAST(:start AS text)::time, CAST(:until AS text)::time, :capacity)"
                ),
                {
                    "id": slot.id,
                    "name": slot.name,
                    "start": slot.start_time,
                    "until": slot.end_time,
                    "capacity": CAPACITY[slot.id],
                },
            )
    await database.close()  # new connections have the new setting
    yield database
    await database.close()


@pytest.fixture(params=["fake", "real"])
def shop(request: pytest.FixtureRequest) -> FakeShop | RealShop:
    return FakeShop() if request.param == "fake" else RealShop(request.getfixturevalue("database"))


@pytest.fixture
def day() -> date:
    """A day that no other test uses."""
    return FIRST_DAY + timedelta(days=10 * next(_DAYS))
