"""One sandbox and one shop for all these tests, emptied before each; the official SDK speaks to them."""

from collections.abc import Iterator
from typing import Any

import pytest
import razorpay
import requests

from devstack.razorpay import Config, Served, serving
from tests.devstack.razorpay.shop import Shop, open_shop


@pytest.fixture(scope="module")
def endpoint() -> Iterator[Shop]:
    with open_shop() as shop:
        yield shop


@pytest.fixture(scope="module")
def running(endpoint: Shop) -> Iterator[Served]:
    with serving(Config(webhook_urls=(endpoint.url,), seed="tests")) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: Served) -> Served:
    running.operate("POST", "reset")
    return running


@pytest.fixture
def shop(endpoint: Shop, sandbox: Served) -> Shop:
    endpoint.received.clear()
    endpoint.answers.clear()
    return endpoint


@pytest.fixture
def sdk(sandbox: Served) -> Iterator[Any]:
    with requests.Session() as session:
        keys = (sandbox.config.key_id, sandbox.config.key_secret)
        yield razorpay.Client(session=session, auth=keys, base_url=sandbox.base_url)


@pytest.fixture
def order(sdk: Any) -> dict[str, Any]:
    """Manual capture, as the product makes them."""
    return sdk.order.create(
        {"amount": 194700, "currency": "INR", "receipt": "bk-1-1", "payment": {"capture": "manual"}}
    )


@pytest.fixture
def captured(sdk: Any, sandbox: Served, order: dict[str, Any]) -> dict[str, Any]:
    """A payment whose money is the shop's."""
    return sandbox.pay(order["id"], capture=True)["payment"]


@pytest.fixture
def account(sandbox: Served) -> str:
    """Somebody who takes money of the shop's through Route."""
    return str(sandbox.operate("POST", "accounts", name="Asha", activated=True)["id"])


@pytest.fixture
def transfer(sdk: Any, captured: dict[str, Any], account: str) -> dict[str, Any]:
    """A part of that payment, kept from the account's bank."""
    part = {"account": account, "amount": 81876, "currency": "INR", "on_hold": True, "notes": {"payout": "po-1-1"}}
    return sdk.payment.transfer(captured["id"], {"transfers": [part]})["items"][0]
