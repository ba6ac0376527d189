"""The slots that are found for a wish that leaves something open, in PostgreSQL."""

import itertools
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from kinds.vehicle_service.domain.parts import Wish
from kinds.vehicle_service.domain.wishes import HORIZON
from tests.adapters.contracts.shops import CAPACITY, PLENTY, SINGLE, RealShop, new_booking, opened

_DAYS = itertools.count()


@pytest.fixture
def soon() -> date:
    """A day that can be booked and that no other test uses."""
    return datetime.now(ZoneInfo("Asia/Kolkata")).date() + timedelta(days=100 + 10 * next(_DAYS))


@pytest.fixture
def real(database) -> RealShop:
    return RealShop(database)


async def found(shop: RealShop, working_days: int = 1, **wish) -> tuple | None:
    """Days and timeslots that are free for this wish: of the pickup, of the drop."""
    booking = new_booking(date(2031, 1, 1), wish=Wish(**wish), working_days=working_days).booking
    slots = await shop.store.find_free(booking)
    if slots is None:
        return None
    return tuple((date.fromisoformat(slots[leg]["date"]), slots[leg]["timeslot"]["id"]) for leg in ("pickup", "drop"))


def later(day: date, days: int = 1) -> date:
    return day + timedelta(days=days)


async def test_the_first_slot_of_a_named_day_is_found_and_the_same_one_after_the_working_days(real, soon):
    assert await found(real, 3, pickup_date=soon) == ((soon, PLENTY.id), (later(soon, 3), PLENTY.id))


async def test_when_one_part_of_the_named_day_is_full_the_next_one_is_found(real, database, soon):
    async with database.write.begin() as connection:
        full = "INSERT INTO slot_usage (on_date, timeslot_id, used) VALUES (:day, :slot, :places)"
        await connection.execute(text(full), {"day": soon, "slot": PLENTY.id, "places": CAPACITY[PLENTY.id]})
    assert (await found(real, pickup_date=soon))[0] == (soon, SINGLE.id)
    await opened(real, soon, SINGLE)
    assert await found(real, pickup_date=soon) is None


async def test_a_named_slot_is_found_on_the_first_day_on_which_it_is_free(real):
    today = datetime.now(ZoneInfo("Asia/Kolkata")).date()
    (day, slot), _ = await found(real, pickup_slot=SINGLE.id)
    assert slot == SINGLE.id
    assert day in (today, later(today))
    await opened(real, day, SINGLE)
    assert (await found(real, pickup_slot=SINGLE.id))[0] == (later(day), SINGLE.id)


async def test_the_car_comes_back_in_another_part_of_a_named_day_that_is_full_in_that_of_the_pickup(real, soon):
    await opened(real, later(soon), SINGLE)
    wish = {"pickup_date": soon, "pickup_slot": SINGLE.id}
    assert (await found(real, **wish, drop_date=later(soon)))[1] == (later(soon), PLENTY.id)
    assert (await found(real, **wish))[1] == (later(soon, 2), SINGLE.id)


async def test_the_pickup_leaves_the_working_days_before_a_named_drop(real, soon):
    pickup, drop = await found(real, 2, drop_date=soon)
    assert (pickup[0] <= later(soon, -2), drop) == (True, (soon, PLENTY.id))


async def test_nothing_is_found_beyond_the_last_date_that_can_be_booked(real):
    last = datetime.now(ZoneInfo("Asia/Kolkata")).date() + HORIZON
    assert await found(real, pickup_date=last) is None
    assert await found(real, pickup_date=later(last, -1)) == ((later(last, -1), PLENTY.id), (last, PLENTY.id))


async def test_a_wish_that_names_everything_is_not_searched_for(real, soon):
    assert await real.store.find_free(new_booking(soon).booking) is None
