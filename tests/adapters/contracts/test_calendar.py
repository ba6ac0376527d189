"""The week of the shop: opening days, and capacities by day of the week, in PostgreSQL."""

import itertools
from collections.abc import AsyncIterator, Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from domain.errors import SlotTaken
from kinds.vehicle_service.postgres.free_slots import next_free_slots
from tests.adapters.contracts.shops import CAPACITY, PLENTY, RealShop, new_booking, opened

ZONE = "Asia/Kolkata"
_WEEKS = itertools.count()


@pytest.fixture
async def week(database) -> AsyncIterator["Week"]:
    """The shop's week, which is nobody's after the test."""
    yield Week(database)
    async with database.write.begin() as connection:
        for table in ("opening_days", "slot_capacities"):
            await connection.execute(text(f"DELETE FROM {table}"))


class Week:
    def __init__(self, database) -> None:
        self.database = database

    async def is_open(self, weekdays: Iterable[int], opens: str = "00:00", closes: str = "00:00") -> None:
        async with self.database.write.begin() as connection:
            for weekday in weekdays:
                row = {"weekday": weekday, "opens": opens, "closes": closes}
                insert = "INSERT INTO opening_days VALUES (:weekday, CAST(CAST(:opens AS text) AS time)"
                await connection.execute(text(f"{insert}, CAST(CAST(:closes AS text) AS time))"), row)

    async def takes(self, weekday: int, slot: int, capacity: int) -> None:
        async with self.database.write.begin() as connection:
            row = {"weekday": weekday, "slot": slot, "capacity": capacity}
            await connection.execute(text("INSERT INTO slot_capacities VALUES (:weekday, :slot, :capacity)"), row)

    async def free_on(self, day: date) -> dict[int, int]:
        """What is free on that day, by timeslot."""
        async with self.database.read.connect() as connection:
            found = await next_free_slots(connection, day, ZONE)
        return {row["timeslot_id"]: row["free"] for row in found if row["date"] == day.isoformat()}


@pytest.fixture
def monday() -> date:
    """Within what can be booked, and no other test's."""
    today = datetime.now(ZoneInfo(ZONE)).date()
    return today + timedelta(days=210 - today.weekday() + 7 * next(_WEEKS))


async def test_without_a_calendar_every_day_has_the_capacity_of_its_timeslots(week: Week, monday: date):
    assert await week.free_on(monday) == dict(CAPACITY)


async def test_on_a_day_of_the_week_without_opening_hours_nothing_is_offered_and_who_names_it_hears_why(
    week: Week, database, monday: date
):
    await week.is_open(range(2, 8))
    assert await week.free_on(monday) == {}
    assert await week.free_on(monday + timedelta(days=1)) == dict(CAPACITY)
    booking = new_booking(monday).booking
    with pytest.raises(SlotTaken, match=r"is not offered: we are not open then on Mondays") as refused:
        await RealShop(database).store.open(booking, "open")
    assert monday.isoformat() not in {row["date"] for row in refused.value.data["next_free_slots"]}


async def test_only_timeslots_within_the_opening_hours_are_offered(week: Week, monday: date):
    start, end = PLENTY.start_time, PLENTY.end_time
    await week.is_open([1], start, end)
    assert set(await week.free_on(monday)) == {PLENTY.id}
    assert await week.free_on(monday + timedelta(days=1)) == {}


async def test_a_capacity_of_a_day_of_the_week_counts_instead_of_the_timeslots_own(week: Week, database, monday: date):
    await week.takes(1, PLENTY.id, 1)
    assert (await week.free_on(monday))[PLENTY.id] == 1
    assert (await week.free_on(monday + timedelta(days=1)))[PLENTY.id] == CAPACITY[PLENTY.id]
    shop = RealShop(database)
    await opened(shop, monday)
    assert PLENTY.id not in await week.free_on(monday)
    with pytest.raises(SlotTaken, match="is full"):
        await opened(shop, monday)
