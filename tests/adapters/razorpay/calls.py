"""Calls of the gateway as these tests make them."""

from typing import Any

from adapters.razorpay import RazorpayGateway
from devstack.razorpay import Served
from domain.billing.provider import ProviderOrder


def gateway_to(sandbox: Served, **other: Any) -> RazorpayGateway:
    settings = {
        "key_id": sandbox.config.key_id,
        "key_secret": sandbox.config.key_secret,
        "base_url": sandbox.base_url + "/",
        "timeout": (10.0, 10.0),  # whoever tests a timeout gives their own
    }
    return RazorpayGateway(**{**settings, **other})


def create(gateway: RazorpayGateway, *, look_first: bool = False, receipt: str = "bk-1-1") -> ProviderOrder:
    notes = {"kind": "service", "booking": "1"}
    return gateway.create_order(amount=194700, currency="INR", receipt=receipt, notes=notes, look_first=look_first)


def refund(gateway: RazorpayGateway, payment_id: str, *, key: str = "rf-booking-1-1", **other: Any) -> Any:
    wanted = {"amount": 50000, "receipt": "rf-1-1", "notes": {"booking": "1"}, **other}
    return gateway.refund(payment_id=payment_id, key=key, **wanted)


def orders(sandbox: Served) -> list[Any]:
    return sandbox.operate("GET", "state")["orders"]
