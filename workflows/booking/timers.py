"""Deadlines: every wait that has one ends by itself.

One clock per booking: a timer for the earliest deadline, and another one only when an earlier deadline comes. A timer
that is no longer needed is cancelled when no deadline is left; otherwise it fires and finds nothing to do. So a
transition never writes more than one event about time (docs/decisions/0005).
"""

import asyncio
from datetime import datetime

from temporalio import workflow
from temporalio.exceptions import ActivityError

from domain.deadlines import Deadline, due_deadline, open_deadlines
from domain.emails import deadline_email
from domain.kind import B
from workflows.booking.messages import Start
from workflows.booking.payments import PaymentHandling


class TimerHandling(PaymentHandling[B]):
    """The timers of a booking."""

    def __init__(self, start: Start[B]) -> None:
        super().__init__(start)
        self._armed: dict[datetime, asyncio.Task[None]] = {}

    async def run_timers(self) -> None:
        """Apply each deadline when it is reached, for as long as the booking is open."""
        while self.booking.closed_at is None:
            left = self._open_deadlines()
            if (due := due_deadline(left, workflow.now())) is not None:
                await self._reach(due)
                continue
            if left:
                self._arm(left[0])
            elif self._armed:
                self._armed.pop(min(self._armed)).cancel()
            seen = self._changes
            await workflow.wait_condition(lambda: self._changes != seen)  # noqa: B023 - awaited in this very turn

    def _open_deadlines(self) -> list[Deadline]:
        return open_deadlines(self.kind.deadlines(self.booking), self.booking.alerted)

    def _arm(self, deadline: Deadline) -> None:
        if all(at > deadline.at for at in self._armed):
            self._armed[deadline.at] = self.supervise(self._sleep_until(deadline))

    async def _sleep_until(self, deadline: Deadline) -> None:
        await workflow.sleep(deadline.at - workflow.now(), summary=deadline.summary)
        del self._armed[deadline.at]
        self._changes += 1

    async def _reach(self, deadline: Deadline) -> None:
        """Apply a deadline, unless the booking has changed so that it does not stand any more."""
        if deadline.check_payment_first:
            await self._check_payment()
        async with self._lock:
            if deadline not in self._open_deadlines():
                return
            if deadline.command is not None:
                await self.transition_or_alert(deadline.command, deadline.key)
            elif deadline.email is not None:
                self.booking.alerted.append(deadline.key)
                emails = deadline_email(self.kind, self.booking, *deadline.email, workflow.now())
                self.run_before_close(self.send_in_order(emails))

    async def _check_payment(self) -> None:
        """A payment that was not reported counts before the deadline does."""
        order = self.booking.live_order()
        if order is None or order.order_id is None:
            return
        try:
            await self.settle(order.order_id, at_a_deadline=True)
        except ActivityError:
            workflow.logger.warning("the provider did not answer before a deadline; a late payment will be refunded")
