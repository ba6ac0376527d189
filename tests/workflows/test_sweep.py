"""What no webhook delivered is found by looking."""

import pytest

from domain.billing.provider import PaymentEvent
from kinds.vehicle_service.domain.visit import KIND
from tests.workflows.running_booking import eventually
from workflows.booking.messages import MAINTENANCE_QUEUE
from workflows.sweep import PaymentSweepWorkflow


@pytest.fixture
async def sweep(engine):
    handle = await engine.client.start_workflow(
        PaymentSweepWorkflow.run, id="sweep-of-a-test", task_queue=MAINTENANCE_QUEUE
    )
    yield
    await handle.terminate()
    engine.hints.open.clear()


async def test_money_without_any_report_confirms_by_the_poll(estimated, sweep):
    visit = await estimated()
    order = await visit.order_opened()
    visit.engine.hints.open.append(PaymentEvent(booking_id=visit.id, order_id=order.order_id, kind=KIND))
    await visit.pause(0.2)
    assert visit.booking.status == "analysed"
    visit.engine.gateway.pay(order.order_id)
    await visit.becomes(lambda booking: booking.status == "in-progress")


async def test_a_payment_event_whose_signal_was_lost_is_delivered_and_marked(estimated, sweep):
    visit = await estimated()
    order = await visit.order_opened()
    visit.engine.gateway.pay(order.order_id)
    visit.engine.hints.waiting.append(PaymentEvent(booking_id=visit.id, order_id=order.order_id, row=7, kind=KIND))
    await visit.becomes(lambda booking: booking.status == "in-progress")
    await eventually(lambda: not visit.engine.hints.waiting)


async def test_a_payment_event_for_a_booking_that_is_over_is_marked(walked, sweep):
    visit = await walked("online")
    visit.engine.hints.waiting.append(PaymentEvent(booking_id=visit.id, order_id="order_1", row=8, kind=KIND))
    await eventually(lambda: not visit.engine.hints.waiting)


async def test_many_polls_of_one_refused_capture_call_the_admin_once(estimated, sweep):
    visit = await estimated()
    order = await visit.order_opened()
    visit.engine.gateway.refuses_captures = True
    visit.engine.gateway.pay(order.order_id)
    visit.engine.hints.open.append(PaymentEvent(booking_id=visit.id, order_id=order.order_id, kind=KIND))
    await visit.becomes(lambda booking: booking.attention)
    await visit.pause(0.5)
    visit.engine.gateway.refuses_captures = False
    await visit.becomes(lambda booking: booking.status == "in-progress")
    assert visit.actions.count("alert") == 1
