"""What the recovery has found, as the API reads it."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from adapters.postgres.database import Database
from adapters.postgres.schemas import PUBLIC
from adapters.postgres.workflow_problems import WorkflowProblemRows
from domain.recovery import BookingRef, Problem, WorkflowProblem
from settings import Stores

LOST, COMPLETE, FAILS = (
    WorkflowProblem(BookingRef("vehicle_service", number), problem, f"why {number}")
    for number, problem in ((1, Problem.MISSING), (2, Problem.ENDED), (3, Problem.FAILING))
)


@pytest.fixture
async def database(postgres: str) -> AsyncIterator[Database]:
    database = Database(Stores(postgresql_url=postgres), PUBLIC)
    async with database.write.begin() as connection:
        await connection.execute(text("TRUNCATE workflow_problems, workflow_recovery"))
    yield database
    await database.close()


async def since(database: Database) -> dict[int, object]:
    async with database.read.connect() as connection:
        rows = await connection.execute(text("SELECT booking_id, since FROM workflow_problems"))
        return {row.booking_id: row.since for row in rows}


async def test_before_the_first_look_nothing_is_wrong(database):
    standing = await WorkflowProblemRows(database).standing()
    assert (standing.looked_at, standing.stopped_at) == (None, None)
    assert (standing.polled, standing.missing, standing.failing, standing.restarted) == (True, 0, 0, 0)


async def test_a_look_takes_the_place_of_the_one_before_and_a_problem_that_stays_keeps_its_time(database):
    rows = WorkflowProblemRows(database)
    await rows.replace([LOST, COMPLETE, FAILS], 7, polled=True)
    first = await since(database)
    await rows.replace([COMPLETE], 0, polled=False)
    assert await since(database) == {2: first[2]}
    assert await rows.of_kind("vehicle_service") == [2]
    assert await rows.of_kind("another") == []
    standing = await rows.standing()
    assert (standing.polled, standing.missing, standing.failing) == (False, 1, 0)


async def test_a_booking_that_was_started_again_is_no_problem_any_more_and_counted(database):
    rows = WorkflowProblemRows(database)
    await rows.replace([LOST, FAILS], 1, polled=True)
    await rows.solved(LOST.booking)
    standing = await rows.standing()
    assert (standing.missing, standing.failing, standing.restarted) == (0, 1, 1)
    assert list(await since(database)) == [3]


async def test_it_is_stopped_until_it_goes_on(database):
    rows = WorkflowProblemRows(database)
    await rows.stopped(True)
    await rows.replace([], 0, polled=True)
    assert (await rows.standing()).stopped_at is not None
    await rows.stopped(False)
    assert (await rows.standing()).stopped_at is None
