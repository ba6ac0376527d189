"""Calls to the payment provider. Synchronous, as the official SDK is: they run in a thread pool on their own queue.

An order waits for the answer of the database as well, whether one may be made."""

import asyncio
import time
from collections.abc import Sequence
from concurrent.futures import Executor
from functools import partial
from typing import Protocol

from temporalio import activity

from domain.billing.matching import ExpectedOrder, match_payments
from domain.billing.provider import OrderFacts, ProviderDispute, ProviderOrder, ProviderPayment, ProviderRefund
from domain.billing.records import is_open
from domain.billing.refund_attempts import attempt_keys
from domain.errors import PaymentDisputed, PaymentRejected
from domain.money import rupees

FRESH = 2.0
"""Seconds for which what was expected when the facts were asked for still counts."""


class Gateway(Protocol):
    """The payment provider. Refusals are ``PaymentRejected``; anything else that fails may be tried again."""

    def create_order(
        self, *, amount: int, currency: str, receipt: str, notes: dict[str, str], look_first: bool
    ) -> ProviderOrder:
        """An order for manual capture. ``look_first``: search by receipt first (an earlier attempt may exist)."""

    def fetch_order(self, order_id: str, returned: Sequence[str] = ()) -> OrderFacts:
        """The order, its payment attempts, and the refunds of what was paid (also of the payments ``returned``)."""

    def fetch_payment(self, payment_id: str) -> ProviderPayment:
        """One payment attempt, with what was refunded of it."""

    def capture(self, payment_id: str, amount: int, currency: str) -> ProviderPayment:
        """Capture an authorised payment; one that is captured already is success."""

    def refund(self, *, payment_id: str, amount: int, key: str, receipt: str, notes: dict[str, str]) -> ProviderRefund:
        """Refund; the same key and body give the same refund."""

    def find_refund(self, payment_id: str, receipts: Sequence[str], amount: int | None) -> ProviderRefund | None:
        """The refund with the first of these receipts, whatever became of it, or with another, unless it failed.

        ``amount``: only one of so much, if given.
        """

    def disputes_of(self, payment_id: str) -> list[ProviderDispute]:
        """The disputes of a payment, as far as the provider lists them."""

    def fetch_refund(self, refund_id: str) -> ProviderRefund:
        """The refund as it is now."""

    def fetch_dispute(self, dispute_id: str) -> ProviderDispute:
        """The dispute as it is now."""


class Pauses(Protocol):
    """What the shop has paused."""

    async def payments_must_be_taken(self) -> None:
        """Raises PaymentsPaused where no new ones are."""


class PaymentActivities:
    """Orders, captures and refunds; retried by Temporal, safe to repeat."""

    def __init__(self, gateway: Gateway, pauses: Pauses, threads: Executor | None = None) -> None:
        """``threads``: in which the provider is called where the activity itself waits for something else too."""
        self._gateway = gateway
        self._pauses = pauses
        self._threads = threads

    @activity.defn
    async def create_order(
        self, booking_id: int, receipt: str, amount: int, currency: str, look_first: bool
    ) -> ProviderOrder:
        """The order of this receipt, made at most once: a repeated attempt looks for it first.

        ``look_first``: an earlier run of the workflow may have made it.

        Raises:
            PaymentsPaused: the shop takes no new payments online.
        """
        await self._pauses.payments_must_be_taken()
        create = partial(
            self._gateway.create_order,
            amount=amount,
            currency=currency,
            receipt=receipt,
            notes={"booking_id": str(booking_id)},
            look_first=look_first or _repeated(),
        )
        return await asyncio.get_running_loop().run_in_executor(self._threads, create)

    @activity.defn
    def fetch_order(self, order_id: str, returned: list[str]) -> OrderFacts:
        """The facts about an order."""
        return self._gateway.fetch_order(order_id, returned)

    @activity.defn
    def fetch_and_capture(self, expected: ExpectedOrder, returned: list[str]) -> OrderFacts:
        """The facts about an order; what is expected and only authorised is captured, from here on it is our money.

        One activity, for each costs the booking six events and a workflow task. What is expected may change meanwhile:
        so nothing is captured where the facts were long in coming, nor what the provider refuses, and the workflow,
        which decides anew, asks for it with ``capture``. What a capture answers is the payment as it is now: only one
        that was also refunded meanwhile is looked at a second time.
        """
        began = time.monotonic()
        facts = self._gateway.fetch_order(expected.order_id, returned)
        wanted = match_payments(expected, facts).capture
        if wanted is None or _repeated() or time.monotonic() - began > FRESH:
            return facts
        try:
            captured = self._gateway.capture(wanted.payment_id, wanted.amount, wanted.currency)
        except PaymentRejected:
            return facts
        if captured.amount_refunded:
            return self._gateway.fetch_order(expected.order_id, returned)
        return facts.with_captured(captured)

    @activity.defn
    def capture(self, payment_id: str, amount: int, currency: str, order_id: str, returned: list[str]) -> OrderFacts:
        """Capture an authorised payment, from here on it is our money; answers the facts about its order as of then.

        One activity, for each costs the booking six events. A repeat captures again, which is success.
        """
        self._gateway.capture(payment_id, amount, currency)
        return self._gateway.fetch_order(order_id, returned)

    @activity.defn
    def refund(self, payment_id: str, amount: int, key: str, settled: list[str]) -> ProviderRefund:
        """Refund once; the arguments fix the body, the key identifies the attempt.

        What exists under this key, or under that of an attempt before it, is the refund: it is looked for before the
        money can leave, and once more before a refusal counts. ``settled``: the booking has recorded these disputes as
        decided, so what the bank took for them is not in ``amount``.

        Raises:
            PaymentDisputed: the bank has not decided, or it took money and the booking does not know;
                ``data["dispute_id"]`` says for which dispute.
            PaymentRejected: refused for good; ``data["left"]`` in paise where too little is left of the payment.
        """
        if (made := self._made(payment_id, amount, key)) is not None:
            return made
        self._ensure_refundable(payment_id, amount, settled)
        try:
            return self._gateway.refund(payment_id=payment_id, amount=amount, key=key, receipt=key, notes={})
        except PaymentRejected:
            if (made := self._made(payment_id, amount, key)) is not None:
                return made
            self._ensure_refundable(payment_id, amount, settled)
            raise

    @activity.defn
    def find_refund(self, payment_id: str, amount: int, key: str) -> ProviderRefund | None:
        """The refund that an earlier try has made, whether or not its answer arrived."""
        return self._gateway.find_refund(payment_id, attempt_keys(key), amount)

    def _made(self, payment_id: str, amount: int, key: str) -> ProviderRefund | None:
        """What exists already. An attempt that was sent before the booking lowered the amount has paid the customer."""
        made = self._gateway.find_refund(payment_id, attempt_keys(key), None)
        if made is not None and made.amount != amount:
            raise PaymentRejected(f"{made.refund_id} over {rupees(made.amount)} was made for the same money before")
        return made

    def _ensure_refundable(self, payment_id: str, amount: int, settled: Sequence[str]) -> None:
        """Staff may have refunded by hand, the bank may have been asked for the money: it is paid back once."""
        payment, disputes = self._gateway.fetch_payment(payment_id), self._gateway.disputes_of(payment_id)
        taken = sum(each.amount_deducted for each in disputes if each.dispute_id in settled)
        left = payment.amount - payment.amount_refunded - taken
        if left < amount:
            raise PaymentRejected(f"only {rupees(max(0, left))} of {payment_id} can be refunded", left=left)
        undecided = [each for each in disputes if is_open(each.status)]
        unrecorded = [each for each in disputes if each.amount_deducted and each.dispute_id not in settled]
        if blocking := [*undecided, *unrecorded]:
            raise PaymentDisputed(f"{payment_id} is disputed", dispute_id=blocking[0].dispute_id)

    @activity.defn
    def fetch_refund(self, refund_id: str) -> ProviderRefund:
        """The refund as it is now."""
        return self._gateway.fetch_refund(refund_id)

    @activity.defn
    def fetch_dispute(self, dispute_id: str) -> ProviderDispute:
        """The dispute as it is now."""
        return self._gateway.fetch_dispute(dispute_id)

    @activity.defn
    def order_of(self, payment_id: str) -> str | None:
        """The order that was paid so, if it was one."""
        return self._gateway.fetch_payment(payment_id).order_id


def _repeated() -> bool:
    return activity.info().attempt > 1
