"""Orders, captures and refunds, made safe to repeat as far as the provider allows.

Refunds carry an idempotency key. Orders and captures have none: an order is looked for by its receipt after an unknown
outcome, and a capture that went wrong is judged by fetching the payment.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

import razorpay

from adapters.razorpay.transport import CONNECT_AND_READ, Breaker, GatewayUnavailable, Session
from domain.billing.provider import OrderFacts, ProviderDispute, ProviderOrder, ProviderPayment, ProviderRefund
from domain.errors import PaymentRejected

UNCAPTURED_FOR_MINUTES = 3 * 24 * 60
"""After this the provider returns an authorised payment that we did not capture."""
SHORTEST_KEY = 10
"""The provider refuses an idempotency key of fewer characters."""

_PAGE = 100  # the provider's largest

Answer = dict[str, Any]


class RazorpayGateway:
    """Blocking calls, for a thread pool. One SDK client per thread: its session is not made to be shared."""

    def __init__(
        self,
        *,
        key_id: str,
        key_secret: str,
        base_url: str = "https://api.razorpay.com",
        timeout: tuple[float, float] = CONNECT_AND_READ,
    ) -> None:
        self._auth = (key_id, key_secret)
        self._base_url = base_url.rstrip("/")
        self._timeout = timeout
        self._local = threading.local()
        self._breaker = Breaker()
        self._sessions: list[Session] = []

    def create_order(
        self, *, amount: int, currency: str, receipt: str, notes: dict[str, str], look_first: bool
    ) -> ProviderOrder:
        """An order whose payments wait for our capture. ``look_first`` when an earlier try may have made it."""
        if look_first and (made := self._order_by_receipt(receipt, amount, currency)):
            return made
        wanted = {
            "amount": amount,
            "currency": currency,
            "receipt": receipt,
            "notes": dict(sorted(notes.items())),
            "payment": {
                "capture": "manual",
                "capture_options": {"manual_expiry_period": UNCAPTURED_FOR_MINUTES, "refund_speed": "normal"},
            },
        }
        return _order(self._client.order.create(wanted))

    def fetch_order(self, order_id: str, returned: Sequence[str] = ()) -> OrderFacts:
        """The order and every attempt to pay it; by id, because the provider's lists lag behind by minutes.

        The refunds are asked for where money went back, or had gone back before (``returned``): one may have failed.
        """
        order = _order(self._client.order.fetch(order_id, {}))
        attempts = _items(self._client.order.payments(order_id, {}))
        payments = tuple(_payment(attempt) for attempt in attempts)
        given_back = [p.payment_id for p in payments if p.captured and (p.amount_refunded or p.payment_id in returned)]
        refunds = [refund for payment_id in given_back for refund in self._refunds_of(payment_id)]
        return OrderFacts(order=order, payments=payments, refunds=tuple(_refund(refund) for refund in refunds))

    def fetch_payment(self, payment_id: str) -> ProviderPayment:
        """One attempt to pay as it stands."""
        return _payment(self._client.payment.fetch(payment_id, {}))

    def capture(self, payment_id: str, amount: int, currency: str) -> ProviderPayment:
        """Take the money. Whatever the answer, a payment that is captured afterwards was captured."""
        try:
            return _payment(self._client.payment.capture(payment_id, amount, {"currency": currency}))
        except (GatewayUnavailable, PaymentRejected):
            payment = self.fetch_payment(payment_id)
            if payment.captured:
                return payment
            raise

    def refund(
        self, *, payment_id: str, amount: int, key: str, receipt: str, notes: dict[str, str], look_first: bool
    ) -> ProviderRefund:
        """Give money back, once per ``key`` while the provider remembers it. Repeat with the very same arguments.

        ``look_first`` when the first try is so long ago that the provider may have forgotten the key: then a refund
        with this receipt is the one that was asked for, whatever became of it.
        """
        if look_first and (made := self._refund_by_receipt(payment_id, receipt, amount)):
            return made
        wanted = {"amount": amount, "speed": "normal", "receipt": receipt, "notes": dict(sorted(notes.items()))}
        return _refund(
            self._client.payment.refund(
                payment_id, wanted, headers={"X-Refund-Idempotency": key.ljust(SHORTEST_KEY, "-")}
            )
        )

    def fetch_refund(self, refund_id: str) -> ProviderRefund:
        """A refund as it stands."""
        return _refund(self._client.refund.fetch(refund_id, {}))

    def fetch_dispute(self, dispute_id: str) -> ProviderDispute:
        """A dispute as it stands."""
        return _dispute(self._client.dispute.fetch(dispute_id, {}))

    def payments_between(self, since: datetime, until: datetime) -> Iterator[ProviderPayment]:
        """Every payment begun in that time, asked for page by page; the provider's lists may lag behind by minutes."""
        return map(_payment, self._listed(lambda page: self._client.payment.all(page), since, until))

    def refunds_between(self, since: datetime, until: datetime) -> Iterator[ProviderRefund]:
        """Every refund asked for in that time, page by page."""
        return map(_refund, self._listed(lambda page: self._client.refund.all(page), since, until))

    def payment(self, payment_id: str) -> ProviderPayment | None:
        """One payment; None when the provider does not know it."""
        try:
            return self.fetch_payment(payment_id)
        except PaymentRejected:
            return None

    def refund_of_id(self, refund_id: str) -> ProviderRefund | None:
        """One refund; None when the provider does not know it."""
        try:
            return self.fetch_refund(refund_id)
        except PaymentRejected:
            return None

    def close(self) -> None:
        """Let go of every thread's connections."""
        while self._sessions:
            self._sessions.pop().close()

    @property
    def _client(self) -> Any:
        """The SDK for this thread. Its data arguments are always passed: a default of it is one shared dictionary."""
        if not hasattr(self._local, "client"):
            session = Session(self._timeout, self._breaker)
            self._sessions.append(session)
            self._local.client = razorpay.Client(session=session, auth=self._auth, base_url=self._base_url)
        return self._local.client

    @staticmethod
    def _listed(ask: Callable[[Answer], Answer], since: datetime, until: datetime) -> Iterator[Answer]:
        span = {"from": int(since.timestamp()), "to": int(until.timestamp()) + 1, "count": _PAGE}
        skip = 0
        while items := _items(ask({**span, "skip": skip})):
            yield from items
            skip += len(items)
            if len(items) < _PAGE:
                return

    def _order_by_receipt(self, receipt: str, amount: int, currency: str) -> ProviderOrder | None:
        """The oldest match, so that every repeat finds the same one.

        Only an order that nobody has tried to pay can be it: the answer that was lost held its id.
        """
        wanted = {"receipt": receipt, "amount": amount, "currency": currency, "status": "created"}
        found = _items(self._client.order.all({"receipt": receipt, "count": 100}))
        alike = [item for item in found if {name: item.get(name) for name in wanted} == wanted]
        return _order(min(alike, key=lambda item: (item["created_at"], item["id"]))) if alike else None

    def _refund_by_receipt(self, payment_id: str, receipt: str, amount: int) -> ProviderRefund | None:
        made = self._refunds_of(payment_id)
        alike = [item for item in made if item.get("receipt") == receipt and item["amount"] == amount]
        return _refund(min(alike, key=lambda item: (item["created_at"], item["id"]))) if alike else None

    def _refunds_of(self, payment_id: str) -> list[Answer]:
        return _items(self._client.payment.fetch_multiple_refund(payment_id, {"count": 100}))


def _items(collection: Answer) -> list[Answer]:
    return list(collection.get("items") or ())


def _order(answer: Answer) -> ProviderOrder:
    return ProviderOrder(
        order_id=answer["id"],
        amount=answer["amount"],
        currency=answer["currency"],
        status=answer["status"],
        receipt=answer.get("receipt"),
    )


def _payment(answer: Answer) -> ProviderPayment:
    return ProviderPayment(
        payment_id=answer["id"],
        order_id=answer.get("order_id"),
        amount=answer["amount"],
        currency=answer["currency"],
        status=answer["status"],
        captured=bool(answer.get("captured")),
        amount_refunded=answer.get("amount_refunded") or 0,
        method=answer.get("method"),
        error=answer.get("error_description") or answer.get("error_code"),
        created_at=answer["created_at"],
    )


def _refund(answer: Answer) -> ProviderRefund:
    return ProviderRefund(
        refund_id=answer["id"],
        payment_id=answer["payment_id"],
        amount=answer["amount"],
        status=answer["status"],
        receipt=answer.get("receipt"),
    )


def _dispute(answer: Answer) -> ProviderDispute:
    return ProviderDispute(
        dispute_id=answer["id"],
        payment_id=answer["payment_id"],
        amount=answer["amount"],
        amount_deducted=answer.get("amount_deducted") or 0,
        status=answer["status"],
        phase=answer.get("phase"),
        reason=answer.get("reason_code"),
        respond_by=answer.get("respond_by"),
    )
