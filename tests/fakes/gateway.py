"""A payment provider in memory: the same promises as ``adapters.razorpay`` (tests/adapters/contracts)."""

import inspect
import itertools
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TypeVar

from domain.billing.provider import OrderFacts, ProviderDispute, ProviderOrder, ProviderPayment, ProviderRefund
from domain.errors import KeyRefused, LowBalance, PaymentRejected

T = TypeVar("T")


class FakeGateway:
    """Orders, payments, refunds; ``refunds_wait`` leaves new refunds pending until ``finish``.

    ``lists_disputes``: unless its list lags behind; ``tells_disputes``: unless our key may not read them.
    """

    def __init__(self) -> None:
        self.orders: dict[str, ProviderOrder] = {}
        self.payments: dict[str, ProviderPayment] = {}
        self.refunds: dict[str, ProviderRefund] = {}
        self.refunds_wait = False
        self.balance_is_low = False
        self.key_is_refused = False
        self.disputes: dict[str, ProviderDispute] = {}
        self.refuses_captures = False
        self.lists_disputes = self.tells_disputes = True
        self.calls: Counter[str] = Counter()
        self._by_key: dict[str, tuple[str, str, int]] = {}
        self._down = False
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    @contextmanager
    def down(self) -> Iterator[None]:
        """For this long every call fails, as with a provider that does not answer."""
        self._down = True
        try:
            yield
        finally:
            self._down = False

    def create_order(
        self, *, amount: int, currency: str, receipt: str, notes: dict[str, str], look_first: bool
    ) -> ProviderOrder:
        self._answer()
        with self._lock:
            if look_first and (made := self._untouched_order(amount, currency, receipt)):
                return made
            order = ProviderOrder(self._new("order"), amount, currency, "created", receipt)
            self.orders[order.order_id] = order
            return order

    def fetch_order(self, order_id: str, returned: Sequence[str] = ()) -> OrderFacts:
        self._answer()
        with self._lock:
            paid = tuple(payment for payment in self.payments.values() if payment.order_id == order_id)
            given_back = {p.payment_id for p in paid if p.captured and (p.amount_refunded or p.payment_id in returned)}
            refunds = tuple(refund for refund in self.refunds.values() if refund.payment_id in given_back)
            return OrderFacts(self._known(self.orders, order_id), paid, refunds)

    def fetch_payment(self, payment_id: str) -> ProviderPayment:
        self._answer()
        return self._known(self.payments, payment_id)

    def capture(self, payment_id: str, amount: int, currency: str) -> ProviderPayment:
        self._answer()
        with self._lock:
            payment = self._known(self.payments, payment_id)
            if payment.captured:
                return payment
            if self.refuses_captures or payment.status != "authorized":
                raise PaymentRejected("This payment cannot be captured")
            if (payment.amount, payment.currency) != (amount, currency):
                raise PaymentRejected("Capture amount must be equal to the amount authorized")
            self._becomes(replace(payment, status="captured", captured=True))
            return self.payments[payment_id]

    def find_refund(self, payment_id: str, receipts: Sequence[str], amount: int | None) -> ProviderRefund | None:
        self._answer()
        for receipt in receipts:
            for made in self.refunds.values():
                counts = made.status != "failed" or receipt == receipts[0]
                found = (made.payment_id, made.receipt) == (payment_id, receipt) and amount in (None, made.amount)
                if found and counts:
                    return made
        return None

    def disputes_of(self, payment_id: str) -> list[ProviderDispute]:
        self._answer()
        listed = self.disputes.values() if self.lists_disputes else ()
        return [dispute for dispute in listed if dispute.payment_id == payment_id]

    def refund(self, *, payment_id: str, amount: int, key: str, receipt: str, notes: dict[str, str]) -> ProviderRefund:
        self._answer()
        with self._lock:
            if key in self._by_key:
                refund_id, *body = self._by_key[key]
                if body != [payment_id, amount]:
                    raise PaymentRejected("Different request body sent for the same idempotency key")
                return self.refunds[refund_id]
            payment = self._known(self.payments, payment_id)
            if self.balance_is_low:
                raise LowBalance
            if not payment.captured or amount > payment.amount - payment.amount_refunded:
                raise PaymentRejected("The refund amount is greater than the amount captured")
            given_back = payment.amount_refunded + amount
            whole = given_back == payment.amount
            self._becomes(replace(payment, amount_refunded=given_back, status="refunded" if whole else payment.status))
            status = "pending" if self.refunds_wait else "processed"
            refund = ProviderRefund(self._new("rfnd"), payment_id, amount, status, receipt)
            self.refunds[refund.refund_id], self._by_key[key] = refund, (refund.refund_id, payment_id, amount)
            return refund

    def fetch_refund(self, refund_id: str) -> ProviderRefund:
        self._answer()
        return self._known(self.refunds, refund_id)

    def fetch_dispute(self, dispute_id: str) -> ProviderDispute:
        self._answer()
        if not self.tells_disputes:
            raise KeyRefused
        return self._known(self.disputes, dispute_id)

    def dispute(
        self, payment_id: str, status: str = "open", amount: int | None = None, respond_by: int | None = None
    ) -> ProviderDispute:
        """The customer asks the bank for the money of a payment; the same dispute moves on when told again."""
        amount = amount or self.payments[payment_id].amount
        deducted = amount if status == "lost" else 0
        made = ProviderDispute(
            f"disp_{payment_id}", payment_id, amount, deducted, status, "chargeback", None, respond_by
        )
        self.disputes[made.dispute_id] = made
        return made

    def refund_by_hand(self, payment_id: str, amount: int) -> ProviderRefund:
        """Staff refund in the dashboard: no key, no receipt."""
        key = self._new("hand")
        made = self.refund(payment_id=payment_id, amount=amount, key=key, receipt="", notes={})
        self.refunds[made.refund_id] = replace(made, receipt=None)
        return self.refunds[made.refund_id]

    def pay(self, order_id: str, *, amount: int | None = None, status: str = "authorized") -> ProviderPayment:
        """The customer pays, or fails to; another ``amount`` than the order's is a provider gone mad."""
        with self._lock:
            order = self.orders[order_id]
            payment = ProviderPayment(
                self._new("pay"),
                order_id,
                amount or order.amount,
                order.currency,
                status,
                captured=status == "captured",
                amount_refunded=0,
                method="upi",
                error="the bank declined" if status == "failed" else None,
                created_at=next(self._numbers),
            )
            self._becomes(payment)
            return payment

    def becomes(self, payment_id: str, status: str) -> None:
        """The bank has answered, or staff have captured by hand."""
        with self._lock:
            self._becomes(replace(self.payments[payment_id], status=status, captured=status == "captured"))

    def finish(self, refund_id: str, status: str = "processed") -> None:
        """The provider is done with a refund, one way or the other; what failed counts as captured again."""
        refund = self.refunds[refund_id]
        if status == "failed" != refund.status:
            payment = self.payments[refund.payment_id]
            left = payment.amount_refunded - refund.amount
            self._becomes(replace(payment, amount_refunded=left, status="captured"))
        self.refunds[refund_id] = replace(refund, status=status)

    def money_back(self, order_id: str) -> int:
        """What was refunded of an order's payments, in paise."""
        return sum(payment.amount_refunded for payment in self.payments.values() if payment.order_id == order_id)

    def _becomes(self, payment: ProviderPayment) -> None:
        self.payments[payment.payment_id] = payment
        order = self.orders[payment.order_id or ""]
        status = "paid" if payment.captured or order.status == "paid" else "attempted"
        self.orders[order.order_id] = replace(order, status=status)

    def _untouched_order(self, amount: int, currency: str, receipt: str) -> ProviderOrder | None:
        """An order that nobody has tried to pay; the answer that was lost held its id."""
        alike = (amount, currency, receipt, "created")
        made = self.orders.values()
        return next((o for o in made if (o.amount, o.currency, o.receipt, o.status) == alike), None)

    def _known(self, table: dict[str, T], key: str) -> T:
        if key not in table:
            raise PaymentRejected("The id provided does not exist")
        return table[key]

    def _new(self, kind: str) -> str:
        return f"{kind}_{next(self._numbers):014d}"

    def answer(self) -> None:
        """Raises what every call does for the moment."""
        self._answer()

    def _answer(self) -> None:
        frame = inspect.currentframe()
        assert frame is not None
        assert frame.f_back is not None
        self.calls[frame.f_back.f_code.co_name] += 1
        if self._down:
            raise ConnectionError("the provider is down")
        if self.key_is_refused:
            raise KeyRefused
