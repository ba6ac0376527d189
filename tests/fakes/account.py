"""The provider's lists over the fake gateway, and what the fake store's bookings know of them."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import TypeVar

from domain.billing.account_news import BookingMoney
from domain.billing.provider import PaymentEvent, ProviderDispute, ProviderPayment, ProviderRefund
from kinds.vehicle_service.domain.visit import KIND
from tests.fakes.emails import FakeHints
from tests.fakes.gateway import FakeGateway
from tests.fakes.store import FakeStore

E = TypeVar("E", ProviderPayment, ProviderRefund, ProviderDispute)


class FakeAccount:
    """Lists without times: all that was ever made, the newest first, as far as it is about ``orders``."""

    def __init__(self, gateway: FakeGateway, store: FakeStore, page_size: int = 100) -> None:
        self.page_size = page_size
        self.orders: set[str] = set()
        self._gateway = gateway
        self._store = store

    async def payments(self, since: datetime, until: datetime, skip: int) -> list[ProviderPayment]:
        return self._page(self._gateway.payments.values(), skip)

    async def refunds(self, since: datetime, until: datetime, skip: int) -> list[ProviderRefund]:
        return self._page(self._gateway.refunds.values(), skip)

    async def disputes(self, since: datetime, until: datetime, skip: int) -> list[ProviderDispute]:
        return self._page(self._gateway.disputes.values(), skip)

    async def money_of(self, orders: Collection[str], payments: Collection[str]) -> list[BookingMoney]:
        return [
            BookingMoney(KIND, booking.id, booking.payments, booking.refunds, booking.disputes)
            for booking in self._store.bookings.values()
            if any(each.order_id in orders or each.payment_id in payments for each in booking.payments)
        ]

    def _page(self, entries: Iterable[E], skip: int) -> list[E]:
        self._gateway.answer()
        listed = [each for each in reversed(list(entries)) if self._order_of(each) in self.orders]
        return listed[skip : skip + self.page_size]

    def _order_of(self, entry: ProviderPayment | ProviderRefund | ProviderDispute) -> str | None:
        return self._gateway.payments[entry.payment_id].order_id


class OpenOrders(FakeHints):
    """The orders that the bookings of some ids wait to be paid, as the rows have them."""

    def __init__(self, store: FakeStore, *booking_ids: int) -> None:
        super().__init__()
        self._store = store
        self._ids = booking_ids

    async def open_orders(self) -> list[PaymentEvent]:
        bookings = [self._store.bookings[number] for number in self._ids]
        return [PaymentEvent(each.id, p.order_id, kind=KIND) for each in bookings for p in each.payments if p.live]
