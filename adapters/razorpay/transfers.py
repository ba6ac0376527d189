"""Razorpay Route: transfers to linked accounts, holds, reversals.

Transfers of a payment and reversals know no idempotency key: each carries ours in its notes, and whoever repeats looks
for it first.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from adapters.razorpay.entities import Answer, items_of
from adapters.razorpay.transport import GatewayUnavailable
from domain.billing.provider import CURRENCY
from domain.billing.transfers import (
    AccountStatus,
    ProviderReversal,
    ProviderTransfer,
    TransferRequest,
)
from domain.errors import PaymentRejected

_PAGE, _FEW_PAGES, _MOST_PAGES = 100, 10, 1000
_PAYOUT, _REVERSAL = "payout", "reversal"
"""Notes that hold our keys."""


class RazorpayTransfers:
    """Blocking calls, for a thread pool. ``client`` answers the SDK of the thread."""

    def __init__(self, client: Callable[[], Any]) -> None:
        self._sdk = client

    def account_status(self, account_id: str) -> AccountStatus:
        """Whether a linked account takes transfers; NONE for one that the provider does not know."""
        try:
            self._client.get(f"/v2/accounts/{account_id}", {})
            products = items_of(self._client.get(f"/v2/accounts/{account_id}/products", {}))
        except PaymentRejected:
            return AccountStatus.NONE
        route = next((each for each in products if each.get("product_name") == "route"), {})
        try:
            return AccountStatus(str(route.get("activation_status")))
        except ValueError:  # the provider has more states than we tell people of
            return AccountStatus.UNDER_REVIEW

    def find_transfer(self, wanted: TransferRequest, *, direct: bool) -> ProviderTransfer | None:
        """The transfer that an earlier try has made of this payment, or (``direct``) from our balance."""
        found = self.transfers_of_payment(wanted.payment_id)
        if direct:
            since = {"from": int(wanted.since.timestamp())}
            listed = self._pages(lambda page: self._client.transfer.all(since | page), _FEW_PAGES)
            found += [each for each in map(transfer_of, listed) if each.source != wanted.payment_id]
        name = _direct_key(wanted)
        return next((each for each in found if each.key in (name, wanted.key) and _same(each, wanted, name)), None)

    def transfers_of_payment(self, payment_id: str) -> list[ProviderTransfer]:
        """Everything that was passed on of a payment."""
        return [transfer_of(each) for each in items_of(self._client.payment.transfers(payment_id, {}))]

    def transfer_of_payment(self, wanted: TransferRequest, account_id: str) -> ProviderTransfer:
        """Pass on a part of a payment. Not to be repeated before ``find_transfer``."""
        body = {"transfers": [_body(wanted, account_id, wanted.key)]}
        return transfer_of(items_of(self._client.payment.transfer(wanted.payment_id, body))[0])

    def transfer_from_balance(self, wanted: TransferRequest, account_id: str) -> ProviderTransfer:
        """The same from our balance, for the provider makes none of a payment that was refunded."""
        key = _direct_key(wanted)
        headers = {"X-Transfer-Idempotency": key}
        return transfer_of(self._client.transfer.create(_body(wanted, account_id, key), headers=headers))

    def fetch_transfer(self, transfer_id: str) -> ProviderTransfer:
        """A transfer as it stands, without its reversals."""
        return transfer_of(self._client.transfer.fetch(transfer_id, {}))

    def reversals_of(self, transfer_id: str) -> tuple[ProviderReversal, ...]:
        """What was taken back of it."""
        url = f"/v1/transfers/{transfer_id}/reversals"
        return tuple(reversal_of(each) for each in items_of(self._client.get(url, {})))

    def release(self, transfer_id: str) -> ProviderTransfer:
        """Let it go to the payee's bank; the second time changes nothing."""
        return transfer_of(self._client.transfer.edit(transfer_id, {"on_hold": False}))

    def reverse(self, transfer_id: str, amount: int, key: str) -> ProviderReversal:
        """Take back a part of it. Not to be repeated before ``reversals_of``."""
        return reversal_of(self._client.transfer.reverse(transfer_id, {"amount": amount, "notes": {_REVERSAL: key}}))

    def transfers_between(self, since: datetime, until: datetime) -> Iterator[ProviderTransfer]:
        """Every transfer made in that time, page by page, with what was taken back of it."""
        within = {"from": int(since.timestamp()), "to": int(until.timestamp()) + 1}
        for each in self._pages(lambda page: self._client.transfer.all(within | page), _MOST_PAGES):
            yield self._with_reversals(each)

    def transfer(self, transfer_id: str) -> ProviderTransfer | None:
        """One transfer with what was taken back of it; None when the provider does not know it."""
        try:
            return self._with_reversals(self._client.transfer.fetch(transfer_id, {}))
        except PaymentRejected:
            return None

    def _with_reversals(self, answer: Answer) -> ProviderTransfer:
        return transfer_of(answer, self.reversals_of(answer["id"]) if answer.get("amount_reversed") else ())

    @property
    def _client(self) -> Any:
        return self._sdk()

    @staticmethod
    def _pages(ask: Callable[[Answer], Answer], at_most: int) -> Iterator[Answer]:
        for page in range(at_most):
            items = items_of(ask({"count": _PAGE, "skip": page * _PAGE}))
            yield from items
            if len(items) < _PAGE:
                return
        if at_most == _MOST_PAGES:  # half a statement would be taken for a difference
            raise GatewayUnavailable(f"a list of more than {_MOST_PAGES * _PAGE} transfers")


def transfer_of(answer: Answer, reversals: tuple[ProviderReversal, ...] = ()) -> ProviderTransfer:
    """A transfer."""
    error = answer.get("error")
    return ProviderTransfer(
        transfer_id=answer["id"],
        source=answer["source"],
        account_id=answer["recipient"],
        amount=answer["amount"],
        amount_reversed=answer.get("amount_reversed") or 0,
        status=answer.get("status") or "processed",
        on_hold=bool(answer.get("on_hold")),
        created_at=answer["created_at"],
        key=_note(answer, _PAYOUT),
        error=(error.get("description") or error.get("code")) if isinstance(error, dict) else None,
        reversals=reversals,
    )


def reversal_of(answer: Answer) -> ProviderReversal:
    """A part that was taken back."""
    return ProviderReversal(answer["id"], answer["transfer_id"], answer["amount"], _note(answer, _REVERSAL))


def _note(answer: Answer, name: str) -> str | None:
    notes = answer.get("notes")
    return notes.get(name) if isinstance(notes, dict) else None  # none at all are an empty list


def _body(wanted: TransferRequest, account_id: str, key: str) -> Answer:
    return {
        "account": account_id,
        "amount": wanted.amount,
        "currency": CURRENCY,
        "on_hold": wanted.on_hold,
        "notes": {"booking_id": str(wanted.booking_id), _PAYOUT: key},
    }


def _direct_key(wanted: TransferRequest) -> str:
    """The payment's tail keeps two installations on one provider account apart; at most 36 characters."""
    return f"{wanted.key}-{wanted.payment_id[-8:]}"[-36:]


def _same(found: ProviderTransfer, wanted: TransferRequest, direct_key: str) -> bool:
    """Of this payment, or by its longer key; another installation's direct transfers are none of ours."""
    return found.source == wanted.payment_id or found.key == direct_key
