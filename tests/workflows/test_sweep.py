"""What no webhook delivered is found by looking."""

from datetime import timedelta

import pytest
from temporalio.testing import ActivityEnvironment

from activities.sweeps import SweepActivities
from domain.billing.provider import CURRENCY, OrderFacts, PaymentEvent, ProviderOrder
from kinds.vehicle_service.domain.visit import KIND
from tests.fakes.emails import FakeHints
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


async def test_money_without_any_report_confirms_by_the_poll(opened, sweep):
    visit = await opened()
    await visit.estimate_ready()
    order = await visit.order_opened()
    visit.engine.hints.open.append(PaymentEvent(booking_id=visit.id, order_id=order.order_id, kind=KIND))
    await visit.pause(0.2)
    assert visit.booking.status == "analysed"
    visit.engine.gateway.pay(order.order_id)
    await visit.becomes(lambda booking: booking.status == "in-progress")


async def test_a_payment_event_whose_signal_was_lost_is_delivered_and_marked(opened, sweep):
    visit = await opened()
    await visit.estimate_ready()
    order = await visit.order_opened()
    visit.engine.gateway.pay(order.order_id)
    visit.engine.hints.waiting.append(PaymentEvent(booking_id=visit.id, order_id=order.order_id, row=7, kind=KIND))
    await visit.becomes(lambda booking: booking.status == "in-progress")
    await eventually(lambda: not visit.engine.hints.waiting)


async def test_a_payment_event_for_a_booking_that_is_over_is_marked(walked, sweep):
    visit = await walked("online")
    visit.engine.hints.waiting.append(PaymentEvent(booking_id=visit.id, order_id="order_1", row=8, kind=KIND))
    await eventually(lambda: not visit.engine.hints.waiting)


async def test_many_polls_of_one_refused_capture_call_the_admin_once(opened, sweep):
    visit = await opened()
    await visit.estimate_ready()
    order = await visit.order_opened()
    visit.engine.gateway.refuses_captures = True
    visit.engine.gateway.pay(order.order_id)
    visit.engine.hints.open.append(PaymentEvent(booking_id=visit.id, order_id=order.order_id, kind=KIND))
    await visit.becomes(lambda booking: booking.attention)
    await visit.pause(0.5)
    visit.engine.gateway.refuses_captures = False
    await visit.becomes(lambda booking: booking.status == "in-progress")
    assert visit.actions.count("alert") == 1


class TroubledOrders:
    """A provider that has the wrong answer for some orders; ``asked`` for which it was asked."""

    def __init__(self, *broken: str) -> None:
        self.broken, self.asked = broken, []

    async def fetch_order(self, order_id: str) -> OrderFacts:
        self.asked.append(order_id)
        if order_id in self.broken:
            raise TimeoutError
        return OrderFacts(ProviderOrder(order_id, 100, CURRENCY, "created", None), ())


async def rounds(hints: FakeHints, orders: TroubledOrders, how_many: int) -> list[str]:
    """Rounds that have time for one order of a kind each; answers what they said that they were busy with."""
    alive: list[str] = []
    env = ActivityEnvironment()
    env.on_heartbeat = alive.append
    no_time = timedelta(0)
    sweeps = SweepActivities(hints, orders, None, hints, timedelta(seconds=1), 5, budget=no_time)
    for _ in range(how_many):
        await env.run(sweeps.sweep)
    return alive


async def test_a_round_without_time_looks_at_one_order_of_a_kind_and_says_that_it_is_alive():
    hints, orders = FakeHints(), TroubledOrders()
    hints.open = [PaymentEvent(1, "open_1"), PaymentEvent(2, "open_2")]
    hints.over = [PaymentEvent(3, "over_1", looks=1), PaymentEvent(4, "over_2", looks=1)]
    assert await rounds(hints, orders, 1) == orders.asked == ["open_1", "over_1"]
    assert [hint.order_id for hint in hints.over] == ["over_2"]


async def test_orders_that_cannot_be_looked_at_let_others_come_first_and_stay_due():
    hints, orders = FakeHints(), TroubledOrders("over_1")
    hints.over = [PaymentEvent(3, "over_1", looks=1), PaymentEvent(4, "over_2", looks=1)]
    await rounds(hints, orders, 3)
    assert orders.asked == ["over_1", "over_2", "over_1"]
    assert [hint.order_id for hint in hints.over] == ["over_1"]
