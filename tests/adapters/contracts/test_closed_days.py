"""Days that are closed while bookings reserve slots of them, in PostgreSQL."""

import asyncio
import itertools
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import orjson
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.pages import Slice
from adapters.postgres.listings import page_of
from domain.errors import SlotTaken
from kinds.vehicle_service.postgres.closures import TO_MOVE, add_closure, why_closed
from tests.adapters.contracts.shops import PLENTY, SINGLE, RealShop, new_booking, opened

ZONE = "Asia/Kolkata"
WAITS = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()")
LATE = """INSERT INTO timeslots (id, name, start_time, end_time)
    OVERRIDING SYSTEM VALUE VALUES (9, 'Late', '22:00', '00:00')"""
_DAYS = itertools.count()


@pytest.fixture
def closed_day() -> date:
    """A day that no other test uses."""
    return datetime.now(ZoneInfo(ZONE)).date() + timedelta(days=500 + 10 * next(_DAYS))


async def close(connection: AsyncConnection, day: date, **more: time | str) -> list[int]:
    """Close the day; answers the bookings that have to be moved."""
    row = {"first_date": day, "last_date": day, "opens": None, "closes": None, "reason": None, **more}
    added = await add_closure(connection, row, day - timedelta(days=1))
    found = await page_of(connection, TO_MOVE, Slice(100), id=added["id"], zone=ZONE)
    return [each["booking_id"] for each in orjson.loads(found.rows)]


async def waiting(connection: AsyncConnection, many: int) -> None:
    """Until so many wait for a lock."""
    while (await connection.execute(WAITS)).scalar_one() < many:
        await connection.execute(text("SELECT pg_stat_clear_snapshot()"))


async def test_who_closes_a_day_waits_for_a_booking_that_is_being_opened_and_is_told_of_it(database, closed_day):
    shop = RealShop(database)
    first, booking = (await opened(shop, closed_day)).booking, new_booking(closed_day).booking

    async def closing() -> list[int]:
        async with database.write.begin() as connection:
            return await close(connection, closed_day)

    async with database.write.begin() as somebody:
        await somebody.execute(text("SELECT used FROM slot_usage WHERE on_date = :day FOR UPDATE"), {"day": closed_day})
        opening = asyncio.create_task(shop.store.open(booking, "open"))
        await waiting(somebody, 1)
        closes = asyncio.create_task(closing())
        await waiting(somebody, 2)
        assert not closes.done()
    await opening
    assert await closes == [first.id, booking.id]


async def test_who_takes_a_slot_of_a_day_that_is_being_closed_waits_and_hears_why_it_is_closed(database, closed_day):
    shop, booking = RealShop(database), new_booking(closed_day).booking
    async with database.write.begin() as connection:
        assert await close(connection, closed_day, reason="Diwali") == []
        opening = asyncio.create_task(shop.store.open(booking, "open"))
        await waiting(connection, 1)
        assert not opening.done()
    with pytest.raises(SlotTaken, match=f"the Morning slot on {closed_day} is not offered: Diwali"):
        await opening
    assert await shop.held(booking.id) == {}


async def test_of_many_who_book_while_their_day_is_closed_each_is_refused_or_has_to_be_moved(database, closed_day):
    shop = RealShop(database)

    async def closing() -> list[int]:
        async with database.write.begin() as connection:
            return await close(connection, closed_day)

    *made, to_move = await asyncio.gather(
        *(opened(shop, closed_day) for _ in range(8)), closing(), return_exceptions=True
    )
    refused = [each for each in made if isinstance(each, SlotTaken)]
    assert len(refused) + len(to_move) == len(made)
    assert sorted(to_move) == sorted(each.booking.id for each in made if not isinstance(each, SlotTaken))


async def test_a_booking_that_is_over_has_not_to_be_moved(database, closed_day):
    shop, told = RealShop(database), new_booking(closed_day)
    await shop.store.open(told.booking, "open")
    await shop.store.project(told.cancelled().booking, "cancel", freed=["pickup", "drop"])
    async with database.write.begin() as connection:
        assert await close(connection, closed_day) == []


@pytest.mark.parametrize(
    ("part", "offered"),
    [
        ({}, []),
        ({"closes": time(12)}, ["Morning"]),
        ({"closes": time(13)}, ["Morning", "Lunch"]),
        ({"opens": time(8)}, ["Morning", "Lunch", "Late"]),
        ({"opens": time(9)}, ["Lunch", "Late"]),
        ({"closes": time(23, 59)}, ["Morning", "Lunch"]),
        ({"opens": time(12), "closes": time(14)}, ["Lunch"]),
    ],
    ids=str,
)
async def test_of_a_part_of_a_day_the_slots_are_offered_that_lie_within_it(database, closed_day, part, offered):
    async with database.write.connect() as connection:
        await connection.execute(text(LATE))
        await close(connection, closed_day, **part)
        slots = {"Morning": PLENTY.id, "Lunch": SINGLE.id, "Late": 9}
        closed = {name: await why_closed(connection, closed_day, slot) for name, slot in slots.items()}
        await connection.rollback()
    assert [name for name, why in closed.items() if why is None] == offered
