"""Slots and vehicles: wanted by many, given by the database alone."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.errors import SlotTaken
from kinds.vehicle_service.domain import commands
from kinds.vehicle_service.domain.errors import VehicleBusy
from kinds.vehicle_service.domain.parts import Timeslot, Wish
from tests.kinds.vehicle_service.people import ASHA, I20
from tests.workflows.visit import Visit, leg_in, new_booking


@pytest.fixture
def small(engine):
    """A slot for one."""
    slot = Timeslot(900 + len(engine.store.capacity), "Lunch", "12:00", "13:00")
    engine.store.capacity[slot.id] = 1
    return slot


async def test_a_full_slot_refuses_the_booking_and_nothing_stays_of_it(opened, visit, small):
    await opened(pickup=leg_in(2, small))
    late = visit(pickup=leg_in(2, small))
    with pytest.raises(SlotTaken):
        await late.opens()
    await late.closes()
    assert late.id not in late.engine.store.bookings
    assert late.engine.store.held_by(late.id) == {}
    assert late.mails == []


async def test_a_refused_opening_is_refused_again_for_the_same_key(opened, visit, small):
    await opened(pickup=leg_in(2, small))
    late = visit(pickup=leg_in(2, small))
    for _ in range(2):
        with pytest.raises(SlotTaken, match="the Lunch slot is full"):
            await late.ask_to_open("one-key")


async def test_of_five_who_want_the_last_slot_one_gets_it(engine, small):
    visits = [Visit(engine, new_booking(pickup=leg_in(2, small))) for _ in range(5)]
    answers = await asyncio.gather(*(visit.ask_to_open() for visit in visits), return_exceptions=True)
    assert sum(isinstance(answer, SlotTaken) for answer in answers) == 4


async def test_eight_who_leave_the_day_open_get_a_slot_each_the_late_ones_the_next_day(engine, small):
    engine.store.capacity[small.id] = 4
    wish = Wish(pickup_slot=small.id)
    visits = [Visit(engine, new_booking(pickup=leg_in(2, small), wish=wish)) for _ in range(8)]
    await asyncio.gather(*(visit.ask_to_open() for visit in visits))
    day = leg_in(2).date
    assert Counter(visit.booking.pickup.date - day for visit in visits) == {timedelta(0): 4, timedelta(days=1): 4}
    for visit in visits:
        assert engine.store.held_by(visit.id)["pickup"] == (visit.booking.pickup.date, small.id)
        assert visit.booking.drop.date > visit.booking.pickup.date


async def test_who_is_given_another_day_is_told_that_day(opened, small):
    await opened(pickup=leg_in(2, small))
    visit = await opened(pickup=leg_in(2, small), wish=Wish(pickup_slot=small.id))
    assert visit.booking.pickup.date == leg_in(3).date
    await visit.mailed()
    told = [mail.facts["pickup"] for mail in visit.engine.post.of(visit.id)]
    assert told == [f"{leg_in(3).date:%d %b %Y}, Lunch (12:00 to 13:00)"]


async def test_the_slots_that_a_lost_task_has_reserved_are_kept(walked):
    visit = await walked("opened_by_a_lost_task")
    assert visit.new.pickup.date == leg_in(2).date
    assert visit.booking.pickup.date == leg_in(3).date
    assert visit.actions == ["book", "assign", "cancel"]


async def test_a_day_that_is_named_is_not_exchanged_for_another_one(opened, visit, small):
    await opened(pickup=leg_in(2, small))
    late = visit(pickup=leg_in(2, small), wish=Wish(pickup_date=leg_in(2).date, pickup_slot=small.id))
    with pytest.raises(SlotTaken, match="the Lunch slot is full"):
        await late.opens()
    await late.closes()


async def test_a_vehicle_with_an_open_booking_is_busy_until_that_is_over(opened, visit):
    vehicle = replace(I20, id=880_088, registration_number="TN01ZZ0088")
    first = await opened(vehicle=vehicle)
    with pytest.raises(VehicleBusy):
        await visit(vehicle=vehicle).opens()
    await first.cancelled()
    await first.closes()
    again = await opened(vehicle=vehicle)
    await again.cancelled()


async def test_a_move_to_a_full_slot_is_refused_and_the_old_ones_are_kept(opened, small):
    await opened(pickup=leg_in(2, small))
    visit = await opened()
    before = visit.engine.store.held_by(visit.id)
    with pytest.raises(SlotTaken):
        await visit.rescheduled(pickup=leg_in(2, small))
    assert visit.engine.store.held_by(visit.id) == before
    assert visit.actions == ["book"]


async def test_a_move_exchanges_the_slots_and_lets_the_next_customer_in(opened, small):
    visit = await opened(pickup=leg_in(2, small))
    await visit.rescheduled(pickup=leg_in(1))
    assert visit.engine.store.held_by(visit.id)["pickup"] == (visit.booking.pickup.date, 1)
    await opened(pickup=leg_in(2, small))


async def test_a_cancelled_booking_lets_the_next_customer_in(opened, small):
    visit = await opened(pickup=leg_in(2, small))
    await visit.cancelled()
    await visit.closes()
    await opened(pickup=leg_in(2, small))


async def test_a_repeated_move_is_answered_again_and_moves_once(opened):
    visit = await opened()
    move = commands.Reschedule(ASHA, leg_in(4), leg_in(5))
    first = await visit.asks(move, "move")
    assert await visit.asks(move, "move") == first
    assert visit.actions == ["book", "reschedule"]
