"""Stored webhooks whose signal was not sent: one signal a subject, and one that cannot be sent holds up no other."""

import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable
from datetime import timedelta
from typing import Protocol

from temporalio import activity

from activities.backoff import Backoff
from domain.billing.provider import PaymentEvent

MOST_TRIES = 40
"""A webhook that could not be delivered so often, for more than a day, is parked: what it says is found by polling."""
_LONGEST_PAUSE = timedelta(hours=1)

Subject = tuple[str, int | None, str | None, str | None, str | None, str | None]


class Inbox(Protocol):
    """Stored webhooks."""

    async def undelivered(self, but: Collection[int]) -> list[PaymentEvent]:
        """Webhooks whose signal was not sent, oldest first, without these rows."""

    async def delivered(self, row: int) -> None:
        """The signal of that webhook was sent."""

    async def parked(self, row: int) -> None:
        """That webhook concerns nothing of ours, or cannot be delivered."""


class WebhookDelivery:
    """Delivers what waits. ``report`` sends a signal; False when nobody is concerned."""

    def __init__(
        self, inbox: Inbox, report: Callable[[PaymentEvent], Awaitable[bool]], every: timedelta, budget: timedelta
    ) -> None:
        self._inbox = inbox
        self._report = report
        self._budget = budget
        self._failing = Backoff[int](every, _LONGEST_PAUSE)

    async def deliver(self) -> None:
        """One signal for all that waits about one thing, for a limited time; the rest waits for the next round."""
        until = time.monotonic() + self._budget.total_seconds()
        for rows, event in _by_subject(await self._inbox.undelivered(self._failing.resting())):
            activity.heartbeat(rows[0])
            try:
                await self._send(rows, event)
            except Exception as fault:
                await self._put_behind(rows, fault)
            if time.monotonic() >= until:
                activity.logger.warning("signals take long: the other webhooks are delivered next round")
                return

    async def _send(self, rows: list[int], event: PaymentEvent) -> None:
        heard = await self._report(event)
        for row in rows:
            if heard:
                await self._inbox.delivered(row)
            else:
                activity.logger.warning("webhook %s concerns nothing of ours, it is parked", row)
                await self._inbox.parked(row)
            self._failing.forget(row)

    async def _put_behind(self, rows: list[int], fault: Exception) -> None:
        for row in rows:
            tries = self._failing.tried(row)
            activity.logger.warning("webhook %s could not be delivered, %s times by now: %s", row, tries, fault)
            if tries >= MOST_TRIES:
                activity.logger.error("webhook %s is given up and parked", row)
                await self._inbox.parked(row)
                self._failing.forget(row)


def _by_subject(events: Iterable[PaymentEvent]) -> list[tuple[list[int], PaymentEvent]]:
    """A signal carries no facts: many webhooks about one thing need one."""
    rows: dict[Subject, list[int]] = defaultdict(list)
    first: dict[Subject, PaymentEvent] = {}
    for event in events:
        about = (event.order_id, event.refund_key, event.dispute_id, event.transfer_id)
        subject = (event.kind, event.booking_id, *about)
        first.setdefault(subject, event)
        if event.row is not None:
            rows[subject].append(event.row)
    return [(rows[subject], event) for subject, event in first.items() if rows[subject]]
