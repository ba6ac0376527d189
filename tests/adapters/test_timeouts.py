"""Nothing waits for PostgreSQL without an end: not for a lock, not for a statement, not for a client that is gone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

import worker
from adapters import resources
from adapters.postgres.database import Database
from kinds.vehicle_service.postgres.storage import STORAGE
from migrations import command
from migrations.command import migrate
from settings import Settings, Stores
from tests.relay import relayed
from tests.rows import connect

A_TASK = timedelta(seconds=10)
"""That Temporal gives a worker for a workflow task; no workflow of ours asks for another time."""
HOLD = "UPDATE roles SET name = name WHERE id = 1"


def sqlstate(failure: pytest.ExceptionInfo[DBAPIError]) -> str:
    return str(getattr(failure.value.orig, "sqlstate", ""))


@pytest.fixture
async def database(postgres: str) -> AsyncIterator[Database]:
    """A pool of two whose every limit is short."""
    database = Database(
        Stores(
            postgresql_url=postgres,
            postgresql_pool=2,
            postgresql_pool_timeout=timedelta(seconds=1),
            postgresql_statement_timeout=timedelta(seconds=1),
            postgresql_lock_timeout=timedelta(milliseconds=300),
            postgresql_idle_timeout=timedelta(milliseconds=300),
        ),
        STORAGE.schema,
    )
    yield database
    await database.close()


@pytest.fixture
async def somebody(postgres: str) -> AsyncIterator["asyncpg.Connection[Any]"]:
    """Somebody else's session, without any limit."""
    connection = await connect(postgres)
    yield connection
    await connection.close()


async def test_a_statement_gives_up_a_lock_that_somebody_keeps_and_the_connection_serves_on(database, somebody):
    async with somebody.transaction():
        await somebody.execute(HOLD)
        with pytest.raises(DBAPIError) as refused:
            async with database.write.begin() as connection:
                await connection.execute(text(HOLD))
    assert sqlstate(refused) == "55P03"
    async with database.write.begin() as connection:
        await connection.execute(text(HOLD))


async def test_a_long_statement_is_cancelled_by_the_server(database):
    with pytest.raises(DBAPIError) as refused:
        async with database.read.connect() as connection:
            await connection.execute(text("SELECT pg_sleep(30)"))
    assert sqlstate(refused) == "57014"


async def test_a_transaction_that_does_nothing_is_ended_and_its_locks_are_free(database, somebody):
    async with database.write.connect() as connection:
        await connection.execute(text(HOLD))
        async with somebody.transaction():
            await asyncio.wait_for(somebody.execute(HOLD), 20)
        with pytest.raises(DBAPIError):
            await connection.execute(text("SELECT 1"))
        await connection.invalidate()


async def test_the_driver_gives_up_a_server_that_says_nothing_and_takes_another_connection(database):
    async with database.read.connect() as connection:
        await connection.execute(text("SET statement_timeout = 0"))
        with pytest.raises(TimeoutError):
            await connection.execute(text("SELECT pg_sleep(100)"))
    async with database.read.connect() as connection:
        assert (await connection.execute(text("SHOW statement_timeout"))).scalar() == "1s"


async def test_a_session_that_ends_just_when_it_is_used_is_a_lost_connection_and_the_next_one_serves(
    postgres, somebody
):
    async with relayed(postgres) as (relay, url):
        database = Database(Stores(postgresql_url=url, postgresql_pool=1), STORAGE.schema)
        async with database.read.connect() as connection:
            pid = (await connection.execute(text("SELECT pg_backend_pid()"))).scalar_one()
            with relay.holding_ends():
                await somebody.execute("SELECT pg_terminate_backend($1)", pid)
                await relay.ended.wait()
                await asyncio.sleep(0.01)  # a turn of the loop, in which the driver reads what was passed on
                with pytest.raises(OperationalError) as lost:
                    await connection.execute(text("SELECT 1"))
        assert lost.value.connection_invalidated
        async with database.read.connect() as connection:
            assert (await connection.execute(text("SELECT pg_backend_pid()"))).scalar_one() != pid
        await database.close()


async def test_who_gets_no_connection_is_told_after_the_pools_time(database):
    async with database.read.connect(), database.read.connect():
        with pytest.raises(PoolTimeout):
            async with database.read.connect():
                pass


async def test_a_migration_lets_others_pass_until_it_gets_its_locks(database, somebody):
    """A dump reads the table for long; who migrates may wait for it, but not make everybody else wait."""
    readers = Database(Stores(postgresql_url=database.write.url.render_as_string(hide_password=False)), STORAGE.schema)
    transaction = somebody.transaction()
    await transaction.start()
    await somebody.execute("LOCK TABLE permissions, statuses IN SHARE MODE")
    migrating = asyncio.create_task(migrate(database, pause=0.05))
    for _ in range(5):
        async with readers.read.connect() as connection:
            await connection.execute(text("SELECT count(*) FROM statuses"))
        await asyncio.sleep(0.2)
    assert not migrating.done()
    await transaction.commit()
    assert (await migrating).startswith("schemas are at")
    await readers.close()


async def test_a_migration_that_never_gets_its_locks_fails_and_changes_nothing(database, somebody):
    async with somebody.transaction():
        await somebody.execute("LOCK TABLE statuses IN SHARE MODE")
        with pytest.raises(DBAPIError) as refused:
            await migrate(database, pause=0.05, try_for=timedelta(seconds=0.5))
    assert sqlstate(refused) == "55P03"


async def test_the_command_that_migrates_has_time_for_its_statements_but_waits_for_a_lock_for_moments(postgres):
    """Else every reader and writer of a table that a backup dumps would wait behind it, for up to half an hour."""
    database = Database(command._patient(Stores(postgresql_url=postgres)), STORAGE.schema)
    async with database.write.connect() as connection:
        shown = [
            (await connection.execute(text(f"SHOW {name}_timeout"))).scalar_one() for name in ("lock", "statement")
        ]
    await database.close()
    assert shown == ["3s", "1h"]


async def test_what_a_worker_sends_ends_before_another_one_may_write_in_its_place(monkeypatch, postgres):
    """A session carries a statement out though its worker has died, whose task another one gets after ten seconds."""

    @asynccontextmanager
    async def nobody() -> AsyncIterator[None]:
        yield

    monkeypatch.setattr(resources, "connecting", nobody)  # Temporal is not asked
    settings = Settings(stores=Stores(postgresql_url=postgres, postgresql_statement_timeout=timedelta(minutes=1)))
    limits = {"pool_timeout": worker.POOL_TIMEOUT, "statement_timeout": worker.STATEMENT_TIMEOUT}
    async with resources.open_resources(settings, **limits) as opened, opened.database.read.connect() as connection:
        limit = (await connection.execute(text("SHOW statement_timeout"))).scalar_one()
    assert limit == "5s"
    assert timedelta(seconds=5) == worker.STATEMENT_TIMEOUT < A_TASK
