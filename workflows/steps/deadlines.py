"""Deadlines: every wait that has one ends by itself.

One clock per booking. It is armed for the earliest deadline and re-armed only when an earlier one comes. A timer that
has become idle is cancelled when no deadline stands, else it is left to ring and finds nothing to do: so a move never
writes more than one event about time (docs/decisions/0005).
"""

import asyncio
from datetime import datetime

from temporalio import workflow
from temporalio.exceptions import ActivityError

from domain.emails import reminder_email
from domain.errors import BookingError
from kinds.vehicle_service.domain import commands
from kinds.vehicle_service.domain.deadlines import OUTCOMES, Deadline, DeadlineKind, next_deadline
from workflows.booking import BookingStory
from workflows.messages import Start

_NOTES = {
    DeadlineKind.UNASSIGNED: "no mechanic is assigned to the pickup and the slot is near",
    DeadlineKind.VALIDATION: "a report has been waiting to be validated for too long",
}


class Deadlines(BookingStory):
    """The clock of a booking."""

    def __init__(self, start: Start) -> None:
        super().__init__(start)
        self._armed: dict[datetime, asyncio.Task[None]] = {}

    async def keep_deadlines(self) -> None:
        """Ring each deadline when its time comes, for as long as the booking is open."""
        while self.booking.closed_at is None:
            deadline = next_deadline(self.booking)
            if deadline is not None and deadline.at <= workflow.now():
                await self._ring(deadline)
                continue
            if deadline is not None:
                self._arm(deadline)
            elif self._armed:
                self._armed.pop(min(self._armed)).cancel()
            heard = self._pulse
            await workflow.wait_condition(lambda: self._pulse != heard)  # noqa: B023 - awaited in this very turn

    def _arm(self, deadline: Deadline) -> None:
        if all(at > deadline.at for at in self._armed):
            self._armed[deadline.at] = asyncio.create_task(self._tick(deadline))

    async def _tick(self, deadline: Deadline) -> None:
        await workflow.sleep(deadline.at - workflow.now(), summary=OUTCOMES[deadline.kind])
        del self._armed[deadline.at]
        self._pulse += 1

    async def _ring(self, deadline: Deadline) -> None:
        if deadline.kind in (DeadlineKind.ORDER, DeadlineKind.DECISION):
            await self._last_look()
        async with self._lock:
            if next_deadline(self.booking) == deadline:
                await self._happen(deadline)

    async def _happen(self, deadline: Deadline) -> None:
        order = self.booking.live_order()
        match deadline.kind:
            case DeadlineKind.UNASSIGNED | DeadlineKind.VALIDATION:
                await self.move(commands.Alert(deadline.key, _NOTES[deadline.kind]))
            case DeadlineKind.REMINDER:
                self.booking.reminders_sent += 1
                if self.booking.decision_until is not None and workflow.now() < self.booking.decision_until:
                    self.send(reminder_email(self.booking, workflow.now()))
            case DeadlineKind.ORDER if order is not None and order.order_id is not None:
                await self.move(commands.LapseOrder(order.order_id))
            case DeadlineKind.DECISION:
                await self.move(commands.LapseDecision())
            case _:
                raise BookingError("an order's deadline rang without an order")

    async def _last_look(self) -> None:
        """Money that came without a word counts before the deadline does."""
        order = self.booking.live_order()
        if order is None or order.order_id is None:
            return
        try:
            await self.settle(order.order_id, at_a_deadline=True)
        except ActivityError:
            workflow.logger.warning("the provider did not answer before a deadline; late money will be sent back")

    async def settle(self, order_id: str, *, at_a_deadline: bool = False) -> None:
        """Fetch the facts about an order and act on them (see ``PaymentSteps``)."""
        raise NotImplementedError
