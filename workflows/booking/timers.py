"""Deadlines: every wait that has one ends by itself.

One clock per booking: a timer for the earliest deadline, and another one only when an earlier deadline comes. A timer
that is no longer needed is cancelled when no deadline is left; otherwise it fires and finds nothing to do. So a
transition never writes more than one event about time (docs/decisions/0005).
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import assert_never

from temporalio import workflow

from domain.attention import all_deadlines
from domain.billing.assessment import awaited_orders
from domain.commands import Command
from domain.deadlines import Deadline, due_deadline, open_deadlines, wake_at
from domain.emails import deadline_email
from domain.kind import B
from domain.pauses import growing_pause
from workflows.booking.base import StateReplaced
from workflows.booking.messages import Start
from workflows.booking.reports import ReportHandling

_LONGEST_PAUSE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class _Postponed:
    """A deadline that was to come ``at`` that time and waits ``until`` another one, for the so-manieth time."""

    at: datetime
    until: datetime
    times: int


class TimerHandling(ReportHandling[B]):
    """The timers of a booking."""

    payment_grace = timedelta(minutes=15)
    """So long a deadline waits for a payment that is at the bank, or for a provider that does not answer. The bank has
    ten minutes; a new run reckons from the deadline again, so it cannot grow."""
    payment_pause = timedelta(seconds=2)
    """Until the payment is fetched again; the next pauses are each twice as long."""

    def __init__(self, start: Start[B]) -> None:
        super().__init__(start)
        self._armed: dict[datetime, asyncio.Task[None]] = {}
        self._postponed: dict[str, _Postponed] = {}

    async def run_timers(self) -> None:
        """Apply each deadline when it is reached; a closed booking has those of its disputes."""
        while True:
            left = self._open_deadlines()
            if (due := due_deadline(left, workflow.now())) is not None:
                await self._reach(due)
                continue
            if left:
                self._arm(left)
            elif self._armed and self.booking.closed_at is None:
                self._armed.pop(min(self._armed)).cancel()
            seen = self._changes
            await workflow.wait_condition(lambda: self._changes != seen)  # noqa: B023 - awaited in this very turn

    def _open_deadlines(self) -> list[Deadline]:
        return open_deadlines(map(self._as_postponed, all_deadlines(self.kind, self.booking)), self.booking.alerted)

    def _as_postponed(self, deadline: Deadline) -> Deadline:
        waits = self._postponed.get(deadline.key)
        return replace(deadline, at=waits.until) if waits is not None and waits.at == deadline.at else deadline

    def _arm(self, left: Sequence[Deadline]) -> None:
        first = left[0]
        if all(at > first.at for at in self._armed):
            wake = wake_at(left, f"{self.kind.name}-{self.booking.id}", workflow.now())
            self._armed[first.at] = self.supervise(self._sleep_until(first, wake))

    async def _sleep_until(self, deadline: Deadline, wake: datetime) -> None:
        await workflow.sleep(wake - workflow.now(), summary=deadline.summary)
        del self._armed[deadline.at]
        self._changes += 1

    async def _reach(self, deadline: Deadline) -> None:
        """Apply a deadline, unless the booking has changed so that it does not stand any more."""
        if deadline.check_payment_first and await self._payment_may_come() and self._postpone(deadline):
            return
        async with self._lock:
            if deadline not in self._open_deadlines():
                return
            match deadline.outcome:
                case Command() as command:
                    with suppress(StateReplaced):
                        await self.transition_or_alert(command, deadline.key)
                case (slug, person):
                    self.booking.alerted.append(deadline.key)
                    emails = deadline_email(self.kind, self.booking, slug, person, workflow.now())
                    self.run_before_close(self.send_in_order(emails))
                case unknown:
                    assert_never(unknown)

    async def _payment_may_come(self) -> bool:
        """A payment that was not reported counts before the deadline does; one that is under way is waited for."""
        waits = [await self.settle(order, at_a_deadline=True) for order in awaited_orders(self.kind, self.booking)]
        return any(waits)

    def _postpone(self, deadline: Deadline) -> bool:
        """Have the deadline come a little later; False when it has waited long enough."""
        known, now = self._postponed.get(deadline.key), workflow.now()
        waits = known if known is not None and known.until == deadline.at else _Postponed(deadline.at, deadline.at, 0)
        ends = waits.at + self.payment_grace
        if now >= ends:
            workflow.logger.warning("a deadline waits no longer for a payment; if it still comes, it is sent back")
            return False
        pause = growing_pause(self.payment_pause, _LONGEST_PAUSE, waits.times)
        self._postponed[deadline.key] = _Postponed(waits.at, min(now + pause, ends), waits.times + 1)
        return True
