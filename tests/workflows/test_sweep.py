"""What no webhook delivered is found by looking."""

import pytest

from domain.payments import Hint
from tests.workflows.visit import eventually
from workflows.maintenance import PaymentSweep
from workflows.messages import BOOKINGS_QUEUE


@pytest.fixture
async def sweep(engine):
    handle = await engine.client.start_workflow(PaymentSweep.run, id="sweep-of-a-test", task_queue=BOOKINGS_QUEUE)
    yield
    await handle.terminate()
    engine.hints.open.clear()


async def test_money_without_any_report_confirms_by_the_poll(opened, sweep):
    visit = await opened()
    await visit.estimate_ready()
    order = await visit.order_opened()
    visit.engine.hints.open.append(Hint(booking_id=visit.id, order_id=order.order_id))
    await visit.pause(0.2)
    assert visit.booking.status == "analysed"
    visit.engine.gateway.pay(order.order_id)
    await visit.becomes(lambda booking: booking.status == "in-progress")


async def test_a_hint_whose_signal_was_lost_is_delivered_and_ticked_off(opened, sweep):
    visit = await opened()
    await visit.estimate_ready()
    order = await visit.order_opened()
    visit.engine.gateway.pay(order.order_id)
    visit.engine.hints.waiting.append(Hint(booking_id=visit.id, order_id=order.order_id, row=7))
    await visit.becomes(lambda booking: booking.status == "in-progress")
    await eventually(lambda: not visit.engine.hints.waiting)


async def test_a_hint_for_a_booking_that_is_over_is_ticked_off(told, sweep):
    visit = await told("online")
    visit.engine.hints.waiting.append(Hint(booking_id=visit.id, order_id="order_1", row=8))
    await eventually(lambda: not visit.engine.hints.waiting)


async def test_many_polls_of_one_refused_capture_call_the_admin_once(opened, sweep):
    visit = await opened()
    await visit.estimate_ready()
    order = await visit.order_opened()
    visit.engine.gateway.refuses_captures = True
    visit.engine.gateway.pay(order.order_id)
    visit.engine.hints.open.append(Hint(booking_id=visit.id, order_id=order.order_id))
    await visit.becomes(lambda booking: booking.attention)
    await visit.pause(0.5)
    visit.engine.gateway.refuses_captures = False
    await visit.becomes(lambda booking: booking.status == "in-progress")
    assert visit.actions.count("alert") == 1
