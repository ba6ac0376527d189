"""Orders, captures and refunds, made safe to repeat as far as the provider allows.

Refunds carry an idempotency key. Orders and captures have none: an order is looked for by its receipt after an unknown
outcome, and a capture that went wrong is judged by fetching the payment.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from adapters.razorpay.entities import Answer, dispute_of, items_of, order_of, payment_of, refund_of
from adapters.razorpay.transfers import RazorpayTransfers
from adapters.razorpay.transport import CONNECT_AND_READ, Breaker, Client, GatewayUnavailable, ReceiptTaken, Session
from domain.billing.provider import OrderFacts, ProviderDispute, ProviderOrder, ProviderPayment, ProviderRefund
from domain.errors import PaymentRejected

UNCAPTURED_FOR_MINUTES = 3 * 24 * 60
"""After this the provider returns an authorised payment that we did not capture."""
SHORTEST_KEY = 10
"""The provider refuses an idempotency key of fewer characters."""

PAGE = 100
"""Entries of a page: the provider's largest."""
_FEW_PAGES, _MOST_PAGES = 10, 1000
"""Of the refunds of one payment or the newest disputes, and of a statement: a list that never ends must not hold us."""


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
        self.transfers = RazorpayTransfers(lambda: self._client)

    def create_order(
        self, *, amount: int, currency: str, receipt: str, notes: dict[str, str], look_first: bool
    ) -> ProviderOrder:
        """An order whose payments wait for our capture. ``look_first`` when an earlier try may have made it.

        Where receipts are unique, a refusal names the order that an earlier try has made; lists may not show it yet.
        """
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
        try:
            return order_of(self._client.order.create(wanted))
        except ReceiptTaken as taken:
            made = order_of(self._client.order.fetch(taken.order_id, {}))
            if (made.amount, made.currency, made.receipt, made.status) != (amount, currency, receipt, "created"):
                raise PaymentRejected(taken.detail) from taken
            return made

    def fetch_order(self, order_id: str, returned: Sequence[str] = ()) -> OrderFacts:
        """The order and every attempt to pay it; by id, because the provider's lists lag behind by minutes.

        The refunds are asked for where money went back, or had gone back before (``returned``): one may have failed.
        """
        order = order_of(self._client.order.fetch(order_id, {}))
        attempts = items_of(self._client.order.payments(order_id, {}))
        payments = tuple(payment_of(attempt) for attempt in attempts)
        given_back = [p.payment_id for p in payments if p.captured and (p.amount_refunded or p.payment_id in returned)]
        refunds = [refund for payment_id in given_back for refund in self._refunds_of(payment_id)]
        return OrderFacts(order=order, payments=payments, refunds=tuple(refund_of(refund) for refund in refunds))

    def fetch_payment(self, payment_id: str) -> ProviderPayment:
        """One attempt to pay as it stands."""
        return payment_of(self._client.payment.fetch(payment_id, {}))

    def capture(self, payment_id: str, amount: int, currency: str) -> ProviderPayment:
        """Take the money. Whatever the answer, a payment that is captured afterwards was captured."""
        try:
            return payment_of(self._client.payment.capture(payment_id, amount, {"currency": currency}))
        except (GatewayUnavailable, PaymentRejected):
            payment = self.fetch_payment(payment_id)
            if payment.captured:
                return payment
            raise

    def refund(self, *, payment_id: str, amount: int, key: str, receipt: str, notes: dict[str, str]) -> ProviderRefund:
        """Give money back, once per ``key`` while the provider remembers it. Repeat with the very same arguments.

        How long it remembers is not documented: look for the receipt before (``find_refund``).
        """
        wanted = {"amount": amount, "speed": "normal", "receipt": receipt, "notes": dict(sorted(notes.items()))}
        return refund_of(
            self._client.payment.refund(
                payment_id, wanted, headers={"X-Refund-Idempotency": key.ljust(SHORTEST_KEY, "-")}
            )
        )

    def find_refund(self, payment_id: str, receipts: Sequence[str], amount: int | None) -> ProviderRefund | None:
        """The oldest refund with the first of these receipts, whatever became of it, or with another one of them,
        unless that failed. ``amount``: only one of so much, if given."""
        made = [item for item in self._refunds_of(payment_id) if amount in (None, item["amount"])]
        for receipt in receipts:
            alike = [item for item in made if item.get("receipt") == receipt]
            if receipt != receipts[0]:
                alike = [item for item in alike if item["status"] != "failed"]
            if alike:
                return refund_of(min(alike, key=lambda item: (item["created_at"], item["id"])))
        return None

    def disputes_of(self, payment_id: str) -> list[ProviderDispute]:
        """The disputes of a payment; the provider lists those of the whole account only, the newest first."""
        listed = map(dispute_of, self._pages(lambda page: self._client.dispute.all(page), {}))
        return [dispute for dispute in listed if dispute.payment_id == payment_id]

    def fetch_refund(self, refund_id: str) -> ProviderRefund:
        """A refund as it stands."""
        return refund_of(self._client.refund.fetch(refund_id, {}))

    def fetch_dispute(self, dispute_id: str) -> ProviderDispute:
        """A dispute as it stands."""
        return dispute_of(self._client.dispute.fetch(dispute_id, {}))

    def payments_between(self, since: datetime, until: datetime) -> Iterator[ProviderPayment]:
        """Every payment begun in that time, asked for page by page; the provider's lists may lag behind by minutes."""
        return map(payment_of, self._listed(lambda page: self._client.payment.all(page), since, until))

    def refunds_between(self, since: datetime, until: datetime) -> Iterator[ProviderRefund]:
        """Every refund asked for in that time, page by page."""
        return map(refund_of, self._listed(lambda page: self._client.refund.all(page), since, until))

    def disputes_between(self, since: datetime, until: datetime) -> Iterator[ProviderDispute]:
        """Every dispute that began in that time, page by page."""
        return map(dispute_of, self._listed(lambda page: self._client.dispute.all(page), since, until))

    def page_of_payments(self, since: datetime, until: datetime, skip: int) -> list[ProviderPayment]:
        """One page of the payments begun in that time, the newest first; a short one is the last."""
        return [payment_of(item) for item in items_of(self._client.payment.all(_page(since, until, skip)))]

    def page_of_refunds(self, since: datetime, until: datetime, skip: int) -> list[ProviderRefund]:
        """The same of the refunds."""
        return [refund_of(item) for item in items_of(self._client.refund.all(_page(since, until, skip)))]

    def page_of_disputes(self, since: datetime, until: datetime, skip: int) -> list[ProviderDispute]:
        """The same of the disputes."""
        return [dispute_of(item) for item in items_of(self._client.dispute.all(_page(since, until, skip)))]

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

    def dispute_of_id(self, dispute_id: str) -> ProviderDispute | None:
        """One dispute; None when the provider does not know it."""
        try:
            return self.fetch_dispute(dispute_id)
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
            session = Session(self._base_url, self._timeout, self._breaker)
            self._sessions.append(session)
            self._local.client = Client(session=session, auth=self._auth, base_url=self._base_url)
        return self._local.client

    def _listed(self, ask: Callable[[Answer], Answer], since: datetime, until: datetime) -> Iterator[Answer]:
        yield from self._pages(ask, {"from": int(since.timestamp()), "to": int(until.timestamp()) + 1}, _MOST_PAGES)

    @staticmethod
    def _pages(ask: Callable[[Answer], Answer], narrowed: Answer, at_most: int = _FEW_PAGES) -> Iterator[Answer]:
        """The entities of a list, page by page, up to a number of pages."""
        for page in range(at_most):
            items = items_of(ask({**narrowed, "count": PAGE, "skip": page * PAGE}))
            yield from items
            if len(items) < PAGE:
                return
        if at_most == _MOST_PAGES:  # half a statement would be taken for a difference
            raise GatewayUnavailable(f"a list of more than {_MOST_PAGES * PAGE} entries")

    def _order_by_receipt(self, receipt: str, amount: int, currency: str) -> ProviderOrder | None:
        """The oldest match, so that every repeat finds the same one.

        Only an order that nobody has tried to pay can be it: the answer that was lost held its id.
        """
        wanted = {"receipt": receipt, "amount": amount, "currency": currency, "status": "created"}
        found = items_of(self._client.order.all({"receipt": receipt, "count": 100}))
        alike = [item for item in found if {name: item.get(name) for name in wanted} == wanted]
        return order_of(min(alike, key=lambda item: (item["created_at"], item["id"]))) if alike else None

    def _refunds_of(self, payment_id: str) -> list[Answer]:
        return list(self._pages(lambda page: self._client.payment.fetch_multiple_refund(payment_id, page), {}))


def _page(since: datetime, until: datetime, skip: int) -> Answer:
    return {"from": int(since.timestamp()), "to": int(until.timestamp()) + 1, "count": PAGE, "skip": skip}
