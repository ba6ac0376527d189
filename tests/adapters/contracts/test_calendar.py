"""The week of the shop: opening days, and capacities by day of the week, in PostgreSQL."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterable
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors import SlotTaken
from kinds.vehicle_service.operations import OPERATIONS
from kinds.vehicle_service.postgres.free_slots import next_free_slots
from operations.checks import rows_of
from operations.sheets.loading import load
from tests.adapters.contracts.shops import CAPACITY, PLENTY, SINGLE, RealShop, new_booking, opened
from tests.kinds.vehicle_service.booking_builder import BookingBuilder

ZONE = "Asia/Kolkata"
WAITS = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()")
_WEEKS = itertools.count()
_A_YEAR = timedelta(weeks=52)


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

    async def imports(self, sheet: str, file: Path, *lines: str, dry_run: bool = False) -> tuple[str, ...]:
        """What the answer to a file says of bookings."""
        heading = ",".join(OPERATIONS.sheet(sheet).columns)
        await asyncio.to_thread(file.write_text, "\n".join([heading, *lines]), encoding="utf-8")
        async with self.database.write.begin() as connection:
            report = await load(connection, OPERATIONS.sheet(sheet), file, dry_run)
        return tuple(report.lines())[1 if report.count("changed") == 0 else 2 :]

    async def stands_out(self, name: str) -> list[str]:
        """What `revcare checks` says of bookings and the week."""
        [check] = [check for check in OPERATIONS.checks if check.name == name]
        async with self.database.read.connect() as connection:
            return await rows_of(connection, check)

    async def takes(self, weekday: int, slot: int, capacity: int) -> None:
        async with self.database.write.begin() as connection:
            row = {"weekday": weekday, "slot": slot, "capacity": capacity}
            await connection.execute(text("INSERT INTO slot_capacities VALUES (:weekday, :slot, :capacity)"), row)

    async def free_on(self, day: date) -> dict[int, int]:
        """What is free on that day, by timeslot."""
        async with self.database.read.connect() as connection:
            found = await next_free_slots(connection, day, ZONE)
        return {row["timeslot_id"]: row["free"] for row in found if row["date"] == day.isoformat()}


def of(*bookings: BookingBuilder, told: Iterable[str]) -> list[str]:
    """The lines about these bookings."""
    named = {f"booking {each.booking.id}" for each in bookings}
    return [line.strip() for line in told if line.strip().partition(",")[0] in named]


async def waiting(connection: AsyncConnection, many: int) -> None:
    """Until so many wait for a lock."""
    while (await connection.execute(WAITS)).scalar_one() < many:
        await connection.execute(text("SELECT pg_stat_clear_snapshot()"))


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


async def test_who_shortens_a_day_hears_which_bookings_have_to_be_moved_and_so_does_who_only_tries(
    week: Week, database, monday: date, tmp_path: Path
):
    shop, file = RealShop(database), tmp_path / "week.csv"
    noon, late = await opened(shop, monday, SINGLE), await opened(shop, monday + _A_YEAR, SINGLE)
    over = await opened(shop, monday + 2 * _A_YEAR, SINGLE)
    await shop.store.project(over.cancelled().booking, "cancel", freed=["pickup", "drop"])
    days = [f"{weekday},00:00,00:00" for weekday in range(1, 8)]
    assert of(noon, late, over, told=await week.imports("opening_days", file, *days)) == []

    told = [
        f"booking {each.booking.id}, leg pickup, day {each.booking.pickup.date}, timeslot Lunch, customer CST000210"
        for each in (noon, late)
    ]
    heading, *tried = await week.imports("opening_days", file, "1,00:00,12:00", dry_run=True)
    assert heading == "a booking has a timeslot that is not offered then: move it:"
    assert of(noon, late, over, told=tried) == told
    assert of(noon, late, over, told=await week.stands_out("outside")) == []

    assert await week.imports("opening_days", file, "1,00:00,12:00") == (heading, *tried)
    assert of(noon, late, over, told=await week.stands_out("outside")) == told


async def test_who_lowers_a_capacity_hears_which_bookings_hold_more_than_there_is(
    week: Week, database, monday: date, tmp_path: Path
):
    shop = RealShop(database)
    held = [await opened(shop, monday) for _ in range(2)]
    file = tmp_path / "capacities.csv"
    assert of(*held, told=await week.imports("slot_capacities", file, f"1,{PLENTY.id},2")) == []
    heading, *told = await week.imports("slot_capacities", file, f"1,{PLENTY.id},1")
    assert heading == "a booking has a timeslot that takes fewer than hold it: move some:"
    assert [line.split(",")[0] for line in of(*held, told=told)] == [f"booking {each.booking.id}" for each in held]
    assert len(of(*held, told=await week.stands_out("crowded"))) == len(held)


async def test_a_booking_that_is_made_while_the_week_is_changed_is_told_as_well(
    week: Week, database, monday: date, tmp_path: Path
):
    booking, file = new_booking(monday, SINGLE).booking, tmp_path / "week.csv"
    async with database.write.begin() as somebody:
        await somebody.execute(text("SELECT id FROM timeslots WHERE id = :id FOR UPDATE"), {"id": SINGLE.id})
        opening = asyncio.create_task(RealShop(database).store.open(booking, "open"))
        await waiting(somebody, 1)
        changing = asyncio.create_task(week.imports("opening_days", file, "1,00:00,12:00", "2,00:00,00:00"))
        await waiting(somebody, 2)
        assert not changing.done()
    await opening
    assert f"  booking {booking.id}, leg pickup, day {monday}, timeslot Lunch, customer CST000210" in await changing
