"""Giving up, from everywhere where it is allowed: what it costs, what goes back, and the car."""

import pytest

from domain.errors import ActionNotAllowed
from domain.people import TEMPORAL_ADMIN
from tests.kinds.vehicle_service.people import ADMIN, BRAKES
from tests.workflows.prepared import prepared
from tests.workflows.visit import Visit


async def _nothing(visit: Visit) -> None:
    return


async def _analysis_assigned(visit: Visit) -> None:
    await visit.received()
    await visit.analysis_assigned()


async def _half_done(visit: Visit) -> None:
    await visit.paid_online()
    await visit.service_assigned()
    await visit.work_reported(BRAKES)
    await visit.report_validated()


@pytest.mark.parametrize(
    ("prepares", "walks", "fee", "refund", "due", "returns_car"),
    [
        pytest.param(_nothing, _nothing, 0, 0, 0, False, id="booked"),
        pytest.param(Visit.pickup_assigned, _nothing, 0, 0, 0, False, id="pickup"),
        pytest.param(Visit.received, _nothing, 10000, 0, 11800, True, id="received"),
        pytest.param(_analysis_assigned, _nothing, 10000, 0, 11800, True, id="analysis"),
        pytest.param(Visit.estimate_ready, _nothing, 10000, 0, 11800, True, id="analysed"),
        pytest.param(Visit.estimate_ready, Visit.cash_agreed, 10000, 0, 11800, True, id="cash"),
        pytest.param(Visit.estimate_ready, Visit.paid_online, 10000, 295000 - 11800, 0, True, id="paid"),
        pytest.param(Visit.estimate_ready, _half_done, 165000, 295000 - 165000 * 118 // 100, 0, True, id="half-done"),
    ],
)
async def test_a_cancel_costs_what_the_state_says_and_sends_the_rest_back(
    engine, prepares, walks, fee, refund, due, returns_car
):
    visit = await prepared(engine, prepares)
    await walks(visit)
    assert (await visit.cancelled()).status == "cancelled"
    done = visit.booking.cancellation
    assert (done.fee, done.refund, visit.due, done.returns_car) == (fee, refund, due, returns_car)
    assert visit.booking.active() is None
    if returns_car:
        await visit.drop_assigned()
        if due:
            await visit.cash_verified()
        await visit.brought_home()
    await visit.closes()
    assert sum(r.amount for r in visit.booking.refunds if r.status == "processed") == refund


async def test_from_completed_on_nobody_cancels(estimated):
    visit = await estimated()
    await visit.cash_agreed()
    await visit.work_done()
    with pytest.raises(ActionNotAllowed):
        await visit.cancelled(ADMIN)
    await visit.drop_assigned()
    with pytest.raises(ActionNotAllowed):
        await visit.cancelled()


async def test_a_cancelled_booking_that_nothing_holds_closes_at_once_and_gives_its_slots_back(walked):
    visit = await walked("cancelled_free")
    assert visit.booking.event.action == "cancel"
    assert visit.engine.store.held_by(visit.id) == {}
    assert (await visit.mailed()).count("cancellation") == 1


async def test_a_cancelled_car_that_was_collected_gives_back_the_slot_of_its_drop_only(walked):
    visit = await walked("cancelled_with_a_fee_to_pay")
    assert list(visit.engine.store.held_by(visit.id)) == ["pickup"]


async def test_a_fee_is_kept_from_the_money_that_is_in_and_the_invoice_is_corrected(walked):
    booking = (await walked("cancelled_with_fee_and_refund")).booking
    [note] = booking.credit_notes
    assert (note.amount, note.invoice_number) == (booking.cancellation.refund, booking.invoices[0].number)


async def test_a_second_cancel_is_refused(received):
    visit = await received()
    await visit.cancelled()
    with pytest.raises(ActionNotAllowed):
        await visit.cancelled()


async def test_a_cancel_in_the_temporal_ui_is_an_admin_s_with_its_fee_and_mail(walked):
    visit = await walked("cancelled_in_the_temporal_ui")
    done = visit.booking.cancellation
    assert (done.by, done.fee) == (TEMPORAL_ADMIN, 10000)
    assert (await visit.mailed()).count("cancellation") == 1


async def test_a_cancel_in_the_temporal_ui_before_anybody_worked_still_tells_the_customer(engine, visit):
    visit = visit()
    async with engine.stopped():
        opening = visit.in_background(visit.ask_to_open())
        await visit.exists()
        await visit.handle.cancel()
    assert (await opening).id == visit.id
    await visit.closes()
    assert visit.actions == ["book", "cancel"]
    assert sorted(await visit.mailed()) == ["booking-confirmation", "cancellation"]
    assert visit.engine.store.held_by(visit.id) == {}


async def test_a_cancel_in_the_temporal_ui_that_comes_too_late_asks_for_the_admin_and_the_visit_goes_on(estimated):
    visit = await estimated()
    await visit.cash_agreed()
    await visit.work_done()
    await visit.handle.cancel()
    await visit.becomes(lambda booking: booking.attention)
    assert await visit.attribute("NeedsAttention")
    await visit.drop_assigned()
    await visit.cash_verified()
    await visit.brought_home()
    assert (await visit.closes()).status == "delivered"


async def test_a_cancel_in_the_temporal_ui_of_a_visit_that_is_over_loses_no_mail(opened):
    visit = await opened()
    with visit.engine.post.down():
        await visit.cancelled()
        await visit.handle.cancel()
        await visit.pause(0.3)
    await visit.closes()
    assert sorted(await visit.mailed()) == ["booking-confirmation", "cancellation"]
