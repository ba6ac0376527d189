"""What nobody delivered: webhooks whose signal was lost, and orders whose webhook never came."""

from datetime import timedelta
from typing import Protocol

from temporalio import activity

from domain.payments import Hint, OrderEvidence


class HintSource(Protocol):
    """Where hints wait."""

    async def undelivered(self) -> list[Hint]:
        """Inbox rows whose signal has not gone out, oldest first."""

    async def delivered(self, row: int) -> None:
        """That row's signal went out, or nobody is there to hear it any more."""

    async def open_orders(self) -> list[Hint]:
        """Orders that a customer may be paying now."""


class Orders(Protocol):
    """The part of the payment provider that a poll needs."""

    async def fetch_order(self, order_id: str) -> OrderEvidence:
        """The order and every attempt to pay it."""


class Attic(Protocol):
    """What is kept for a while only."""

    async def forget_old(self) -> int:
        """Delete what is past its time; answers how much that was."""


class Reporter(Protocol):
    """The way to the workflows."""

    async def report_payment(self, booking_id: int, order_id: str) -> None:
        """Tell the booking to look at the order; quiet when the booking is closed."""

    async def report_refund(self, key: str) -> None:
        """Tell the refund to look; quiet when it is done."""


class SweepActivities:
    """One round of looking."""

    def __init__(self, hints: HintSource, orders: Orders, reporter: Reporter, attic: Attic, every: timedelta) -> None:
        self._attic = attic
        self._hints = hints
        self._orders = orders
        self._reporter = reporter
        self._every = every

    @activity.defn
    async def sweep(self) -> float:
        """Deliver what waits, poll what is open; answers the seconds until the next round."""
        for hint in await self._hints.undelivered():
            await self._report(hint)
            if hint.row is not None:
                await self._hints.delivered(hint.row)
        for hint in await self._hints.open_orders():
            if hint.order_id is not None and _something_happened(await self._orders.fetch_order(hint.order_id)):
                await self._report(hint)
        return self._every.total_seconds()

    @activity.defn
    async def tidy(self) -> int:
        """Forget idempotency keys that nobody will repeat any more."""
        return await self._attic.forget_old()

    async def _report(self, hint: Hint) -> None:
        if hint.refund_key is not None:
            await self._reporter.report_refund(hint.refund_key)
        elif hint.booking_id is not None and hint.order_id is not None:
            await self._reporter.report_payment(hint.booking_id, hint.order_id)


def _something_happened(evidence: OrderEvidence) -> bool:
    return any(payment.status != "created" for payment in evidence.payments)
