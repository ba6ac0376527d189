"""``activities.bookings.BookingStore``: slots that move and are given back, in PostgreSQL and in memory."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from domain.errors import SlotTaken
from domain.kind import Json
from kinds.vehicle_service.domain.parts import Leg
from kinds.vehicle_service.domain.reservations import slot_of
from tests.adapters.contracts.shops import PLENTY, SINGLE, RealShop, on, opened

TIMEZONE = "Asia/Kolkata"


def slots(**legs: Leg) -> dict[str, Json]:
    """The slots of these legs, as a booking reserves them."""
    return {name: slot_of(leg, TIMEZONE) for name, leg in legs.items()}


async def test_slots_move_to_where_they_are_wanted_and_the_old_ones_are_free(shop, day):
    booking = (await opened(shop, day, SINGLE)).booking
    legs = slots(pickup=on(day + timedelta(days=2)), drop=on(day + timedelta(days=4)))
    for _ in range(2):
        await shop.store.reserve(booking.id, legs)
    assert await shop.held(booking.id) == {
        "pickup": (day + timedelta(days=2), 1),
        "drop": (day + timedelta(days=4), 1),
    }
    await opened(shop, day, SINGLE)


async def test_a_move_to_a_full_slot_is_refused_and_moves_nothing(shop, day):
    await opened(shop, day + timedelta(days=2), SINGLE)
    booking = (await opened(shop, day)).booking
    before = await shop.held(booking.id)
    with pytest.raises(SlotTaken):
        await shop.store.reserve(
            booking.id, slots(pickup=on(day + timedelta(days=1)), drop=on(day + timedelta(days=2), SINGLE))
        )
    assert await shop.held(booking.id) == before


async def test_a_move_to_the_slot_that_is_held_already_needs_no_other_seat(shop, day):
    booking = (await opened(shop, day, SINGLE)).booking
    await shop.store.reserve(booking.id, slots(pickup=booking.pickup, drop=booking.drop))
    assert (await shop.held(booking.id))["pickup"] == (day, 2)


async def test_released_slots_are_free_and_a_second_release_frees_nobody_else_s(shop, day):
    booking = (await opened(shop, day, SINGLE)).booking
    await shop.store.project(booking, None, freed=["pickup"])
    await shop.store.project(booking, None, freed=["pickup"])
    assert list(await shop.held(booking.id)) == ["drop"]
    await opened(shop, day, SINGLE)
    with pytest.raises(SlotTaken):
        await opened(shop, day, SINGLE)


async def test_a_booking_exchanges_its_own_full_slots(shop, day):
    booking = (await opened(shop, day, SINGLE, drop=on(day + timedelta(days=1), SINGLE))).booking
    await shop.store.reserve(booking.id, slots(pickup=booking.drop, drop=booking.pickup))
    assert await shop.held(booking.id) == {"pickup": (day + timedelta(days=1), 2), "drop": (day, 2)}


async def test_a_booking_moves_into_the_slot_that_it_gives_up(shop, day):
    later, latest = on(day + timedelta(days=2), SINGLE), on(day + timedelta(days=4), SINGLE)
    booking = (await opened(shop, day, SINGLE, drop=later)).booking
    await shop.store.reserve(booking.id, slots(pickup=later, drop=latest))
    assert await shop.held(booking.id) == {"pickup": (later.date, 2), "drop": (latest.date, 2)}
    await opened(shop, day, SINGLE)


async def test_opposite_exchanges_of_slots_do_not_wait_for_each_other_in_a_circle(shop, day):
    """Before the lock order 147 of 200 such pairs ended in "deadlock detected"."""
    early, late, drop = on(day), on(day + timedelta(days=1)), on(day + timedelta(days=5))
    first, second = (await opened(shop, day, drop=drop)).booking, (await opened(shop, day, drop=drop)).booking
    await shop.store.reserve(second.id, slots(pickup=late, drop=drop))
    for round_ in range(40):
        ways = (late, early) if round_ % 2 == 0 else (early, late)
        await asyncio.gather(
            shop.store.reserve(first.id, slots(pickup=ways[0], drop=drop)),
            shop.store.reserve(second.id, slots(pickup=ways[1], drop=drop)),
        )
    assert (await shop.held(first.id))["pickup"] == (day, 1)
    assert (await shop.held(second.id))["pickup"] == (day + timedelta(days=1), 1)


@pytest.mark.parametrize("legs", [["pickup", "drop"], ["drop", "pickup"]])
async def test_slots_are_released_while_others_move_across_them(shop, day, legs):
    early, late = on(day), on(day + timedelta(days=1))
    for _ in range(20):
        leaving, moving = (await opened(shop, day)).booking, (await opened(shop, day)).booking
        await asyncio.gather(
            shop.store.project(leaving, None, freed=legs),
            shop.store.reserve(moving.id, slots(pickup=late, drop=early)),
        )
        assert await shop.held(leaving.id) == {}


LOCKED = f"SELECT used FROM slot_usage WHERE on_date = :day AND timeslot_id = {PLENTY.id} FOR UPDATE"
WAITS = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()")


@pytest.mark.parametrize("way", ["moved", "given back"])
async def test_who_waits_for_a_slot_holds_none_that_comes_later_in_the_lock_order(database, day, way):
    """Within one statement the rows could be locked in any order, and two bookings seldom meet between two rows."""
    shop, later = RealShop(database), day + timedelta(days=1)
    await opened(shop, day, drop=on(later))
    moving = (await opened(shop, later, drop=on(later + timedelta(days=1)))).booking
    leaving = (await opened(shop, later, drop=on(day))).booking
    async with database.write.begin() as somebody, database.write.begin() as another:
        await somebody.execute(text(LOCKED), {"day": day})
        asked = shop.store.reserve(moving.id, slots(pickup=on(day), drop=moving.drop))
        if way == "given back":
            asked.close()
            asked = shop.store.project(leaving, None, freed=["pickup", "drop"])
        waiting = asyncio.create_task(asked)
        while not (await somebody.execute(WAITS)).scalar():
            assert not waiting.done()
            await somebody.execute(text("SELECT pg_stat_clear_snapshot()"))
        free = (await another.execute(text(f"{LOCKED} SKIP LOCKED"), {"day": later})).first()
    await waiting
    assert free is not None, "the later slot is locked while the earlier one is waited for"
