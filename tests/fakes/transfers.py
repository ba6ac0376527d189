"""Transfers of the payment provider in memory, and the accounts that payees have there."""

import itertools
from dataclasses import replace

from domain.billing.transfers import (
    AccountStatus,
    PayoutAccount,
    ProviderReversal,
    ProviderTransfer,
    TransferRequest,
)
from domain.errors import LowBalance, PaymentRejected
from tests.fakes.gateway import FakeGateway


class FakeTransfers:
    """``lose``: so many answers are lost after the transfer or reversal was made. ``fail``: so many transfers fail.

    ``told`` has what moved in its order; refunds begin when the gateway knows of them.
    """

    def __init__(self, gateway: FakeGateway) -> None:
        self._gateway = gateway
        self._numbers = itertools.count(1)
        self.accounts: dict[tuple[str, str], PayoutAccount] = {}
        self.made: dict[str, ProviderTransfer] = {}
        self.reversals: dict[str, list[ProviderReversal]] = {}
        self.told: list[tuple[str, int, int]] = []
        self.lose = self.fail = 0
        self.payees_are_short = False

    def opens_account(self, kind: str, person: str, status: AccountStatus = AccountStatus.ACTIVATED) -> str:
        account_id = f"acc_{next(self._numbers):014d}"
        self.accounts[kind, person] = PayoutAccount(account_id, status)
        return account_id

    async def account_of(self, kind: str, person: str) -> PayoutAccount | None:
        return self.accounts.get((kind, person))

    async def seen(self, account_id: str, status: AccountStatus) -> None:
        return None

    def account_status(self, account_id: str) -> AccountStatus:
        return next(each.status for each in self.accounts.values() if each.account_id == account_id)

    def find_transfer(self, wanted: TransferRequest, *, direct: bool) -> ProviderTransfer | None:
        self._gateway.answer()
        return next((each for each in self.made.values() if each.key == wanted.key), None)

    def transfer_of_payment(self, wanted: TransferRequest, account_id: str) -> ProviderTransfer:
        payment = self._gateway.fetch_payment(wanted.payment_id)
        if payment.amount_refunded:
            raise PaymentRejected("a refund was begun")
        return self._make(wanted, account_id, wanted.payment_id)

    def transfer_from_balance(self, wanted: TransferRequest, account_id: str) -> ProviderTransfer:
        return self._make(wanted, account_id, "acc_ours")

    def fetch_transfer(self, transfer_id: str) -> ProviderTransfer:
        return self.made[transfer_id]

    def transfer(self, transfer_id: str) -> ProviderTransfer | None:
        return replace(self.made[transfer_id], reversals=self.reversals_of(transfer_id))

    def reversals_of(self, transfer_id: str) -> tuple[ProviderReversal, ...]:
        return tuple(self.reversals.get(transfer_id, ()))

    def release(self, transfer_id: str) -> ProviderTransfer:
        self.made[transfer_id] = replace(self.made[transfer_id], on_hold=False)
        self._tell("release", transfer_id, self.made[transfer_id].amount)
        return self.made[transfer_id]

    def reverse(self, transfer_id: str, amount: int, key: str) -> ProviderReversal:
        self._gateway.answer()
        if self.payees_are_short:
            raise LowBalance
        made = ProviderReversal(f"rvrsl_{next(self._numbers)}", transfer_id, amount, key)
        self.reversals.setdefault(transfer_id, []).append(made)
        self._tell("reverse", transfer_id, amount)
        self._lose_answer()
        return made

    def fails(self, transfer_id: str) -> None:
        """The bank has sent it back after all."""
        self.made[transfer_id] = replace(self.made[transfer_id], status="failed", error="the bank says no")

    def _make(self, wanted: TransferRequest, account_id: str, source: str) -> ProviderTransfer:
        self._gateway.answer()
        status, self.fail = ("failed", self.fail - 1) if self.fail else ("processed", 0)
        made = ProviderTransfer(
            f"trf_{next(self._numbers)}",
            source,
            account_id,
            wanted.amount,
            0,
            status,
            wanted.on_hold,
            1,
            wanted.key,
            "the bank says no" if status == "failed" else None,
        )
        self.made[made.transfer_id] = made
        self._tell("transfer", made.transfer_id, wanted.amount)
        self._lose_answer()
        return made

    def _tell(self, what: str, transfer_id: str, amount: int) -> None:
        """With what was refunded by then of the payment."""
        payment = self._gateway.payments.get(self.made[transfer_id].source)
        self.told.append((what, amount, payment.amount_refunded if payment is not None else 0))

    def _lose_answer(self) -> None:
        if self.lose:
            self.lose -= 1
            raise ConnectionError("the answer was lost")
