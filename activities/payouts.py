"""Money for payees: calls to the payment provider, each of which looks first whether it was made already.

An answer may be lost after the provider has acted, or before it will: a call is made once, and whoever repeats it waits
(``domain.billing.payouts.PayoutTerms.settle``).
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import Protocol, TypeVar

from temporalio import activity

from activities.heartbeats import heartbeats
from domain.billing.provider import ProviderPayment
from domain.billing.transfers import (
    AccountStatus,
    PayoutAccount,
    ProviderReversal,
    ProviderTransfer,
    TransferOutcome,
    TransferRequest,
)

T = TypeVar("T")
LOOK_HOLDS = 10.0
"""Seconds. A worker that stood still since it looked must not ask: somebody else may have looked and asked since."""


class LookedTooLongAgo(Exception):
    """The worker stood still; whoever repeats it looks again."""


class Transfers(Protocol):
    """Transfers at the payment provider. Blocking calls; refusals are ``PaymentProblem``."""

    def account_status(self, account_id: str) -> AccountStatus:
        """Whether an account takes transfers."""

    def find_transfer(self, wanted: TransferRequest, *, direct: bool) -> ProviderTransfer | None:
        """What an earlier try has made."""

    def transfer_of_payment(self, wanted: TransferRequest, account_id: str) -> ProviderTransfer:
        """Pass on a part of a payment."""

    def transfer_from_balance(self, wanted: TransferRequest, account_id: str) -> ProviderTransfer:
        """Pass on money of ours, once by its key."""

    def fetch_transfer(self, transfer_id: str) -> ProviderTransfer:
        """A transfer as it stands."""

    def reversals_of(self, transfer_id: str) -> tuple[ProviderReversal, ...]:
        """What was taken back of it."""

    def release(self, transfer_id: str) -> ProviderTransfer:
        """Take it off hold."""

    def reverse(self, transfer_id: str, amount: int, key: str) -> ProviderReversal:
        """Take back a part of it."""

    def transfer(self, transfer_id: str) -> ProviderTransfer | None:
        """One transfer with its reversals."""


class Payments(Protocol):
    """The part of the payment provider that tells whether a refund was begun."""

    def fetch_payment(self, payment_id: str) -> ProviderPayment:
        """One payment."""


class PayoutAccounts(Protocol):
    """The accounts that payees have at the provider."""

    async def account_of(self, kind: str, person: str) -> PayoutAccount | None:
        """Somebody's account, if they have one."""

    async def seen(self, account_id: str, status: AccountStatus) -> None:
        """The provider says so of that account."""


class PayoutActivities:
    """Transfers, releases, reversals. ``threads``: in which the provider is called."""

    def __init__(
        self, transfers: Transfers, payments: Payments, accounts: PayoutAccounts, threads: Executor | None = None
    ) -> None:
        self._transfers = transfers
        self._payments = payments
        self._accounts = accounts
        self._threads = threads

    @activity.defn
    async def create_transfer(self, wanted: TransferRequest) -> TransferOutcome:
        """The transfer of that key, made at most once; none while the payee has no account that takes money.

        ``amount`` 0: none is made, it is only looked for.

        Of a payment of which a refund was begun the provider makes none: then it is made from our balance.
        """
        async with heartbeats():
            payment = await self._call(lambda: self._payments.fetch_payment(wanted.payment_id))
            direct = payment.amount_refunded > 0
            looked = time.monotonic()
            made = await self._call(lambda: self._transfers.find_transfer(wanted, direct=direct))
            if made is not None:
                return TransferOutcome(AccountStatus.ACTIVATED, made)
            if not wanted.amount:
                return TransferOutcome(AccountStatus.NONE)
            account = await self._accounts.account_of(wanted.kind, wanted.payee)
            if account is None:
                return TransferOutcome(AccountStatus.NONE)
            status = await self._call(lambda: self._transfers.account_status(account.account_id))
            if status is not account.status:
                await self._accounts.seen(account.account_id, status)
            if status is not AccountStatus.ACTIVATED:
                return TransferOutcome(status)
            _ensure_recent(looked)
            transfer = self._transfers.transfer_from_balance if direct else self._transfers.transfer_of_payment
            return TransferOutcome(status, await self._call(lambda: transfer(wanted, account.account_id)))

    @activity.defn
    async def release_transfer(self, transfer_id: str) -> ProviderTransfer:
        """The transfer off hold; one that is already is left alone."""
        async with heartbeats():
            known = await self._call(lambda: self._transfers.fetch_transfer(transfer_id))
            return known if not known.on_hold else await self._call(lambda: self._transfers.release(transfer_id))

    @activity.defn
    async def reverse_transfer(
        self, transfer_id: str, amount: int, key: str, known: list[str]
    ) -> list[ProviderReversal]:
        """What was taken back beyond the reversals ``known``: so much, under that key.

        Where there is anything unknown already (an answer was lost, staff have reversed by hand), nothing more is taken
        back: the booking has to judge anew.
        """
        async with heartbeats():
            looked = time.monotonic()
            made = await self._call(lambda: self._transfers.reversals_of(transfer_id))
            if unknown := [each for each in made if each.reversal_id not in known]:
                return unknown
            _ensure_recent(looked)
            return [await self._call(lambda: self._transfers.reverse(transfer_id, amount, key))]

    @activity.defn
    async def fetch_transfers(self, transfer_ids: list[str]) -> list[ProviderTransfer]:
        """These transfers as they stand, with their reversals; without those that the provider does not know."""
        async with heartbeats():
            return await self._all(transfer_ids)

    @activity.defn
    async def fetch_account(self, account_id: str) -> AccountStatus:
        """Whether an account takes transfers, as the provider says now; it is remembered."""
        async with heartbeats():
            status = await self._call(lambda: self._transfers.account_status(account_id))
            await self._accounts.seen(account_id, status)
            return status

    async def _all(self, transfer_ids: Sequence[str]) -> list[ProviderTransfer]:
        found = [await self._call(lambda: self._transfers.transfer(each)) for each in transfer_ids]  # noqa: B023
        return [each for each in found if each is not None]

    async def _call(self, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)


def _ensure_recent(looked: float) -> None:
    if time.monotonic() - looked > LOOK_HOLDS:
        raise LookedTooLongAgo("the worker stood still since it looked")
