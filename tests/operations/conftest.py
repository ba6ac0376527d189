"""A database of bookings alone, a sandbox, and the product's stores on both."""

from collections.abc import AsyncIterator, Iterator

import pytest

from adapters.postgres.database import Database
from devstack.razorpay import Served, serving
from tests.adapters.contracts.shops import PLENTY
from tests.kinds.vehicle_service.timeslots import database_with_timeslots
from tests.operations.lives import Shop, shop_of


@pytest.fixture(scope="module")
async def database(postgres: str) -> AsyncIterator[Database]:
    async with database_with_timeslots(postgres, {PLENTY: 500}) as database:
        yield database


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Served]:
    with serving() as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def shop(database: Database, sandbox: Served) -> Iterator[Shop]:
    with shop_of(database, sandbox) as shop:
        yield shop
