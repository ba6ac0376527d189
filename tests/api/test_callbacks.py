"""When a checkout's callback has the booking look, and when the rows have to do: it can be replayed without a login."""

from collections import Counter
from contextlib import contextmanager

import pytest
from starlette.requests import Request

from adapters.postgres.payment_queries import Order
from api.payments import service
from api.payments.service import PaymentService
from api.routes import payment_webhook
from settings import Razorpay


class Client:
    """Workflows that hear; ``told`` how often."""

    told = 0

    async def report_payment(self, kind: str, booking_id: int, order_id: str) -> bool:
        self.told += 1
        return True


class Rows:
    """One order, as it stands."""

    async def order(self, order_id: str, payment_id: str | None = None) -> Order:
        return Order(1, "failed", "cancelled")


class Changes:
    """Nothing ever changes."""

    @contextmanager
    def subscribe(self, booking_id: int):
        yield self

    async def changed(self, within: float) -> None:
        return None


class Inbox:
    async def delivered(self, rows: list[int]) -> None:
        return None


@pytest.mark.parametrize(
    ("order", "may_look", "told"),
    [
        (Order(1, "pending", "analysed"), True, 1),
        (Order(1, "failed", "cancelled"), True, 1),
        (Order(1, "success", "in-progress"), True, 0),
        (Order(1, "failed", "cancelled", payment_known=True), True, 0),
        (Order(1, "pending", "analysed"), False, 0),
    ],
)
async def test_only_what_the_rows_do_not_know_is_looked_at(monkeypatch, order, may_look, told):
    monkeypatch.setattr(service, "LONGEST_WAIT", 0.0)
    client = Client()
    payments = PaymentService("visit", client, Rows(), Inbox(), Changes(), Razorpay())

    async def looks() -> bool:
        return may_look

    assert await payments.callback(order, "order_1", looks) == order
    assert client.told == told


async def test_looks_are_counted_for_each_order_and_address_and_for_each_order_from_anywhere(monkeypatch):
    counted: Counter[str] = Counter()

    async def count(opened: object, subject: str) -> int:
        counted[subject] += 1
        return counted[subject]

    monkeypatch.setattr(payment_webhook, "count_request", count)

    async def looks(order: str, address: str) -> bool:
        request = Request({"type": "http", "client": (address, 1), "headers": []})
        return await payment_webhook._may_look(None, request, order)

    of_one = [await looks("order_1", "10.0.0.1") for _ in range(8)]
    assert of_one == [True] * 5 + [False] * 3
    assert await looks("order_2", "10.0.0.1")
    from_anywhere = [await looks("order_1", f"10.0.1.{n}") for n in range(20)]
    assert from_anywhere == [True] * 15 + [False] * 5
