"""The accounts of payees: what the provider has told of, and every one of them once a day, is looked at."""

import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

from temporalio import activity

from domain.billing.transfers import AccountStatus


class Accounts(Protocol):
    """The accounts that are known."""

    async def to_look_at(self) -> Sequence[str]:
        """Those that are due, news first."""

    async def waiting_for(self, account_id: str) -> Sequence[tuple[str, int]]:
        """Bookings (kind, id) with a payout that waits for this account."""

    async def seen(self, account_id: str, status: AccountStatus) -> None:
        """The provider says so now."""


class AccountProvider(Protocol):
    """Who knows them."""

    async def account_status(self, account_id: str) -> AccountStatus:
        """Whether an account takes transfers."""


class PayeeSignals(Protocol):
    """Signals to bookings."""

    async def report_account(self, kind: str, booking_id: int, account_id: str) -> None:
        """There is news of an account that a payout of this booking waits for."""


class PayeeLooks:
    """Looks at accounts, for a limited time in each round of the sweep."""

    def __init__(self, accounts: Accounts, provider: AccountProvider, signals: PayeeSignals, budget: timedelta) -> None:
        self._accounts = accounts
        self._provider = provider
        self._signals = signals
        self._budget = budget

    async def look(self) -> None:
        """Fetch what is due; a booking is told before it counts as seen, so that no crash in between is lost on it."""
        until = time.monotonic() + self._budget.total_seconds()
        for account_id in await self._accounts.to_look_at():
            activity.heartbeat(account_id)
            try:
                status = await self._provider.account_status(account_id)
                if status is AccountStatus.ACTIVATED:
                    for kind, booking_id in await self._accounts.waiting_for(account_id):
                        await self._signals.report_account(kind, booking_id, account_id)
                await self._accounts.seen(account_id, status)
            except Exception as fault:
                activity.logger.warning("account %s could not be looked at, later again: %s", account_id, fault)
                return
            if time.monotonic() >= until:
                return
