"""Calls to the payment provider. Synchronous, as the official SDK is: they run in a thread pool on their own queue."""

from collections.abc import Sequence
from typing import Protocol

from temporalio import activity

from domain.billing.provider import OrderFacts, ProviderDispute, ProviderOrder, ProviderPayment, ProviderRefund


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

    def refund(
        self, *, payment_id: str, amount: int, key: str, receipt: str, notes: dict[str, str], look_first: bool
    ) -> ProviderRefund:
        """Refund; the same key and body give the same refund."""

    def fetch_refund(self, refund_id: str) -> ProviderRefund:
        """The refund as it is now."""

    def fetch_dispute(self, dispute_id: str) -> ProviderDispute:
        """The dispute as it is now."""


class PaymentActivities:
    """Orders, captures and refunds; retried by Temporal, safe to repeat."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    @activity.defn
    def create_order(self, booking_id: int, receipt: str, amount: int, currency: str) -> ProviderOrder:
        """The order of this receipt, made at most once: a repeated attempt looks for it first."""
        return self._gateway.create_order(
            amount=amount,
            currency=currency,
            receipt=receipt,
            notes={"booking_id": str(booking_id)},
            look_first=_repeated(),
        )

    @activity.defn
    def fetch_order(self, order_id: str, returned: list[str]) -> OrderFacts:
        """The facts about an order."""
        return self._gateway.fetch_order(order_id, returned)

    @activity.defn
    def capture(self, payment_id: str, amount: int, currency: str, order_id: str, returned: list[str]) -> OrderFacts:
        """Capture an authorised payment, from here on it is our money; answers the facts about its order as of then.

        One activity, for each costs the booking six events. A repeat captures again, which is success.
        """
        self._gateway.capture(payment_id, amount, currency)
        return self._gateway.fetch_order(order_id, returned)

    @activity.defn
    def refundable(self, payment_id: str) -> int:
        """What can still be refunded of a payment, in paise: staff may have refunded part of it by hand."""
        payment = self._gateway.fetch_payment(payment_id)
        return payment.amount - payment.amount_refunded

    @activity.defn
    def refund(self, payment_id: str, amount: int, key: str, tried: bool) -> ProviderRefund:
        """Refund once; the arguments fix the body, the key identifies the attempt.

        ``tried``: an earlier call may have done it, so a refund with this receipt is looked for first.
        """
        look_first = tried or _repeated()
        return self._gateway.refund(
            payment_id=payment_id, amount=amount, key=key, receipt=key, notes={}, look_first=look_first
        )

    @activity.defn
    def fetch_refund(self, refund_id: str) -> ProviderRefund:
        """The refund as it is now."""
        return self._gateway.fetch_refund(refund_id)

    @activity.defn
    def fetch_dispute(self, dispute_id: str) -> ProviderDispute:
        """The dispute as it is now."""
        return self._gateway.fetch_dispute(dispute_id)


def _repeated() -> bool:
    return activity.info().attempt > 1
