"""How the adapter speaks to the official SDK: only calls that are known to be safe, with every argument spelled out.

The SDK's defaults are shared dictionaries, an ``int`` as a refund is sent as a bare number, and its own retries repeat
refunds: a call of another shape must not slip in.
"""

import inspect
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import adapters.razorpay.gateway
from adapters.razorpay import RazorpayGateway, transport
from devstack.razorpay import Served
from tests.adapters.razorpay.calls import create, gateway_to, refund

# Positional arguments by kind; a dictionary names every key that may be in it.
REFUND_BODY = {"amount", "speed", "receipt", "notes"}
LIST = {"receipt", "count", "from", "to", "skip"}
SHAPES: dict[str, tuple[Any, ...]] = {
    "order.create": ({"amount", "currency", "receipt", "notes", "payment"},),
    "order.fetch": (str, set()),
    "order.payments": (str, LIST),
    "order.all": (LIST,),
    "payment.fetch": (str, set()),
    "payment.all": (LIST,),
    "payment.capture": (str, int, {"currency"}),
    "payment.refund": (str, REFUND_BODY),
    "payment.fetch_multiple_refund": (str, LIST),
    "refund.fetch": (str, set()),
    "refund.all": (LIST,),
    "dispute.fetch": (str, set()),
    "dispute.all": (LIST,),
}
OPTIONS = {"payment.refund": {"headers"}}


class Strict:
    """A resource of the SDK that lets only known shapes through, and remembers them."""

    def __init__(self, name: str, resource: Any, seen: set[str]) -> None:
        self._name, self._resource, self._seen = name, resource, seen

    def __getattr__(self, verb: str) -> Any:
        call = f"{self._name}.{verb}"
        assert call in SHAPES, f"{call} is no call of ours"

        def checked(*given: Any, **options: Any) -> Any:
            self._seen.add(call)
            assert len(given) == len(SHAPES[call]), f"{call} needs all its arguments: {given}"
            for value, shape in zip(given, SHAPES[call], strict=True):
                fits = value.keys() <= shape if isinstance(shape, set) else type(value) is shape
                assert fits, f"{call} got {value!r}"
            assert options.keys() == OPTIONS.get(call, set()), f"{call} got {options}"
            return getattr(self._resource, verb)(*given, **options)

        return checked


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    calls: set[str] = set()

    class Client(transport.Client):
        def __init__(self, **options: Any) -> None:
            assert options.keys() == {"session", "auth", "base_url"}
            super().__init__(**options)
            for name in ("order", "payment", "refund", "dispute"):
                setattr(self, name, Strict(name, getattr(self, name), calls))

        def enable_retry(self, *_: Any) -> None:
            raise AssertionError("its retries repeat refunds")

    monkeypatch.setattr(adapters.razorpay.gateway, "Client", Client)
    return calls


def test_every_call_has_a_known_shape(sandbox: Served, seen: set[str]) -> None:
    gateway = gateway_to(sandbox)
    order = create(gateway, look_first=True)
    create(gateway, look_first=True)
    payment_id = sandbox.pay(order.order_id)["razorpay_payment_id"]
    gateway.fetch_order(order.order_id)
    for _ in range(2):  # the second time is answered with 400 and looked up
        gateway.capture(payment_id, order.amount, "INR")
    refund_id = refund(gateway, payment_id).refund_id
    gateway.fetch_refund(refund_id)
    now = datetime.now(UTC)
    span = (now - timedelta(days=1), now)
    dispute_id = sandbox.operate("POST", "disputes", payment_id=payment_id)["id"]
    others: dict[str, tuple[Any, ...]] = {
        "payments_between": span,
        "refunds_between": span,
        "payment": (payment_id,),
        "fetch_payment": (payment_id,),
        "refund_of_id": (refund_id,),
        "fetch_dispute": (dispute_id,),
        "dispute_of_id": (dispute_id,),
        "disputes_of": (payment_id,),
        "disputes_between": span,
        "page_of_payments": (*span, 0),
        "page_of_refunds": (*span, 0),
        "page_of_disputes": (*span, 0),
        "find_refund": (payment_id, ["rf-1-1"], 50000),
    }
    for name, arguments in others.items():
        if hasattr(gateway, name):
            found = getattr(gateway, name)(*arguments)
            assert list(found) if isinstance(found, Iterator) else found
    gateway.close()
    tried = {"create_order", "fetch_order", "capture", "refund", "fetch_refund", "close", *others}
    public = {name for name, _ in inspect.getmembers(RazorpayGateway, inspect.isfunction) if not name.startswith("_")}
    assert public <= tried, "a new call of the gateway is to be tried here as well"
    assert seen <= SHAPES.keys()
    assert {"order.create", "payment.capture", "payment.fetch", "payment.refund"} <= seen
