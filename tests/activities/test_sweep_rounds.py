"""A round of the sweep: what cannot be delivered or fetched holds up nothing else, and is tried ever less often."""

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta

from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import ActivityEnvironment

from activities.sweeps import SweepActivities
from activities.webhook_delivery import MOST_TRIES, WebhookDelivery
from domain.billing.provider import CURRENCY, OrderFacts, PaymentEvent, ProviderOrder, ProviderPayment
from domain.errors import KeyRefused
from tests.fakes.emails import FakeHints

NO_TIME = timedelta(0)
AN_HOUR = timedelta(hours=1)


class TroubledOrders:
    """A provider that has the wrong answer for some orders; ``asked`` for which it was asked."""

    def __init__(self, *broken: str, fault: Exception | None = None, paid: Iterable[ProviderPayment] = ()) -> None:
        self.broken, self.asked, self.fault = broken, [], fault or TimeoutError()
        self.paid = list(paid)

    async def fetch_order(self, order_id: str) -> OrderFacts:
        self.asked.append(order_id)
        if order_id in self.broken:
            raise self.fault
        attempts = tuple(each for each in self.paid if each.order_id == order_id)
        return OrderFacts(ProviderOrder(order_id, 100, CURRENCY, "created", None), attempts)


class Signals:
    """Workflows that hear, but for those of some bookings, of which the server takes no signal."""

    def __init__(self, *refusing: int) -> None:
        self.refusing, self.heard, self.tried = refusing, [], Counter()

    async def report_payment(self, kind: str, booking_id: int, order_id: str) -> None:
        self.tried[booking_id] += 1
        if booking_id in self.refusing:
            raise RPCError("too many signals", RPCStatusCode.INVALID_ARGUMENT, b"")
        self.heard.append(order_id)

    async def report_dispute(self, kind: str, booking_id: int, dispute_id: str) -> None:
        self.heard.append(dispute_id)

    async def report_transfer(self, kind: str, booking_id: int, transfer_id: str) -> None:
        self.heard.append(transfer_id)

    async def report_refund(self, key: str) -> bool:
        return False


def sweep_of(
    hints: FakeHints,
    orders: TroubledOrders,
    signals: Signals | None = None,
    every: timedelta = timedelta(0),
    budget: timedelta = AN_HOUR,
) -> SweepActivities:
    return SweepActivities(hints, orders, signals or Signals(), every, 5, budget=budget)


async def rounds(sweeps: SweepActivities, how_many: int) -> list[str]:
    """Some rounds; answers what they said that they were busy with."""
    alive: list[str] = []
    env = ActivityEnvironment()
    env.on_heartbeat = alive.append
    for _ in range(how_many):
        await env.run(sweeps.sweep)
    return alive


async def test_a_round_without_time_looks_at_one_order_of_a_kind_and_says_that_it_is_alive():
    hints, orders = FakeHints(), TroubledOrders()
    hints.open = [PaymentEvent(1, "open_1"), PaymentEvent(2, "open_2")]
    hints.over = [PaymentEvent(3, "over_1", looks=1), PaymentEvent(4, "over_2", looks=1)]
    assert await rounds(sweep_of(hints, orders, budget=NO_TIME), 1) == orders.asked == ["open_1", "over_1"]
    assert [hint.order_id for hint in hints.over] == ["over_2"]


async def test_orders_that_cannot_be_looked_at_let_others_come_first_and_stay_due():
    hints, orders = FakeHints(), TroubledOrders("over_1")
    hints.over = [PaymentEvent(3, "over_1", looks=1), PaymentEvent(4, "over_2", looks=1)]
    await rounds(sweep_of(hints, orders, budget=NO_TIME), 3)
    assert orders.asked == ["over_1", "over_2", "over_1"]
    assert [hint.order_id for hint in hints.over] == ["over_1"]


async def test_a_webhook_that_cannot_be_delivered_holds_up_no_other_and_no_poll():
    hints, orders, signals = FakeHints(), TroubledOrders(), Signals(1)
    hints.waiting = [PaymentEvent(1, "order_1", row=1), PaymentEvent(2, "order_2", row=2)]
    hints.open = [PaymentEvent(3, "open_1")]
    sweeps = sweep_of(hints, orders, signals, every=AN_HOUR)
    await rounds(sweeps, 3)
    assert signals.heard == ["order_2"]
    assert [hint.row for hint in hints.waiting] == [1]
    assert orders.asked == ["open_1"] * 3
    assert signals.tried[1] == 1  # its next try comes after a pause, behind all others


async def test_a_webhook_that_cannot_be_delivered_for_more_than_a_day_is_parked():
    hints, signals = FakeHints(), Signals(1)
    hints.waiting = [PaymentEvent(1, "order_1", row=1)]
    sweeps = sweep_of(hints, TroubledOrders(), signals)
    await rounds(sweeps, MOST_TRIES - 1)
    assert hints.waiting
    await rounds(sweeps, 3)
    assert not hints.waiting
    assert signals.tried[1] == MOST_TRIES


async def test_many_webhooks_about_one_order_are_one_signal():
    hints, signals = FakeHints(), Signals()
    hints.waiting = [PaymentEvent(1, f"order_{n % 2}", row=n) for n in range(200)]
    await rounds(sweep_of(hints, TroubledOrders(), signals), 1)
    assert sorted(signals.heard) == ["order_0", "order_1"]
    assert not hints.waiting


async def test_webhooks_are_delivered_for_a_limited_time_and_the_rest_in_the_next_round():
    hints, signals = FakeHints(), Signals()
    hints.waiting = [PaymentEvent(n, f"order_{n}", row=n) for n in (1, 2)]
    delivery = WebhookDelivery(hints, lambda event: _heard(signals, event), AN_HOUR, NO_TIME)
    await ActivityEnvironment().run(delivery.deliver)
    assert signals.heard == ["order_1"]
    await ActivityEnvironment().run(delivery.deliver)
    assert signals.heard == ["order_1", "order_2"]


async def _heard(signals: Signals, event: PaymentEvent) -> bool:
    await signals.report_payment(event.kind, event.booking_id or 0, event.order_id or "")
    return True


async def test_a_provider_that_does_not_answer_ends_the_round_and_is_asked_again_within_half_a_minute():
    names = [f"open_{n}" for n in range(20)]
    hints, orders = FakeHints(), TroubledOrders(*names)
    hints.open = [PaymentEvent(1, name) for name in names]
    hints.over = [PaymentEvent(2, "over_1", looks=1)]
    env, sweeps = ActivityEnvironment(), sweep_of(hints, orders, every=timedelta(seconds=20))
    pauses = [await env.run(sweeps.sweep) for _ in range(6)]
    assert pauses == [30] * 6
    assert len(orders.asked) == 6 * 5
    orders.broken = ()
    assert await env.run(sweeps.sweep) == 20


async def test_a_key_that_the_provider_refuses_is_tried_as_often():
    hints, orders = FakeHints(), TroubledOrders("open_1", fault=KeyRefused())
    hints.open = [PaymentEvent(1, "open_1")]
    env, sweeps = ActivityEnvironment(), sweep_of(hints, orders, every=timedelta(seconds=20))
    assert [await env.run(sweeps.sweep) for _ in range(3)] == [30, 30, 30]


async def test_an_order_that_nobody_has_paid_for_long_is_polled_less_often():
    hints, orders = FakeHints(), TroubledOrders()
    hints.open = [PaymentEvent(1, "new", age=60), PaymentEvent(2, "old", age=7200)]
    await rounds(sweep_of(hints, orders), 5)
    assert Counter(orders.asked) == {"new": 5, "old": 1}


async def test_a_payment_that_stays_as_it_was_is_reported_ever_less_often_and_a_new_one_at_once():
    paid = ProviderPayment("pay_1", "open_1", 100, CURRENCY, "authorized", False, 0, "upi", None, 1)
    hints, orders, signals = FakeHints(), TroubledOrders(paid=[paid]), Signals()
    hints.open = [PaymentEvent(1, "open_1")]
    sweeps = sweep_of(hints, orders, signals, every=AN_HOUR)
    await rounds(sweeps, 5)
    assert signals.heard == ["open_1"]
    orders.paid.append(ProviderPayment("pay_2", "open_1", 100, CURRENCY, "authorized", False, 0, "upi", None, 2))
    await rounds(sweeps, 5)
    assert signals.heard == ["open_1"] * 2
