"""The payment sweep: webhooks whose signal was lost, and orders whose webhook never came."""

import time
from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta
from typing import Protocol

from temporalio import activity

from activities.backoff import Backoff
from activities.payees import PayeeLooks
from activities.signalling import Signals, report
from activities.webhook_delivery import Inbox, WebhookDelivery
from domain.billing.provider import OrderFacts, PaymentEvent, fingerprint, moved_money
from domain.errors import KeyRefused

_ROUNDS_OF_GRACE = 6
"""A webhook may take this many rounds of the sweep before it counts as missing."""
_BUDGET = timedelta(seconds=30)
"""A round delivers webhooks for this long, then polls open orders and closed ones as long each; the rest waits."""
_FAILURES_IN_A_ROW = 5
"""After so many the provider is down or has had enough of us: the round ends, and the next one comes later."""
_LONGEST_PAUSE = timedelta(minutes=5)
_LONGEST_BREAK = timedelta(seconds=30)
"""Between rounds that the provider broke off: when it answers again, that is known soon."""
_LONGEST_SILENCE = timedelta(minutes=10)
"""An order whose payment stays as it was (it cannot be captured) is reported again at least this often."""
_POLLS_IN_AGE = 20
_YOUNG = 600.0
"""Seconds. An open order that is older is polled less often: every 5 minutes when nobody has paid it for 100."""
_ROUND = "round"
_METRIC = "revcare_paid_orders_without_webhook"


class PaymentEvents(Inbox, Protocol):
    """Stored webhooks, and the orders to poll."""

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


class SweepActivities:
    """One round of the sweep. ``silence``: this many paid orders in a row without a webhook are an alarm.

    ``budget``: after this time no further order is begun, so that a slow provider does not block the round.
    """

    def __init__(
        self,
        events: PaymentEvents,
        orders: Orders,
        signals: Signals,
        every: timedelta,
        silence: int,
        budget: timedelta = _BUDGET,
        payees: PayeeLooks | None = None,
    ) -> None:
        self._budget = budget
        self._events = events
        self._orders = orders
        self._signals = signals
        self._every = every
        self._silence = silence
        self._webhooks = WebhookDelivery(events, self._report, every, budget)
        self._polled = Backoff[str](every, _LONGEST_PAUSE)
        self._reported = Backoff[tuple[str, str]](every, _LONGEST_SILENCE)
        self._broken_off = Backoff[str](every, _LONGEST_BREAK)
        self._alarmed = False
        self._payees = payees

    @activity.defn
    async def sweep(self) -> float:
        """Deliver waiting webhooks, poll open and closed orders; answers the seconds until the next round."""
        await self._webhooks.deliver()
        if self._payees is not None:
            await self._payees.look()
        try:
            whole = await self._each(self._due(await self._events.open_orders()), self._poll)
            whole = whole and await self._each(await self._events.orders_to_look_at(), self._recheck)
        except KeyRefused:
            activity.logger.error("the payment provider does not accept our key: nothing is polled this round")
            whole = False
        await self._watch_for_silence()
        return self._pause(whole=whole)

    @activity.defn
    async def purge_idempotency_keys(self) -> int:
        """Nothing: housekeeping deletes them. For sweeps that began when this did it; goes with release 0.8.0."""
        return 0

    def _pause(self, *, whole: bool) -> float:
        """Twice as long after each round that the provider broke off."""
        if whole:
            self._broken_off.forget(_ROUND)
            return self._every.total_seconds()
        return self._broken_off.pause(self._broken_off.tried(_ROUND) + 1)

    async def _each(
        self, events: Iterable[PaymentEvent], check: Callable[[PaymentEvent, str], Awaitable[None]]
    ) -> bool:
        """An order that cannot be fetched, or many that take long, do not keep the others from being checked.

        False when the provider did not answer several times in a row: to go on would only make it worse.
        """
        until, failures = time.monotonic() + self._budget.total_seconds(), 0
        for event in events:
            activity.heartbeat(event.order_id)
            try:
                if event.order_id is not None:
                    await check(event, event.order_id)
                failures = 0
            except KeyRefused:
                raise
            except Exception as fault:
                activity.logger.warning("%s could not be polled: %s", event.order_id, fault)
                failures += 1
            if failures >= _FAILURES_IN_A_ROW:
                activity.logger.warning("the payment provider does not answer: the round ends")
                return False
            if time.monotonic() >= until:
                activity.logger.warning("the payment provider is slow: the other orders are polled next round")
                break
        return True

    async def _poll(self, event: PaymentEvent, order_id: str) -> None:
        """An order that can be paid: what is new is reported, and a payment until it is captured, ever less often."""
        facts = await self._orders.fetch_order(order_id)
        self._polled.rest(order_id, self._pause_of(event))
        if seen := fingerprint(facts):
            known = (order_id, seen)
            if self._reported.tries(known) == 0 or (moved_money(facts) and self._reported.is_due(known)):
                await self._report(event)
                self._reported.tried(known)

    def _due(self, events: Iterable[PaymentEvent]) -> list[PaymentEvent]:
        return [event for event in events if self._polled.is_due(event.order_id or "")]

    def _pause_of(self, event: PaymentEvent) -> float:
        paused = min(event.age / _POLLS_IN_AGE, _LONGEST_PAUSE.total_seconds())
        return paused if event.age > _YOUNG else 0.0

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
        return await report(self._signals, event)
