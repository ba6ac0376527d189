"""What nobody delivered: webhooks whose signal was lost, and orders whose webhook never came."""

import time
from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta
from typing import Protocol

from temporalio import activity

from domain.errors import KeyRefused
from domain.payments import OrderFacts, PaymentEvent, fingerprint, moved_money

_PATIENCE_IN_ROUNDS = 6
"""So many rounds of the sweep a webhook may take before its silence counts."""
_BUDGET = timedelta(seconds=30)
"""So long a round asks for open orders, and as long again for those that are over; the rest waits for the next."""
_METER = "revcare_paid_orders_without_webhook"


class HintSource(Protocol):
    """Where hints wait."""

    async def undelivered(self) -> list[PaymentEvent]:
        """Inbox rows whose signal has not gone out, oldest first."""

    async def delivered(self, row: int) -> None:
        """That row's signal went out."""

    async def parked(self, row: int) -> None:
        """That row concerns nobody that we know."""

    async def open_orders(self) -> list[PaymentEvent]:
        """Orders that a customer may be paying now, in an order that lets none wait for ever."""

    async def orders_to_look_at(self) -> list[PaymentEvent]:
        """Orders that are over, longest unseen first: money may come late, or go back by hand."""

    async def looked_at(self, order_id: str, looks: int, seen: str) -> None:
        """That order was looked at, and looked like this."""

    async def missed(self, order_id: str) -> None:
        """That order could not be looked at: others come before it now, the look is still due."""

    async def unheard_of(self, latest: int, after: timedelta) -> int:
        """How many of the latest paid orders no webhook has spoken of."""


class Orders(Protocol):
    """The part of the payment provider that a poll needs."""

    async def fetch_order(self, order_id: str) -> OrderFacts:
        """The order and every attempt to pay it."""


class Attic(Protocol):
    """What is kept for a while only."""

    async def forget_old(self) -> int:
        """Delete what is past its time; answers how much that was."""


class Reporter(Protocol):
    """The way to the workflows."""

    async def report_payment(self, booking_id: int, order_id: str) -> None:
        """Tell the booking to look at the order; one that has ended is looked after by a workflow of its own."""

    async def report_dispute(self, booking_id: int, dispute_id: str) -> None:
        """The same about a dispute."""

    async def report_refund(self, key: str) -> bool:
        """Tell the refund to look; False when it is done."""


class SweepActivities:
    """One round of looking. ``silence``: so many paid orders in a row without a webhook are an alarm.

    ``budget``: after so long no further order of a kind is begun, for a provider that hangs must not hang the round.
    """

    def __init__(
        self,
        hints: HintSource,
        orders: Orders,
        reporter: Reporter,
        attic: Attic,
        every: timedelta,
        silence: int,
        budget: timedelta = _BUDGET,
    ) -> None:
        self._budget = budget
        self._attic = attic
        self._hints = hints
        self._orders = orders
        self._reporter = reporter
        self._every = every
        self._silence = silence
        self._seen: dict[str, str] = {}
        self._alarmed = False

    @activity.defn
    async def sweep(self) -> float:
        """Deliver what waits, poll what is open or over; answers the seconds until the next round."""
        for hint in await self._hints.undelivered():
            activity.heartbeat(hint.row)
            await self._deliver(hint)
        try:
            await self._each(await self._hints.open_orders(), self._poll)
            await self._each(await self._hints.orders_to_look_at(), self._look_back)
        except KeyRefused:
            activity.logger.error("the payment provider does not accept our key: nothing is polled this round")
        await self._listen()
        return self._every.total_seconds()

    @activity.defn
    async def tidy(self) -> int:
        """Forget idempotency keys that nobody will repeat any more."""
        return await self._attic.forget_old()

    async def _deliver(self, hint: PaymentEvent) -> None:
        told = await self._report(hint)
        if hint.row is None:
            return
        if told:
            await self._hints.delivered(hint.row)
        else:
            activity.logger.warning("webhook %s concerns nothing of ours, it is parked", hint.row)
            await self._hints.parked(hint.row)

    async def _each(self, hints: Iterable[PaymentEvent], look: Callable[[PaymentEvent, str], Awaitable[None]]) -> None:
        """One order that cannot be asked for, or many that take long, do not keep the others from being looked at."""
        until = time.monotonic() + self._budget.total_seconds()
        for hint in hints:
            activity.heartbeat(hint.order_id)
            try:
                if hint.order_id is not None:
                    await look(hint, hint.order_id)
            except KeyRefused:
                raise
            except Exception as fault:
                activity.logger.warning("%s could not be polled: %s", hint.order_id, fault)
            if time.monotonic() >= until:
                activity.logger.warning("the payment provider is slow: the other orders are polled next round")
                break

    async def _poll(self, hint: PaymentEvent, order_id: str) -> None:
        """An order that can be paid: money is told until it is taken, anything else when it is new."""
        facts = await self._orders.fetch_order(order_id)
        seen = fingerprint(facts)
        if moved_money(facts) or (seen and seen != self._seen.get(order_id)):
            await self._report(hint)
        self._seen[order_id] = seen

    async def _look_back(self, hint: PaymentEvent, order_id: str) -> None:
        try:
            facts = await self._orders.fetch_order(order_id)
            seen = fingerprint(facts)
            if seen != (hint.known or ""):
                await self._report(hint)
        except KeyRefused:
            raise
        except Exception:
            await self._hints.missed(order_id)
            raise
        self._seen.pop(order_id, None)
        await self._hints.looked_at(order_id, hint.looks, seen)

    async def _listen(self) -> None:
        """The provider stops calling an endpoint that failed for a day, and says so by mail only."""
        unheard = await self._hints.unheard_of(self._silence, self._every * _PATIENCE_IN_ROUNDS)
        activity.metric_meter().create_gauge(_METER, "of the latest paid orders").set(unheard)
        silent = unheard >= self._silence
        if silent and not self._alarmed:
            activity.logger.error("no webhook for the last %s paid orders: is the endpoint disabled?", unheard)
        self._alarmed = silent

    async def _report(self, hint: PaymentEvent) -> bool:
        """Tell whom it concerns; False when there is nobody."""
        if hint.refund_key is not None and await self._reporter.report_refund(hint.refund_key):
            return True
        if hint.booking_id is None:
            return False
        if hint.dispute_id is not None:
            await self._reporter.report_dispute(hint.booking_id, hint.dispute_id)
        elif hint.order_id is not None:
            await self._reporter.report_payment(hint.booking_id, hint.order_id)
        else:
            return False
        return True
