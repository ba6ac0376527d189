"""The provider's lists, for whatever no webhook told: payments, refunds, disputes of the whole account.

Polling orders (``activities.sweeps``) finds a payment at once, but only of an order that is young. The lists are read
in two ways: the newest entries in every look, and now and then everything within reach, some pages in each look, for an
entry changes long after it was made (a dispute is decided, a refund fails).
"""

import time
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from temporalio import activity

from activities.backoff import Backoff
from activities.signalling import Signals, report
from domain.billing.account_news import BookingMoney, KnownMoney
from domain.billing.provider import PaymentEvent, ProviderDispute, ProviderPayment, ProviderRefund
from domain.errors import KeyRefused

DISPUTES, REFUNDS, PAYMENTS = "disputes", "refunds", "payments"
REACH = {DISPUTES: timedelta(days=180), REFUNDS: timedelta(days=20), PAYMENTS: timedelta(days=6)}
"""How long after it was made an entry may change: a dispute is decided, a refund or a late authorisation comes back."""
NEWEST = timedelta(hours=1)
"""Of every look; more than the minutes by which the provider's lists lag behind."""
PAGES_OF_NEWEST, PAGES_OF_ALL = 3, 5
"""Calls that one look may make for a list; what is left of the whole list is read by the next look."""
_LOOKS_BETWEEN = 60
FAILED_PAUSE = timedelta(seconds=30)
"""After a look without an answer, unless looks are made more often anyway: it costs less than one that is answered, and
when the provider is back everybody sees it soon."""
_BUDGET = timedelta(seconds=30)
_REPEATED_AT_MOST = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Reading:
    """A whole list that is being read: of entries made until then, so many were read."""

    until: datetime
    skip: int = 0


@dataclass(frozen=True, slots=True)
class AccountCursor:
    """Where the lists are: carried by the workflow, so that a restarted worker goes on there.

    ``due``: the next look. ``begun``: when each list was last begun to be read as a whole; ``reading``: those that are
    not at their end. ``failures``: looks in a row that the provider did not answer.
    """

    due: datetime | None = None
    begun: dict[str, datetime] = field(default_factory=dict)
    reading: dict[str, Reading] = field(default_factory=dict)
    failures: int = 0


class AccountLists(Protocol):
    """The provider's lists, page by page, the newest entry first. A short page is the last one."""

    @property
    def page_size(self) -> int: ...

    async def payments(self, since: datetime, until: datetime, skip: int) -> list[ProviderPayment]:
        """Payments begun in that time."""

    async def refunds(self, since: datetime, until: datetime, skip: int) -> list[ProviderRefund]:
        """Refunds asked for in that time."""

    async def disputes(self, since: datetime, until: datetime, skip: int) -> list[ProviderDispute]:
        """Disputes that began in that time."""


class KnownRows(Protocol):
    """What our bookings have recorded."""

    async def money_of(self, orders: Collection[str], payments: Collection[str]) -> list[BookingMoney]:
        """The bookings that these orders and payments belong to."""


class AccountPollActivities:
    """One look at the lists. ``every``: the pause between two looks."""

    def __init__(
        self, lists: AccountLists, rows: KnownRows, signals: Signals, every: timedelta, budget: timedelta = _BUDGET
    ) -> None:
        self._lists = lists
        self._rows = rows
        self._signals = signals
        self._every = every
        self._budget = budget
        self._reported = Backoff[Any](every, _REPEATED_AT_MOST)

    @activity.defn
    async def poll_account(self, cursor: AccountCursor, now: datetime) -> AccountCursor:
        """Report what is news in the lists; answers where they are now, and when the next look is due."""
        until, failures = time.monotonic() + self._budget.total_seconds(), 0
        for name in (DISPUTES, REFUNDS, PAYMENTS):
            try:
                cursor = await self._look(name, cursor, now, until)
            except KeyRefused:
                activity.logger.error("the payment provider does not accept our key: its lists are not read")
                failures += 1
                break
            except Exception as fault:
                activity.logger.warning("the list of %s could not be read: %s", name, fault)
                failures += 1
        failures = cursor.failures + 1 if failures else 0
        pause = min(self._every, FAILED_PAUSE) if failures else self._every
        return replace(cursor, due=now + pause, failures=failures)

    async def _look(self, name: str, cursor: AccountCursor, now: datetime, until: float) -> AccountCursor:
        begun = cursor.begun.get(name)
        if name not in cursor.reading and (begun is None or now - begun >= self._every * _LOOKS_BETWEEN):
            cursor = replace(cursor, begun={**cursor.begun, name: now}, reading={**cursor.reading, name: Reading(now)})
        else:
            await self._read(name, now - NEWEST, Reading(now), PAGES_OF_NEWEST, until)
        reading = cursor.reading.get(name)
        if reading is None:
            return cursor
        left = await self._read(name, reading.until - REACH[name], reading, PAGES_OF_ALL, until)
        others = {key: each for key, each in cursor.reading.items() if key != name}
        return replace(cursor, reading=others if left is None else {**others, name: left})

    async def _read(self, name: str, since: datetime, reading: Reading, pages: int, until: float) -> Reading | None:
        """Read so many pages, as long as there is time; None when the list is at its end."""
        for _ in range(pages):
            activity.heartbeat(name, reading.skip)
            entries = await self._page(name, since, reading)
            reading = replace(reading, skip=reading.skip + len(entries))
            if len(entries) < self._lists.page_size:
                return None
            if time.monotonic() >= until:
                activity.logger.warning("the payment provider is slow: the list of %s is read on later", name)
                break
        return reading

    async def _page(self, name: str, since: datetime, reading: Reading) -> Sequence[object]:
        if name == PAYMENTS:
            payments = await self._lists.payments(since, reading.until, reading.skip)
            known = await self._known(orders=(each.order_id for each in payments))
            await self._report_news(payments, known.payment_news)
            return payments
        if name == REFUNDS:
            refunds = await self._lists.refunds(since, reading.until, reading.skip)
            known = await self._known(payments=(each.payment_id for each in refunds))
            await self._report_news(refunds, known.refund_news)
            return refunds
        disputes = await self._lists.disputes(since, reading.until, reading.skip)
        known = await self._known(payments=(each.payment_id for each in disputes))
        await self._report_news(disputes, known.dispute_news)
        return disputes

    async def _known(self, orders: Iterable[str | None] = (), payments: Iterable[str] = ()) -> KnownMoney:
        return KnownMoney(await self._rows.money_of({each for each in orders if each}, set(payments)))

    async def _report_news(self, entries: Iterable[Any], news_of: Callable[[Any], PaymentEvent | None]) -> None:
        """Signal what is new. What its booking does not record is signalled again ever later, as long as it differs."""
        for entry in entries:
            event = news_of(entry)
            if event is None or not self._reported.is_due(entry):
                continue
            try:
                await report(self._signals, event)
                self._reported.tried(entry)
            except Exception as fault:
                activity.logger.warning("what the lists say of booking %s was not told: %s", event.booking_id, fault)
