"""Transactions by the driver itself: whole or not at all, and no connection is spoilt by one that fails."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError

from adapters.postgres.database import Database, counting
from adapters.postgres.driver import ConnectionRunner, Prepared, Transaction
from settings import Stores
from tests.adapters.test_driver import MINE, SIZES, SLEEP, Opened, opened, other, until_asleep
from tests.api.concurrent import until

__all__ = ["opened", "other"]

CREATE = "CREATE TABLE IF NOT EXISTS driver_notes (id int PRIMARY KEY, note text)"
WRITE = Prepared("INSERT INTO driver_notes (id, note) VALUES (:id, :note)")
LATER = Prepared("SELECT count(*) AS notes FROM driver_notes WHERE id = ANY(:ids)")
DEFERRED = "ALTER TABLE driver_notes ADD CONSTRAINT once UNIQUE (note) DEFERRABLE INITIALLY DEFERRED"


@pytest.fixture
async def notes(opened: Opened, other: Any) -> Any:
    """The numbers of the notes that others see."""
    await other.execute(f"DROP TABLE IF EXISTS driver_notes; {CREATE}; {DEFERRED}")

    async def seen() -> list[int]:
        return [row["id"] for row in await other.fetch("SELECT id FROM driver_notes ORDER BY id")]

    yield seen
    await other.execute("DROP TABLE driver_notes")


Then = Callable[[Transaction], Awaitable[Any]]


async def written(database: Database, *notes: tuple[int, str], then: Then | None = None) -> None:
    """Write notes in one transaction, and then something else."""
    async with database.transaction() as transaction:
        for number, note in notes:
            await transaction.row(WRITE, id=number, note=note)
        if then is not None:
            await then(transaction)


@SIZES
async def test_its_statements_are_there_for_others_all_at_once(opened: Opened, notes: Any, size: int):
    database = opened(postgresql_pool=size)
    with counting(database) as statements:
        async with database.transaction() as transaction:
            await transaction.row(WRITE, id=1, note="one")
            await transaction.row(WRITE, id=2, note="two")
            assert (await transaction.row(LATER, ids=[1, 2]))["notes"] == 2
            assert await notes() == []
    assert await notes() == [1, 2]
    assert len(statements) == 3


@SIZES
async def test_what_is_raised_in_it_takes_it_back_and_keeps_its_connection(opened: Opened, notes: Any, size: int):
    database = opened(postgresql_pool=size)
    pid = (await database.row(MINE))["pid"]

    async def cannot(_transaction: Transaction) -> None:
        raise LookupError

    with pytest.raises(LookupError):
        await written(database, (1, "one"), then=cannot)
    with pytest.raises(IntegrityError):
        await written(database, (1, "one"), (1, "again"))
    with pytest.raises(IntegrityError):  # as late as the end
        await written(database, (1, "one"), (2, "one"))
    assert await notes() == []
    assert (await database.row(MINE))["pid"] == pid


@SIZES
async def test_one_whose_session_the_server_ends_is_an_outage_and_leaves_nothing(
    opened: Opened, other: Any, notes: Any, size: int
):
    database = opened(postgresql_pool=size)

    async def is_ended(transaction: Transaction) -> None:
        await other.execute(f"SELECT pg_terminate_backend({(await transaction.row(MINE))['pid']})")
        await transaction.row(SLEEP)

    with pytest.raises(DBAPIError) as told:
        await written(database, (1, "one"), then=is_ended)
    assert told.value.connection_invalidated or told.value.orig.sqlstate[:2] == "57"
    assert await notes() == []

    async def works_again() -> bool:
        try:
            return (await database.row(MINE))["pid"] > 0
        except DBAPIError:  # its end was on its way
            return False

    await until(works_again)


@SIZES
async def test_one_that_is_given_up_leaves_nothing_to_who_comes_next(opened: Opened, other: Any, notes: Any, size: int):
    database = opened(postgresql_pool=size)

    async def sleeps(transaction: Transaction) -> None:
        await transaction.row(SLEEP)

    sleeping = asyncio.create_task(written(database, (1, "one"), then=sleeps))
    await until_asleep(other)
    sleeping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sleeping
    async with database.transaction() as transaction:
        assert (await transaction.row(LATER, ids=[1]))["notes"] == 0
    assert await notes() == []


async def test_the_same_statements_run_on_a_connection_of_sqlalchemy(opened: Opened, notes: Any):
    colons = Prepared(r"SELECT id || '\:' || :note AS both FROM driver_notes WHERE id = CAST(:id AS int)")
    database = opened()
    async with database.write.begin() as connection:
        runner = ConnectionRunner(connection)
        assert await runner.row(WRITE, id=1, note="one") is None
        assert (await runner.row(colons, id=1, note="x"))["both"] == "1:x"
        assert await runner.row(colons, id=2, note="x") is None
    assert (await database.row(colons, id=1, note="x"))["both"] == "1:x"
    assert await notes() == [1]


async def test_a_transaction_that_cannot_begin_is_an_outage():
    database = Database(Stores(postgresql_url="postgresql://nobody@127.0.0.1:9/none"), "public")
    with pytest.raises(DBAPIError) as told:
        await written(database)
    assert told.value.connection_invalidated
    await database.close()
