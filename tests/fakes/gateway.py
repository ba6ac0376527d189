"""A payment provider in memory: the same promises as ``adapters.razorpay`` before the sandbox."""

import itertools
import threading
from dataclasses import replace

from domain.errors import PaymentRejected
from domain.payments import OrderEvidence, ProviderOrder, ProviderPayment, ProviderRefund


class FakeGateway:
    """Orders, payments, refunds. ``down`` makes calls fail; ``refunds_wait`` leaves refunds pending."""

    def __init__(self) -> None:
        self.orders: dict[str, ProviderOrder] = {}
        self.payments: dict[str, ProviderPayment] = {}
        self.refunds: dict[str, ProviderRefund] = {}
        self.by_key: dict[str, str] = {}
        self.down = False
        self.refunds_wait = False
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def create_order(
        self, *, amount: int, currency: str, receipt: str, notes: dict[str, str], look_first: bool
    ) -> ProviderOrder:
        self._answer()
        with self._lock:
            made = next((order for order in self.orders.values() if order.receipt == receipt), None)
            if look_first and made:
                return made
            order = ProviderOrder(f"order_{next(self._numbers):014d}", amount, currency, "created", receipt)
            self.orders[order.order_id] = order
            return order

    def fetch_order(self, order_id: str) -> OrderEvidence:
        self._answer()
        paid = tuple(payment for payment in self.payments.values() if payment.order_id == order_id)
        return OrderEvidence(self.orders[order_id], paid)

    def capture(self, payment_id: str, amount: int, currency: str) -> ProviderPayment:
        self._answer()
        with self._lock:
            payment = self.payments[payment_id]
            if payment.status not in ("authorized", "captured"):
                raise PaymentRejected("the payment cannot be captured")
            self.payments[payment_id] = replace(payment, status="captured", captured=True)
            return self.payments[payment_id]

    def refund(
        self, *, payment_id: str, amount: int, key: str, receipt: str, notes: dict[str, str], look_first: bool
    ) -> ProviderRefund:
        self._answer()
        with self._lock:
            if key in self.by_key:
                return self.refunds[self.by_key[key]]
            payment = self.payments[payment_id]
            if amount > payment.amount - payment.amount_refunded:
                raise PaymentRejected("the refund is greater than the amount captured")
            self.payments[payment_id] = replace(payment, amount_refunded=payment.amount_refunded + amount)
            status = "pending" if self.refunds_wait else "processed"
            refund = ProviderRefund(f"rfnd_{next(self._numbers):014d}", payment_id, amount, status)
            self.refunds[refund.refund_id], self.by_key[key] = refund, refund.refund_id
            return refund

    def fetch_refund(self, refund_id: str) -> ProviderRefund:
        self._answer()
        return self.refunds[refund_id]

    def pay(self, order_id: str, *, amount: int | None = None, status: str = "authorized") -> ProviderPayment:
        """The customer pays (or fails to)."""
        order = self.orders[order_id]
        number = next(self._numbers)
        payment = ProviderPayment(
            f"pay_{number:014d}",
            order_id,
            amount or order.amount,
            order.currency,
            status,
            captured=status == "captured",
            amount_refunded=0,
            method="upi",
            error="the bank declined" if status == "failed" else None,
            created_at=number,
        )
        self.payments[payment.payment_id] = payment
        return payment

    def settle(self, refund_id: str, status: str) -> None:
        """The provider finishes a refund."""
        self.refunds[refund_id] = replace(self.refunds[refund_id], status=status)

    def _answer(self) -> None:
        if self.down:
            raise ConnectionError("the provider is down")
