"""Deadlines: every wait that has one ends by itself.

One clock per booking: a timer for the earliest deadline, and another one only when an earlier deadline comes. A timer
that is no longer needed is cancelled when no deadline is left; otherwise it fires and finds nothing to do. So a
transition never writes more than one event about time (docs/decisions/0005).
"""

import asyncio
from datetime import datetime

from temporalio import workflow
from temporalio.exceptions import ActivityError

from domain.commands import Alert, LapseOrder
from domain.emails import reminder_email
from domain.errors import BookingError
from kinds.vehicle_service.domain import commands
from kinds.vehicle_service.domain.deadlines import OUTCOMES, Deadline, DeadlineKind, next_deadline
from workflows.booking.base import BookingWorkflow
from workflows.booking.messages import Start

_NOTES = {
    DeadlineKind.UNASSIGNED: "no mechanic is assigned to the pickup and the slot is near",
    DeadlineKind.VALIDATION: "a report has been waiting to be validated for too long",
}


class TimerHandling(BookingWorkflow):
    """The timers of a booking."""

    def __init__(self, start: Start) -> None:
        super().__init__(start)
        self._armed: dict[datetime, asyncio.Task[None]] = {}

    async def run_timers(self) -> None:
        """Apply each deadline when it is reached, for as long as the booking is open."""
        while self.booking.closed_at is None:
            deadline = next_deadline(self.booking)
            if deadline is not None and deadline.at <= workflow.now():
                await self._fire(deadline)
                continue
            if deadline is not None:
                self._arm(deadline)
            elif self._armed:
                self._armed.pop(min(self._armed)).cancel()
            seen = self._changes
            await workflow.wait_condition(lambda: self._changes != seen)  # noqa: B023 - awaited in this very turn

    def _arm(self, deadline: Deadline) -> None:
        if all(at > deadline.at for at in self._armed):
            self._armed[deadline.at] = asyncio.create_task(self._sleep_until(deadline))

    async def _sleep_until(self, deadline: Deadline) -> None:
        await workflow.sleep(deadline.at - workflow.now(), summary=OUTCOMES[deadline.kind])
        del self._armed[deadline.at]
        self._changes += 1

    async def _fire(self, deadline: Deadline) -> None:
        if deadline.kind in (DeadlineKind.ORDER, DeadlineKind.DECISION):
            await self._check_payment_first()
        async with self._lock:
            if next_deadline(self.booking) == deadline:
                await self._apply(deadline)

    async def _apply(self, deadline: Deadline) -> None:
        order = self.booking.live_order()
        match deadline.kind:
            case DeadlineKind.UNASSIGNED | DeadlineKind.VALIDATION:
                await self.transition(Alert(deadline.key, _NOTES[deadline.kind]))
            case DeadlineKind.REMINDER:
                self.booking.reminders_sent += 1
                if self.booking.decision_until is not None and workflow.now() < self.booking.decision_until:
                    self.send(reminder_email(self.booking, workflow.now()))
            case DeadlineKind.ORDER if order is not None and order.order_id is not None:
                await self.transition(LapseOrder(order.order_id))
            case DeadlineKind.DECISION:
                await self.transition(commands.LapseDecision())
            case _:
                raise BookingError("the deadline of an order was reached without an order")

    async def _check_payment_first(self) -> None:
        """A payment that was not reported counts before the deadline does."""
        order = self.booking.live_order()
        if order is None or order.order_id is None:
            return
        try:
            await self.settle(order.order_id, at_a_deadline=True)
        except ActivityError:
            workflow.logger.warning("the provider did not answer before a deadline; a late payment will be refunded")

    async def settle(self, order_id: str, *, at_a_deadline: bool = False) -> None:
        """Fetch the facts about an order and act on them (see ``PaymentHandling``)."""
        raise NotImplementedError
