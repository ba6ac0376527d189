"""The payment sweep: webhooks whose signal was lost, and orders whose webhook never came."""

import time
from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta
from typing import Protocol

from temporalio import activity

from domain.billing.provider import OrderFacts, PaymentEvent, fingerprint, moved_money
from domain.errors import KeyRefused

_ROUNDS_OF_GRACE = 6
"""A webhook may take this many rounds of the sweep before it counts as missing."""
_BUDGET = timedelta(seconds=30)
"""A round polls open orders for this long, and closed ones as long again; the rest waits for the next round."""
_METRIC = "revcare_paid_orders_without_webhook"


class PaymentEvents(Protocol):
    """Stored webhooks, and the orders to poll."""

    async def undelivered(self) -> list[PaymentEvent]:
        """Webhooks whose signal was not sent, oldest first."""

    async def delivered(self, row: int) -> None:
        """The signal of that webhook was sent."""

    async def parked(self, row: int) -> None:
        """That webhook concerns nothing of ours."""

    async def open_orders(self) -> list[PaymentEvent]:
        """Orders that a customer may be paying now, sorted so that none waits for ever."""

    async def orders_to_look_at(self) -> list[PaymentEvent]:
        """Closed orders, the longest unchecked first: a payment may come late, or be refunded by hand."""

    async def looked_at(self, order_id: str, looks: int, seen: str) -> None:
        """That order was checked; ``seen`` is its fingerprint."""

    async def missed(self, order_id: str) -> None:
        """That order could not be checked: the check is still due, but others come before it now."""

    async def paid_without_webhook(self, latest: int, after: timedelta) -> int:
        """How many of the latest paid orders have no webhook."""


class Orders(Protocol):
    """The part of the payment provider that a poll needs."""

    async def fetch_order(self, order_id: str) -> OrderFacts:
        """The order and every attempt to pay it."""


class IdempotencyStore(Protocol):
    """Stored idempotency keys."""

    async def forget_old(self) -> int:
        """Delete expired keys; answers how many."""


class Signals(Protocol):
    """Signals to workflows."""

    async def report_payment(self, kind: str, booking_id: int, order_id: str) -> None:
        """Tell the booking to fetch the order; for one that has ended a workflow of its own does so."""

    async def report_dispute(self, kind: str, booking_id: int, dispute_id: str) -> None:
        """The same about a dispute."""

    async def report_refund(self, key: str) -> bool:
        """Tell the refund to fetch its state; False when it has ended."""


class SweepActivities:
    """One round of the sweep. ``silence``: this many paid orders in a row without a webhook are an alarm.

    ``budget``: after this time no further order is begun, so that a slow provider does not block the round.
    """

    def __init__(
        self,
        events: PaymentEvents,
        orders: Orders,
        signals: Signals,
        idempotency: IdempotencyStore,
        every: timedelta,
        silence: int,
        budget: timedelta = _BUDGET,
    ) -> None:
        self._budget = budget
        self._idempotency = idempotency
        self._events = events
        self._orders = orders
        self._signals = signals
        self._every = every
        self._silence = silence
        self._seen: dict[str, str] = {}
        self._alarmed = False

    @activity.defn
    async def sweep(self) -> float:
        """Deliver waiting webhooks, poll open and closed orders; answers the seconds until the next round."""
        for event in await self._events.undelivered():
            activity.heartbeat(event.row)
            await self._deliver(event)
        try:
            await self._each(await self._events.open_orders(), self._poll)
            await self._each(await self._events.orders_to_look_at(), self._recheck)
        except KeyRefused:
            activity.logger.error("the payment provider does not accept our key: nothing is polled this round")
        await self._watch_for_silence()
        return self._every.total_seconds()

    @activity.defn
    async def purge_idempotency_keys(self) -> int:
        """Delete idempotency keys that no client will repeat any more."""
        return await self._idempotency.forget_old()

    async def _deliver(self, event: PaymentEvent) -> None:
        delivered = await self._report(event)
        if event.row is None:
            return
        if delivered:
            await self._events.delivered(event.row)
        else:
            activity.logger.warning("webhook %s concerns nothing of ours, it is parked", event.row)
            await self._events.parked(event.row)

    async def _each(
        self, events: Iterable[PaymentEvent], check: Callable[[PaymentEvent, str], Awaitable[None]]
    ) -> None:
        """An order that cannot be fetched, or many that take long, do not keep the others from being checked."""
        until = time.monotonic() + self._budget.total_seconds()
        for event in events:
            activity.heartbeat(event.order_id)
            try:
                if event.order_id is not None:
                    await check(event, event.order_id)
            except KeyRefused:
                raise
            except Exception as fault:
                activity.logger.warning("%s could not be polled: %s", event.order_id, fault)
            if time.monotonic() >= until:
                activity.logger.warning("the payment provider is slow: the other orders are polled next round")
                break

    async def _poll(self, event: PaymentEvent, order_id: str) -> None:
        """An order that can be paid: a payment is reported until it is captured, anything else when it is new."""
        facts = await self._orders.fetch_order(order_id)
        seen = fingerprint(facts)
        if moved_money(facts) or (seen and seen != self._seen.get(order_id)):
            await self._report(event)
        self._seen[order_id] = seen

    async def _recheck(self, event: PaymentEvent, order_id: str) -> None:
        try:
            facts = await self._orders.fetch_order(order_id)
            seen = fingerprint(facts)
            if seen != (event.known or ""):
                await self._report(event)
        except KeyRefused:
            raise
        except Exception:
            await self._events.missed(order_id)
            raise
        self._seen.pop(order_id, None)
        await self._events.looked_at(order_id, event.looks, seen)

    async def _watch_for_silence(self) -> None:
        """The provider disables an endpoint that failed for a day, and says so by e-mail only."""
        missing = await self._events.paid_without_webhook(self._silence, self._every * _ROUNDS_OF_GRACE)
        activity.metric_meter().create_gauge(_METRIC, "of the latest paid orders").set(missing)
        silent = missing >= self._silence
        if silent and not self._alarmed:
            activity.logger.error("no webhook for the last %s paid orders: is the endpoint disabled?", missing)
        self._alarmed = silent

    async def _report(self, event: PaymentEvent) -> bool:
        """Signal the workflow that it concerns; False when there is none."""
        if event.refund_key is not None and await self._signals.report_refund(event.refund_key):
            return True
        if event.booking_id is None:
            return False
        if event.dispute_id is not None:
            await self._signals.report_dispute(event.kind, event.booking_id, event.dispute_id)
        elif event.order_id is not None:
            await self._signals.report_payment(event.kind, event.booking_id, event.order_id)
        else:
            return False
        return True
