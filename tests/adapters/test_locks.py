"""The lock order holds: no two transactions that share rows wait for each other in a circle."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest
from sqlalchemy import make_url, text

from adapters.postgres.database import Database
from domain.errors import BookingError, NotFound
from kinds.vehicle_service.postgres.storage import STORAGE
from settings import Stores
from tests.adapters.shared_rows import (
    MISCOUNTED,
    TRANSACTIONS,
    Scene,
    Shop,
    Transaction,
    moves,
    opens,
    prepare,
    removes_a_service,
)
from tests.adapters.turns import Turns, take_turns
from tests.kinds.vehicle_service.people import RAVI

MEETINGS = [(*pair, lead) for pair in product(TRANSACTIONS, repeat=2) for lead in range(2)]
"""Two transactions, each on either side, and how many statements the first one leads by."""
ONE_LEAD_EACH = [
    (first, second, lead)
    for first, second, lead in MEETINGS
    if lead == (TRANSACTIONS.index(first) > TRANSACTIONS.index(second))
]
"""Every two of them on either side, with a lead on one of the two: half the time."""
PAIRS_AT_ONCE = 8
POOL = 3 * PAIRS_AT_ONCE
"""Two connections for each pair, beside the third of a pool that ``Database.row`` keeps while it is in use."""
MOVES, OPENS = Transaction(moves, on_a_booking=True), Transaction(opens)


@pytest.fixture(scope="module")
async def database(postgres: str) -> AsyncIterator[Database]:
    """A server that finds a deadlock at once, so that one costs no second.

    A lock is waited for long: who holds it takes a turn of ``WAITS_FOR_A_LOCK`` after each of up to sixty statements.
    """
    waits = {"postgresql_lock_timeout": timedelta(minutes=1), "postgresql_statement_timeout": timedelta(minutes=2)}
    database = Database(Stores(postgresql_url=postgres, postgresql_pool=POOL, **waits), STORAGE.schema)
    async with database.write.begin() as connection:
        await connection.execute(
            text(f"ALTER DATABASE \"{make_url(postgres).database}\" SET deadlock_timeout = '50ms'")
        )
    await database.close()  # new connections have the new setting
    take_turns(database)
    yield database
    await database.close()


@pytest.fixture(scope="module")
async def shop(database: Database) -> Shop:
    shop = Shop(database)
    await shop.furnish()
    return shop


@pytest.mark.parametrize(
    ("meetings", "number"),
    [
        pytest.param(ONE_LEAD_EACH, 1, id="one-lead-each"),
        pytest.param(MEETINGS, 1_001, id="every-lead", marks=pytest.mark.long),
    ],
)
async def test_every_two_transactions_on_shared_rows_end_without_a_deadlock(shop, meetings, number):
    scenes = await prepare(shop, [(first, second) for first, second, _ in meetings], first=number)
    free = asyncio.Semaphore(PAIRS_AT_ONCE)

    async def meet(scene: Scene, first: Transaction, second: Transaction, lead: int) -> list[str]:
        turns = Turns(lead)
        async with free:
            ended = await asyncio.gather(
                turns.take(0, first.run(scene, 0)), turns.take(1, second.run(scene, 1)), return_exceptions=True
            )
        faults = [each for each in ended if isinstance(each, BaseException) and not isinstance(each, BookingError)]
        return [f"{first.name}, {lead} statements later {second.name}: {fault}"[:300] for fault in faults]

    met = await asyncio.gather(*(meet(scene, *meeting) for scene, meeting in zip(scenes, meetings, strict=True)))
    found = [line for lines in met for line in lines]
    assert not found, "\n".join(found)
    async with shop.database.read.connect() as connection:
        assert (await connection.execute(MISCOUNTED)).all() == [], "what is counted is what is held"


async def test_whoever_wants_a_service_that_was_removed_meanwhile_is_refused_and_nothing_is_written(shop):
    at_work, idle = await prepare(shop, [(MOVES, MOVES), (OPENS, OPENS)], first=10_001)
    await removes_a_service(idle, 0)
    new = idle.builder(2, 0, car=2).booking
    with pytest.raises(NotFound, match="removed from the catalogue"):
        await shop.bookings.open(new, "open")
    recommended = at_work.builder(0, 0, car=0).pickup_assigned(replace(RAVI, id=at_work.mechanic)).booking
    recommended.lines.append(new.lines[0])
    with pytest.raises(NotFound, match="removed from the catalogue"):
        await shop.bookings.project(recommended, "analyse")
    with pytest.raises(NotFound):
        await shop.bookings.load(new.id)
    assert (await shop.bookings.load(recommended.id)).version == 1
