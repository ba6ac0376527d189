"""A database with two timeslots, and the store of the contract on it or in memory."""

import itertools
from collections.abc import AsyncIterator
from datetime import date, timedelta

import pytest

from adapters.postgres.database import Database
from tests.adapters.contracts.shops import CAPACITY, PLENTY, SINGLE, FakeShop, RealShop
from tests.kinds.vehicle_service.timeslots import database_with_timeslots

FIRST_DAY = date(2031, 1, 1)
_DAYS = itertools.count()


@pytest.fixture(scope="module")
async def database(postgres: str) -> AsyncIterator[Database]:
    """The schema with two timeslots; people, cars and services that rows refer to are not this contract's subject."""
    async with database_with_timeslots(postgres, {slot: CAPACITY[slot.id] for slot in (PLENTY, SINGLE)}) as database:
        yield database


@pytest.fixture(params=["fake", "real"])
def shop(request: pytest.FixtureRequest) -> FakeShop | RealShop:
    return FakeShop() if request.param == "fake" else RealShop(request.getfixturevalue("database"))


@pytest.fixture
def day() -> date:
    """A day that no other test uses."""
    return FIRST_DAY + timedelta(days=10 * next(_DAYS))
