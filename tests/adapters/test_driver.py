"""Statements by the driver itself: their faults are told as SQLAlchemy tells them, and no connection is spoilt."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from adapters.postgres import driver
from adapters.postgres.database import Database, counting
from adapters.postgres.driver import Prepared
from settings import Stores
from tests.api.concurrent import until

NUMBER = Prepared("SELECT CAST(:number AS int) AS number, 1::int AS one, CAST(:number AS int) + 1 AS next")
MINE = Prepared("SELECT pg_backend_pid() AS pid")
SLEEP = Prepared("SELECT pg_sleep(60)")
ASLEEP = "SELECT pid FROM pg_stat_activity WHERE state = 'active' AND query = $1"

Opened = Callable[..., Database]


@pytest.fixture
async def opened(postgres: str) -> AsyncIterator[Opened]:
    """Databases with few connections, so that a spoilt one would be met again: one, or three of which one is kept."""
    databases = []

    def database(**more: Any) -> Database:
        databases.append(Database(Stores(**{"postgresql_url": postgres, "postgresql_pool": 1, **more}), "public"))
        return databases[-1]

    yield database
    for each in databases:
        await each.close()


@pytest.fixture
async def other(postgres: str) -> AsyncIterator[Any]:
    """A connection beside it."""
    connection = await asyncpg.connect(postgres)
    yield connection
    await connection.close()


async def asleep(database: Database, other: Any) -> tuple[asyncio.Task[Any], int]:
    """A statement that sleeps, and its session."""
    sleeping = asyncio.create_task(database.row(SLEEP))
    return sleeping, await until_asleep(other)


async def until_asleep(other: Any) -> int:
    """Its session, as soon as the server runs the statement."""

    async def begun() -> bool:
        return await other.fetchval(ASLEEP, SLEEP.sql) is not None

    await until(begun)
    return await other.fetchval(ASLEEP, SLEEP.sql)


async def test_parameters_go_by_name_and_each_statement_is_counted(opened: Opened):
    database = opened()
    with counting(database) as statements:
        row = await database.row(NUMBER, number=7)
    assert tuple(row) == (7, 1, 8)
    assert len(statements) == 1


SIZES = pytest.mark.parametrize("size", [1, 3])


@SIZES
async def test_a_statement_that_fails_keeps_its_connection(opened: Opened, size: int):
    database = opened(postgresql_pool=size)
    pid = (await database.row(MINE))["pid"]
    for statement, number in ((Prepared("SELECT 1 / CAST(:number AS int)"), 0), (NUMBER, 2**40)):
        with pytest.raises(DBAPIError) as told:
            await database.row(statement, number=number)
        assert told.value.orig.sqlstate[:2] == "22"
    assert (await database.row(MINE))["pid"] == pid


@SIZES
async def test_a_session_that_the_server_ends_is_replaced(opened: Opened, other: Any, size: int):
    database = opened(postgresql_pool=size)
    sleeping, pid = await asleep(database, other)
    await other.execute(f"SELECT pg_terminate_backend({pid})")
    with pytest.raises(DBAPIError) as told:
        await sleeping
    assert told.value.connection_invalidated or told.value.orig.sqlstate[:2] == "57"
    found = (await database.row(MINE))["pid"]
    assert found != pid
    await other.execute(f"SELECT pg_terminate_backend({found})")  # while nobody uses it

    async def replaced() -> bool:
        try:
            return (await database.row(MINE))["pid"] != found
        except DBAPIError:  # its end was on its way
            return False

    await until(replaced)


@SIZES
async def test_what_was_given_up_leaves_nothing_to_who_comes_next(opened: Opened, other: Any, size: int):
    database = opened(postgresql_pool=size)
    sleeping, _ = await asleep(database, other)
    sleeping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sleeping
    assert [(await database.row(NUMBER, number=number))["number"] for number in range(3)] == [0, 1, 2]


async def test_statements_and_waits_for_a_connection_have_an_end(opened: Opened, other: Any):
    limits = {"postgresql_pool_timeout": 0.1, "postgresql_statement_timeout": 2.0}
    database = opened(**{name: timedelta(seconds=seconds) for name, seconds in limits.items()})
    sleeping, _ = await asleep(database, other)
    with pytest.raises(PoolTimeout):
        await database.row(NUMBER, number=1)
    with pytest.raises(DBAPIError) as told:
        await sleeping
    assert told.value.orig.sqlstate == "57014"
    assert (await database.row(NUMBER, number=1))["number"] == 1


async def test_more_reads_than_connections_are_all_answered_and_some_are_given_up(opened: Opened):
    database = opened(postgresql_pool=3)
    reads = [asyncio.create_task(database.row(NUMBER, number=number)) for number in range(200)]
    await asyncio.sleep(0)
    for read in reads[::3]:
        read.cancel()
    done = await asyncio.gather(*reads, return_exceptions=True)
    answered = [row["number"] for row in done if not isinstance(row, BaseException)]
    assert set(answered) >= {number for number in range(200) if number % 3}
    pool = database.write.pool
    assert pool.checkedout() <= 1  # the one that is kept


async def test_a_slow_read_keeps_no_other_waiting(opened: Opened, other: Any):
    database = opened(postgresql_pool=3)
    sleeping, _ = await asleep(database, other)
    assert [(await database.row(NUMBER, number=number))["number"] for number in range(3)] == [0, 1, 2]
    sleeping.cancel()
    await asyncio.gather(sleeping, return_exceptions=True)


async def test_connections_that_nobody_reads_on_are_given_back(opened: Opened):
    database = opened(postgresql_pool=3)
    await database.row(NUMBER, number=1)
    assert database.write.pool.checkedout() == 1

    async def given_back() -> bool:
        return database.write.pool.checkedout() == 0

    await until(given_back)


async def test_one_that_somebody_reads_on_stays(opened: Opened, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(driver, "_KEPT_FOR", 0.5)
    database, taken = opened(postgresql_pool=3), list[Any]()
    event.listen(database.write.sync_engine, "checkout", lambda connection, *_: taken.append(connection))
    until_looked = asyncio.get_running_loop().time() + 1.2  # at least twice
    while asyncio.get_running_loop().time() < until_looked:
        await database.row(NUMBER, number=1)
        await asyncio.sleep(0.02)
    assert len(taken) == 1


async def test_a_server_that_is_not_there_is_an_outage():
    database = Database(Stores(postgresql_url="postgresql://nobody@127.0.0.1:9/none"), "public")
    with pytest.raises(DBAPIError) as told:
        await database.row(MINE)
    assert told.value.connection_invalidated
    await database.close()
