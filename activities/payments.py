"""The provider's side of money. Synchronous, as the official SDK is: these run in a thread pool on their own queue."""

from typing import Protocol

from temporalio import activity

from domain.payments import OrderEvidence, ProviderOrder, ProviderPayment, ProviderRefund


class Gateway(Protocol):
    """The payment provider. Refusals are ``PaymentRejected``; anything else that fails may be tried again."""

    def create_order(
        self, *, amount: int, currency: str, receipt: str, notes: dict[str, str], look_first: bool
    ) -> ProviderOrder:
        """An order for manual capture. ``look_first``: search by receipt before creating (outcome unknown)."""

    def fetch_order(self, order_id: str) -> OrderEvidence:
        """The order and every attempt to pay it."""

    def capture(self, payment_id: str, amount: int, currency: str) -> ProviderPayment:
        """Take authorised money; money that is already captured is success."""

    def refund(
        self, *, payment_id: str, amount: int, key: str, receipt: str, notes: dict[str, str], look_first: bool
    ) -> ProviderRefund:
        """Send money back; the same key and body give the same refund."""

    def fetch_refund(self, refund_id: str) -> ProviderRefund:
        """Where a refund stands."""


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
    def fetch_order(self, order_id: str) -> OrderEvidence:
        """The facts about an order, fetched now."""
        return self._gateway.fetch_order(order_id)

    @activity.defn
    def capture(self, payment_id: str, amount: int, currency: str) -> ProviderPayment:
        """The commit point of an online payment."""
        return self._gateway.capture(payment_id, amount, currency)

    @activity.defn
    def refund(self, payment_id: str, amount: int, key: str) -> ProviderRefund:
        """Send money back once; the body is frozen by its arguments, the key names the intent."""
        return self._gateway.refund(
            payment_id=payment_id, amount=amount, key=key, receipt=key, notes={}, look_first=_repeated()
        )

    @activity.defn
    def fetch_refund(self, refund_id: str) -> ProviderRefund:
        """Where a refund stands, fetched now."""
        return self._gateway.fetch_refund(refund_id)


def _repeated() -> bool:
    return activity.info().attempt > 1
