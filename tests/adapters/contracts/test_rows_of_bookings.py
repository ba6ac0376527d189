"""Rows of children: keyed (booking, number), so that no booking ever writes or deletes a row of another one."""

from dataclasses import replace

import pytest
from sqlalchemy.exc import IntegrityError

from adapters.postgres.account_rows import AccountRows
from domain.billing.account_news import BookingMoney
from domain.billing.records import Dispute
from domain.children import CHILDREN_PER_BOOKING, child_id
from tests.adapters.contracts.shops import RealShop, opened

TABLES = ("payments", "refunds", "booking_assignments", "booking_progress", "mechanic_scores", "booked_services")


async def paid_and_refunded(shop, day):
    """A booking with a row in each of the tables."""
    told = await opened(shop, day)
    told.pickup_assigned().collected().pickup_validated().analysis_assigned().analysis_submitted().estimate_validated()
    told.order_opened(order_id=f"order_{told.booking.id}").money_arrives(f"pay_{told.booking.id}").money_returned()
    payments = [replace(each, payment_id=f"pay_{each.id}") for each in told.booking.payments]
    refunds = [replace(each, key=f"rf-{each.id}", refund_id=f"rfnd_{each.id}") for each in told.booking.refunds]
    told.booking = replace(told.booking, payments=payments, refunds=refunds)
    await shop.store.project(told.booking, "pay")
    return told.booking


async def every_row(shop, booking_id):
    return {
        table: await shop.rows(f"SELECT * FROM {table} WHERE booking_id = :id ORDER BY 1, 2", booking_id)
        for table in TABLES
    }


async def test_a_payment_under_an_id_of_the_next_booking_leaves_that_bookings_payment_alone(database, day):
    """Child 1000 had the id of the next booking's first child: an upsert by that id took over another one's payment."""
    shop = RealShop(database)
    first = await paid_and_refunded(shop, day)
    second = await paid_and_refunded(shop, day)
    before = await every_row(shop, second.id)
    assert all(before.values())
    stolen = replace(first.payments[0], id=child_id(second.id, second.payments[0].number), payment_id="pay_stolen")
    await shop.store.project(replace(first, version=first.version + 1, payments=[stolen]), "steal")
    assert await every_row(shop, second.id) == before
    ((owner, number),) = await shop.rows("SELECT booking_id, number FROM payments WHERE booking_id = :id", first.id)
    assert (owner, number) == (first.id, stolen.number)


async def test_an_id_on_the_wire_is_its_booking_and_number_and_a_number_beyond_the_last_is_no_row(database, day):
    shop = RealShop(database)
    booking = await paid_and_refunded(shop, day)
    for table in ("payments", "refunds", "booking_assignments", "booking_progress"):
        rows = await shop.rows(f"SELECT id, number FROM {table} WHERE booking_id = :id", booking.id)
        assert rows
        assert all(row_id == child_id(booking.id, number) for row_id, number in rows)
    beyond = (
        f"INSERT INTO payments (booking_id, number, leg, method, amount, status, created_at) "
        f"VALUES (:id, {CHILDREN_PER_BOOKING}, 'service', 'online', 100, 'pending', now())"
    )
    with pytest.raises(IntegrityError, match="number_in_range"):
        await shop.rows(beyond, booking.id)


async def test_rows_that_the_state_does_not_have_any_more_are_deleted_of_this_booking_only(database, day):
    shop = RealShop(database)
    first, second = await paid_and_refunded(shop, day), await paid_and_refunded(shop, day)
    before = await every_row(shop, second.id)
    bare = replace(
        first, version=first.version + 1, payments=[], refunds=[], assignments=[], reports=[], awards=[], lines=[]
    )
    await shop.store.project(bare, "bare")
    assert await every_row(shop, first.id) == {table: [] for table in TABLES}
    assert await every_row(shop, second.id) == before


async def test_what_bookings_know_of_their_money_is_found_by_its_order_and_by_its_payment(database, day):
    shop, rows = RealShop(database), AccountRows(database)
    first, second = await paid_and_refunded(shop, day), await paid_and_refunded(shop, day)
    dispute = Dispute("disp_1", "pay_1", 1, 0, "open", None, None, None, second.created_at)
    second = replace(second, version=second.version + 1, disputes=[dispute])
    await shop.store.project(second, "disputed")
    [of_order] = await rows.money_of({first.payments[0].order_id, "order_of_others"}, ())
    assert of_order == BookingMoney("vehicle_service", first.id, first.payments, first.refunds, [])
    [of_payment] = await rows.money_of((), {second.payments[0].payment_id})
    assert (of_payment.booking_id, of_payment.disputes) == (second.id, [dispute])
    assert len(await rows.money_of({first.payments[0].order_id}, {second.payments[0].payment_id})) == 2
    assert await rows.money_of((), ()) == []
