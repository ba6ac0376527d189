"""The provider under comparison: the sandbox, or the account in test mode that the environment names."""

import html
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest
import razorpay

from adapters.razorpay import RazorpayGateway
from devstack.razorpay import Served
from domain.billing.provider import ProviderOrder

T = TypeVar("T")
AMOUNT = 50_000
TO_PAY = "verify-to-pay"
"""The receipt of orders that a person pays, so that the next run can capture and refund."""
PAGE = Path("dist/verify-checkout.html")
_CHECKOUT = """<!doctype html><meta charset="utf-8"><title>A payment in test mode</title>
<p>Pay with a test instrument (UPI: success@razorpay), close this page, run the command again.</p>
<script src="https://checkout.razorpay.com/v1/checkout.js"></script>
<script>new Razorpay({{key: "{key}", order_id: "{order}", name: "Verification"}}).open()</script>
"""


class Provider:
    """Its gateway as the product makes it, and the official SDK beside it for what the gateway leaves out."""

    def __init__(self, sandbox: Served | None, named: dict[str, str]) -> None:
        self._sandbox = sandbox
        if sandbox:
            self.keys, self.base_url = (sandbox.config.key_id, sandbox.config.key_secret), sandbox.base_url
        else:
            self.keys = named["RAZORPAY_KEY_ID"], named["RAZORPAY_KEY_SECRET"]
            self.base_url = named.get("RAZORPAY_BASE_URL", "https://api.razorpay.com").rstrip("/")
        self.gateway = self.gateway_with(self.keys[1])
        self.sdk: Any = razorpay.Client(auth=self.keys, base_url=self.base_url)

    def gateway_with(self, secret: str) -> RazorpayGateway:
        return RazorpayGateway(key_id=self.keys[0], key_secret=secret, base_url=self.base_url)

    def order(self, receipt: str, *, look_first: bool = False) -> ProviderOrder:
        return self.gateway.create_order(
            amount=AMOUNT, currency="INR", receipt=receipt, notes={"for": "verification"}, look_first=look_first
        )

    def authorised(self) -> str:
        """A payment that waits to be captured; in test mode a person has to make it, and is told how."""
        if self._sandbox:
            return str(self._sandbox.pay(self.order(TO_PAY).order_id)["razorpay_payment_id"])
        orders = self.sdk.order.all({"receipt": TO_PAY, "count": 100})["items"]
        for each in orders:
            for payment in self.gateway.fetch_order(each["id"]).payments:
                if payment.status == "authorized":
                    return payment.payment_id
        unpaid = [each["id"] for each in orders if each["status"] == "created"]
        order_id = unpaid[0] if unpaid else self.order(TO_PAY).order_id
        PAGE.parent.mkdir(exist_ok=True)
        PAGE.write_text(_CHECKOUT.format(key=html.escape(self.keys[0]), order=html.escape(order_id)))
        pytest.skip(f"captures and refunds need a payment: open {PAGE.resolve()}, pay, and run this again")

    def eventually(self, look: Callable[[], T | None]) -> T:
        """What a list shows at last: the provider's lag behind by minutes."""
        until = time.monotonic() + (5 if self._sandbox else 200)
        while (found := look()) is None:
            assert time.monotonic() < until, "the list does not show it"
            time.sleep(0.05 if self._sandbox else 5)
        return found

    def close(self) -> None:
        self.gateway.close()
        self.sdk.session.close()
