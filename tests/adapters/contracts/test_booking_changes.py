"""Who listens to a booking hears of each version; of a booking that nobody listens to no word is sent."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest
from sqlalchemy import text

from adapters.postgres.booking_changes import BookingChanges, Subscription
from adapters.postgres.database import Database
from adapters.postgres.driver import ConnectionRunner
from adapters.postgres.projection import CHANNEL, Projection
from kinds.vehicle_service.domain.kind import VEHICLE_SERVICE
from kinds.vehicle_service.postgres.storage import STORAGE
from tests.adapters.contracts.shops import RealShop, opened
from tests.api.concurrent import until

LISTENERS = (
    "FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'SELECT id FROM unnest%lock_shared%'"
)


@pytest.fixture
def real(database: Database) -> RealShop:
    return RealShop(database)


@pytest.fixture
async def changes(postgres: str) -> AsyncIterator[BookingChanges]:
    changes = BookingChanges(postgres)
    yield changes
    await changes.close()


@pytest.fixture
async def sent(postgres: str) -> AsyncIterator[list[int]]:
    """The bookings of which PostgreSQL sent word, in their order."""
    connection, sent = await asyncpg.connect(postgres), []
    await connection.add_listener(CHANNEL, lambda *told: sent.append(int(told[-1].partition(":")[0])))
    yield sent
    await connection.close()


async def test_word_is_sent_of_bookings_that_somebody_listens_to_alone(real, day, changes, sent):
    watched, other = await opened(real, day), await opened(real, day)
    with changes.subscribe(watched.booking.id) as subscription:
        assert await subscription.changed(30)
        await real.store.project(other.pickup_assigned().booking, "assign")
        await real.store.project(watched.pickup_assigned().booking, "assign")
        assert await subscription.changed(30)
    assert await real.version(watched.booking.id) == 2
    assert [each for each in sent if each in (watched.booking.id, other.booking.id)] == [watched.booking.id]


async def test_who_begins_to_listen_while_a_version_is_written_hears_of_it(real, database, day, changes):
    told = await opened(real, day)

    async def version_that_is_seen(subscription: Subscription) -> int | None:
        assert await subscription.changed(30)
        return await real.version(told.booking.id)

    async def asked() -> bool:
        async with database.read.connect() as connection:
            return bool((await connection.execute(text(f"SELECT count(*) {LISTENERS}"))).scalar())

    moved = told.pickup_assigned().booking
    async with database.write.begin() as connection:
        assert await Projection(VEHICLE_SERVICE, STORAGE).write(ConnectionRunner(connection), moved, "assign")
        with changes.subscribe(told.booking.id) as subscription:
            seen = asyncio.create_task(version_that_is_seen(subscription))
            await until(asked)
            await connection.commit()
            assert await seen == 2


async def test_a_connection_that_is_lost_is_made_anew_and_heard_on(real, database, day, changes):
    told = await opened(real, day)
    with changes.subscribe(told.booking.id) as subscription:
        assert await subscription.changed(30)
        async with database.read.connect() as connection:
            await connection.execute(text(f"SELECT pg_terminate_backend(pid) {LISTENERS}"))
        assert await subscription.changed(30)
        await real.store.project(told.pickup_assigned().booking, "assign")
        assert await subscription.changed(30)
        assert await real.version(told.booking.id) == 2
