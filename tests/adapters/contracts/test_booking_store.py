"""``activities.bookings.BookingStore``: rows in PostgreSQL and rows in memory keep the same promises."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from domain.errors import InUse, NotFound, RowsAhead, SlotTaken
from kinds.vehicle_service.domain.errors import VehicleBusy
from kinds.vehicle_service.domain.parts import Wish
from kinds.vehicle_service.postgres.cars import remove_car
from tests.adapters.contracts.shops import PLENTY, SINGLE, RealShop, new_booking, on, opened
from tests.kinds.vehicle_service.booking_builder import BookingBuilder
from tests.kinds.vehicle_service.people import BOTH_WITH_GST


async def test_a_booking_that_was_opened_is_there_with_its_slots_and_its_first_entry(shop, day):
    booking = (await opened(shop, day)).booking
    assert await shop.version(booking.id) == 1
    assert await shop.timeline(booking.id) == [(1, "book", "open")]
    assert await shop.held(booking.id) == {"pickup": (day, 1), "drop": (day + timedelta(days=1), 1)}


async def test_opening_twice_is_quiet_and_takes_no_second_slot(shop, day):
    told = await opened(shop, day, SINGLE)
    await shop.store.open(told.booking, "open")
    assert await shop.timeline(told.booking.id) == [(1, "book", "open")]


async def test_an_opening_that_is_repeated_late_does_not_turn_back_the_booking(shop, day):
    told = await opened(shop, day)
    first = told.booking
    await shop.store.project(told.pickup_assigned().booking, "assign")
    await shop.store.open(first, "open")
    assert await shop.version(first.id) == 2


async def test_an_opening_that_is_repeated_with_other_slots_hears_that_it_has_some(shop, day):
    told = await opened(shop, day, wish=Wish())
    other = replace(told.booking, pickup=on(day, SINGLE))
    with pytest.raises(RowsAhead):
        await shop.store.open(other, "open")
    assert (await shop.held(other.id))["pickup"] == (day, PLENTY.id)
    await shop.store.open(told.booking, "open")


async def test_a_full_slot_refuses_and_leaves_nothing_behind(shop, day):
    await opened(shop, day, SINGLE)
    late = new_booking(day, SINGLE).booking
    with pytest.raises(SlotTaken, match="the Lunch slot") as refused:
        await shop.store.open(late, "open")
    assert refused.value.data["leg"] == "pickup"
    assert "next_free_slots" in refused.value.data
    assert await shop.version(late.id) is None
    assert await shop.held(late.id) == {}


async def test_one_seat_is_not_sold_for_both_ways_of_one_booking(shop, day):
    with pytest.raises(SlotTaken):
        await opened(shop, day, SINGLE, drop=on(day, SINGLE))


async def test_of_many_who_want_the_last_seat_one_gets_it(shop, day):
    answers = await asyncio.gather(*(opened(shop, day, SINGLE) for _ in range(8)), return_exceptions=True)
    assert sum(isinstance(answer, SlotTaken) for answer in answers) == 7


async def test_a_vehicle_has_one_open_booking_and_a_refused_one_takes_no_slot(shop, day):
    first = await opened(shop, day)
    second = new_booking(day + timedelta(days=3), SINGLE, vehicle=first.booking.vehicle).booking
    with pytest.raises(VehicleBusy) as refused:
        await shop.store.open(second, "open")
    assert refused.value.data == {"vehicle_id": first.booking.vehicle.id}
    assert await shop.held(second.id) == {}
    await opened(shop, day + timedelta(days=3), SINGLE)


async def test_a_vehicle_is_free_again_when_its_booking_is_closed(shop, day):
    first = await opened(shop, day)
    await shop.store.project(first.cancelled().booking, "cancel")
    await opened(shop, day, vehicle=first.booking.vehicle)


def paid_and_cancelled(told: BookingBuilder) -> BookingBuilder:
    """The car is on its way home, the refund at the bank."""
    order, payment = f"order_{told.booking.id}", f"pay_{told.booking.id}"
    told.pickup_assigned().collected().pickup_validated().analysis_assigned().analysis_submitted().estimate_validated()
    return told.order_opened(order_id=order).money_arrives(payment).cancelled().drop_assigned()


async def test_a_vehicle_is_free_again_when_it_is_home_while_the_refund_is_still_at_the_bank(shop, day):
    first = paid_and_cancelled(await opened(shop, day))
    vehicle = first.booking.vehicle
    await shop.store.project(first.booking, "assign")
    with pytest.raises(VehicleBusy):
        await shop.store.open(new_booking(day, vehicle=vehicle).booking, "open")
    await shop.store.project(first.brought_home().booking, "return")
    assert first.booking.closed_at is None
    assert any(refund.unsettled for refund in first.booking.refunds)
    second = await opened(shop, day, vehicle=vehicle)
    await shop.store.project(first.refunds_processed().booking, "refund")
    with pytest.raises(VehicleBusy):
        await shop.store.open(new_booking(day, vehicle=vehicle).booking, "open")
    await shop.store.project(second.cancelled().booking, "cancel")


async def added(database, vehicle) -> None:
    statement = (
        "INSERT INTO customer_cars (id, customer_id, car_id, registration_number) "
        "OVERRIDING SYSTEM VALUE VALUES (:id, 'CST000001', 1, :plate)"
    )
    async with database.write.begin() as connection:
        await connection.execute(text(statement), {"id": vehicle.id, "plate": vehicle.registration_number})


async def removed(database, vehicle) -> None:
    async with database.write.begin() as connection:
        await remove_car(connection, vehicle.id)


async def test_a_car_can_be_removed_when_it_is_home_while_the_refund_is_still_at_the_bank(database, day):
    shop, told = RealShop(database), new_booking(day)
    car = told.booking.vehicle
    await added(database, car)
    await shop.store.open(told.booking, "open")
    await shop.store.project(paid_and_cancelled(told).booking, "assign")
    with pytest.raises(InUse):
        await removed(database, car)
    await shop.store.project(told.brought_home().booking, "return")
    assert any(refund.unsettled for refund in told.booking.refunds)
    await removed(database, car)
    assert await shop.rows("SELECT deleted_at IS NOT NULL FROM customer_cars WHERE id = :id", car.id) == [(True,)]


async def test_who_removes_a_car_waits_for_a_booking_of_it_that_is_being_opened_and_is_refused(database, day):
    shop, booking = RealShop(database), new_booking(day).booking
    await opened(shop, day)
    await added(database, booking.vehicle)
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    async with database.write.begin() as somebody:
        await somebody.execute(text("SELECT used FROM slot_usage WHERE on_date = :day FOR UPDATE"), {"day": day})
        opening, removing = asyncio.create_task(shop.store.open(booking, "open")), None
        while (held_up := (await somebody.execute(waiting)).scalar_one()) < 2:
            if held_up and removing is None:
                removing = asyncio.create_task(removed(database, booking.vehicle))
            assert not opening.done()
            assert removing is None or not removing.done(), "the car was removed while a booking of it was opened"
            await somebody.execute(text("SELECT pg_stat_clear_snapshot()"))
    await opening
    with pytest.raises(InUse):
        await removing


@pytest.mark.parametrize("gone", ["customer", "vehicle"])
async def test_who_has_left_meanwhile_gets_no_booking_and_holds_no_slot(database, day, gone):
    shop = RealShop(database)
    booking = new_booking(day, SINGLE).booking
    booking = replace(booking, customer=replace(booking.customer, id=f"CST9{booking.id:06}"))
    left = {
        "customer": "INSERT INTO users (id, role_id, first_name, deleted_at) VALUES (:customer, 3, 'Former', now())",
        "vehicle": "INSERT INTO customer_cars (id, customer_id, car_id, registration_number, deleted_at) "
        "OVERRIDING SYSTEM VALUE VALUES (:vehicle, 'CST000001', 1, 'KA01AA0001', now())",
    }[gone]
    names = {"customer": booking.customer.id, "vehicle": booking.vehicle.id}
    async with database.write.begin() as connection:
        await connection.execute(text(left), {gone: names[gone]})
    with pytest.raises(NotFound, match=f"there is no {gone} {names[gone]}"):
        await shop.store.open(booking, "open")
    assert (await shop.version(booking.id), await shop.held(booking.id)) == (None, {})
    await opened(shop, day, SINGLE)


async def test_a_customer_who_leaves_while_a_booking_is_opened_waits_for_it(database, day):
    shop = RealShop(database)
    booking = new_booking(day).booking
    booking = replace(booking, customer=replace(booking.customer, id=f"CST9{booking.id:06}"))
    who = {"id": booking.customer.id}
    async with database.write.begin() as connection:
        await connection.execute(
            text("INSERT INTO users (id, role_id, first_name, phone, email) VALUES (:id, 3, 'Nina', :phone, :email)"),
            {**who, "phone": f"+9190{booking.id:08}", "email": f"{booking.id}@example.com"},
        )
    async with database.write.begin() as leaving:
        await leaving.execute(text("SELECT id FROM users WHERE id = :id FOR UPDATE"), who)
        opening = asyncio.create_task(shop.store.open(booking, "open"))
        waits = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
        while not (await leaving.execute(waits)).scalar():
            assert not opening.done()
            await leaving.execute(text("SELECT pg_stat_clear_snapshot()"))
        await leaving.execute(text("UPDATE users SET deleted_at = now() WHERE id = :id"), who)
    with pytest.raises(NotFound):
        await opening
    assert await shop.version(booking.id) is None


async def test_a_projection_repeated_gives_the_same_rows(shop, day):
    told = await opened(shop, day)
    moved = told.pickup_assigned().booking
    for _ in range(2):
        await shop.store.project(moved, "assign")
    assert await shop.timeline(moved.id) == [(1, "book", "open"), (2, "assign", "assign")]


async def test_an_older_version_changes_nothing(shop, day):
    told = await opened(shop, day)
    older = told.pickup_assigned().booking
    await shop.store.project(older, "assign")
    await shop.store.project(told.collected().booking, "collect")
    with pytest.raises(RowsAhead):
        await shop.store.project(older, "assign", freed=["pickup"])
    with pytest.raises(RowsAhead):
        await shop.store.reserve(older.id, {}, older.version)
    assert await shop.version(older.id) == 3
    assert len(await shop.timeline(older.id)) == 3
    assert "pickup" in await shop.held(older.id)


async def test_a_version_that_follows_another_one_than_the_rows_have_changes_nothing(shop, day):
    told = await opened(shop, day)
    new = replace(told.booking)
    await shop.store.project(told.pickup_assigned().booking, "assign")
    acted_on = replace(told.booking)
    told.booking = new
    with pytest.raises(RowsAhead):
        await shop.store.project(told.waits(timedelta(minutes=1)).pickup_assigned().collected().booking, "collect")
    assert await shop.timeline(new.id) == [(1, "book", "open"), (2, "assign", "assign")]
    told.booking = acted_on
    await shop.store.project(told.collected().booking, "collect")
    assert await shop.version(new.id) == 3


async def test_an_equal_version_overwrites_because_the_workflow_is_right(shop, day):
    told = await opened(shop, day)
    lost = replace(told.booking)
    await shop.store.project(told.pickup_assigned().booking, "lost in a crash")
    told.booking = lost
    await shop.store.project(told.cancelled().booking, "cancel")
    assert await shop.timeline(lost.id) == [(1, "book", "open"), (2, "cancel", "cancel")]


async def test_what_only_a_lost_transition_wrote_is_gone_and_hinders_nobody(database, day):
    shop = RealShop(database)
    told = await opened(shop, day)
    told.pickup_assigned().collected().pickup_validated().analysis_assigned().analysis_submitted().estimate_validated()
    told.paid_online()
    paid = replace(told.booking)
    await shop.store.project(told.money_returned().booking, "lost in a crash")
    told.booking = paid
    await shop.store.project(told.service_assigned().booking, "assign")
    assert await shop.children(paid.id, "refunds") == []
    assert await shop.children(paid.id, "payments") == [each.id for each in told.booking.payments]
    await shop.store.project(told.money_returned().booking, "again")
    assert await shop.children(paid.id, "refunds") == [each.id for each in told.booking.refunds]
    assert await shop.children(paid.id, "booking_assignments") == [each.id for each in told.booking.assignments]


async def test_an_id_that_a_lost_transition_gave_away_belongs_to_the_one_that_holds(database, day):
    shop = RealShop(database)
    told = await opened(shop, day)
    told.pickup_assigned().collected().pickup_validated().analysis_assigned().analysis_submitted().estimate_validated()
    analysed = replace(told.booking)
    await shop.store.project(told.order_opened(told.requested_ids[0], order_id="order_lost").booking, "lost in a crash")
    told.booking = analysed
    right = told.order_opened(order_id="order_right").booking
    await shop.store.project(right, "confirm")
    wanted = [(each.id, each.order_id, each.amount) for each in right.payments]
    assert await shop.children(right.id, "payments", "id, order_id, amount") == wanted


async def test_the_ledger_takes_back_what_only_a_lost_transition_had_posted(database, day):
    shop = RealShop(database)
    told = await opened(shop, day)
    told.pickup_assigned().collected().pickup_validated().analysis_assigned().analysis_submitted().estimate_validated()
    before = told.order_opened(order_id="order_ledger").booking
    await shop.store.project(told.money_arrives("pay_ledger").booking, "lost in a crash")
    told.booking = before
    lapsed = told.order_lapsed().booking
    for _ in range(2):
        await shop.store.project(lapsed, "lapse")
    posted = await shop.children(lapsed.id, "ledger_entries", "amount, at")
    assert sorted(amount for amount, _ in posted) == [-BOTH_WITH_GST, BOTH_WITH_GST]
    assert [at for amount, at in posted if amount < 0] == [lapsed.event.at], "as of the move that takes it back"


async def test_a_movement_is_posted_once_however_often_its_rows_are_written(database, day):
    shop = RealShop(database)
    told = await opened(shop, day)
    told.pickup_assigned().collected().pickup_validated().analysis_assigned().analysis_submitted().estimate_validated()
    paid = told.order_opened(order_id="order_once").money_arrives("pay_once").booking
    await asyncio.gather(*(shop.store.project(paid, "pay") for _ in range(5)))
    await shop.store.project(told.service_assigned().booking, "assign")
    wanted = [("capture", "pay_once", paid.payments[-1].amount)]
    assert await shop.children(paid.id, "ledger_entries", "kind, reference, amount") == wanted


async def test_a_booking_is_unsettled_until_it_is_closed_and_again_while_late_money_is_on_its_way_back(shop, day):
    told = await opened(shop, day)
    told.pickup_assigned().collected().pickup_validated().analysis_assigned().analysis_submitted().estimate_validated()
    told.order_opened(order_id=f"order_{told.booking.id}")
    other = (await opened(shop, day + timedelta(days=2))).booking
    both = [told.booking.id, other.id]
    assert await shop.store.unsettled(both) == both
    assert set(both) <= set(await shop.store.unsettled())
    before = await shop.store.count_unsettled()
    closed = replace(told.booking, version=told.booking.version + 1, closed_at=told.now)
    await shop.store.project(closed, "close")
    assert await shop.store.unsettled(both) == [other.id]
    assert await shop.store.count_unsettled() == before - 1
    told.booking = closed
    await shop.store.project(told.money_returned(payment_id=f"pay_{closed.id}").booking, None)
    assert await shop.store.unsettled(both) == both


async def test_what_the_latest_updates_have_answered_is_told_the_oldest_first(shop, day):
    told = await opened(shop, day)
    await shop.store.project(told.pickup_assigned().booking, "assign")
    await shop.store.project(told.collected().booking, None)
    await shop.store.project(told.pickup_validated().booking, "validate")
    assert await shop.store.results(told.booking.id, 2) == [("assign", "pickup", 2), ("validate", "received", 4)]
    assert [each[0] for each in await shop.store.results(told.booking.id, 9)] == ["open", "assign", "validate"]
