"""The payment provider as polls call it: its SDK waits, so each call has a thread."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import TypeVar

from adapters.razorpay import PAGE, RazorpayGateway
from domain.billing.provider import OrderFacts, ProviderDispute, ProviderPayment, ProviderRefund
from domain.billing.transfers import AccountStatus

T = TypeVar("T")


class PolledProvider:
    """The synchronous gateway for the asynchronous polls: each call in a thread of the payments pool."""

    page_size = PAGE

    def __init__(self, gateway: RazorpayGateway, threads: ThreadPoolExecutor) -> None:
        self._gateway = gateway
        self._threads = threads

    async def fetch_order(self, order_id: str) -> OrderFacts:
        return await self._called(self._gateway.fetch_order, order_id)

    async def payments(self, since: datetime, until: datetime, skip: int) -> list[ProviderPayment]:
        return await self._called(self._gateway.page_of_payments, since, until, skip)

    async def refunds(self, since: datetime, until: datetime, skip: int) -> list[ProviderRefund]:
        return await self._called(self._gateway.page_of_refunds, since, until, skip)

    async def account_status(self, account_id: str) -> AccountStatus:
        return await self._called(self._gateway.transfers.account_status, account_id)

    async def disputes(self, since: datetime, until: datetime, skip: int) -> list[ProviderDispute]:
        return await self._called(self._gateway.page_of_disputes, since, until, skip)

    async def _called(self, call: Callable[..., T], *given: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, call, *given)
