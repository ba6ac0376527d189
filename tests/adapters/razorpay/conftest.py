"""A Razorpay sandbox over HTTP, the gateway to it, and a payment on each step of its way."""

from collections.abc import Iterator

import pytest

from adapters.razorpay import RazorpayGateway
from devstack.razorpay import Config, Served, serving
from domain.billing.provider import ProviderOrder
from tests.adapters.razorpay.calls import create, gateway_to


@pytest.fixture(scope="module")
def running() -> Iterator[Served]:
    with serving(Config(seed="adapter")) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: Served) -> Served:
    running.operate("POST", "reset")
    return running


@pytest.fixture
def gateway(sandbox: Served) -> Iterator[RazorpayGateway]:
    gateway = gateway_to(sandbox)
    yield gateway
    gateway.close()


@pytest.fixture
def order(gateway: RazorpayGateway) -> ProviderOrder:
    return create(gateway)


@pytest.fixture
def authorised(sandbox: Served, order: ProviderOrder) -> str:
    return sandbox.pay(order.order_id)["razorpay_payment_id"]


@pytest.fixture
def captured(gateway: RazorpayGateway, authorised: str) -> str:
    return gateway.capture(authorised, 194700, "INR").payment_id
