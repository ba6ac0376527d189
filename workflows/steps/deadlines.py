"""Deadlines: every wait that has one ends by itself.

One clock per booking. It is armed for the earliest alarm and re-armed only when an earlier one comes. A timer that has
become idle is cancelled when no alarm stands, else it is left to ring and finds nothing to do: so a move never writes
more than one event about time (docs/decisions/0005).
"""

import asyncio
from datetime import datetime

from temporalio import workflow
from temporalio.exceptions import ActivityError

from domain.errors import BookingError
from domain.kinds.vehicle_service import requests as ask
from domain.kinds.vehicle_service.waits import OUTCOMES, Alarm, AlarmKind, next_alarm
from domain.notices import reminder
from workflows.booking import BookingStory
from workflows.messages import Start

_NOTES = {
    AlarmKind.UNASSIGNED: "no mechanic is assigned to the pickup and the slot is near",
    AlarmKind.VALIDATION: "a report has been waiting to be validated for too long",
}


class Deadlines(BookingStory):
    """The clock of a booking."""

    def __init__(self, start: Start) -> None:
        super().__init__(start)
        self._armed: dict[datetime, asyncio.Task[None]] = {}

    async def keep_deadlines(self) -> None:
        """Ring each alarm when its time comes, for as long as the booking is open."""
        while self.booking.closed_at is None:
            alarm = next_alarm(self.booking)
            if alarm is not None and alarm.at <= workflow.now():
                await self._ring(alarm)
                continue
            if alarm is not None:
                self._arm(alarm)
            elif self._armed:
                self._armed.pop(min(self._armed)).cancel()
            heard = self._pulse
            await workflow.wait_condition(lambda: self._pulse != heard)  # noqa: B023 - awaited in this very turn

    def _arm(self, alarm: Alarm) -> None:
        if all(at > alarm.at for at in self._armed):
            self._armed[alarm.at] = asyncio.create_task(self._tick(alarm))

    async def _tick(self, alarm: Alarm) -> None:
        await workflow.sleep(alarm.at - workflow.now(), summary=OUTCOMES[alarm.kind])
        del self._armed[alarm.at]
        self._pulse += 1

    async def _ring(self, alarm: Alarm) -> None:
        if alarm.kind in (AlarmKind.ORDER, AlarmKind.DECISION):
            await self._last_look()
        async with self._lock:
            if next_alarm(self.booking) == alarm:
                await self._happen(alarm)

    async def _happen(self, alarm: Alarm) -> None:
        order = self.booking.live_order()
        match alarm.kind:
            case AlarmKind.UNASSIGNED | AlarmKind.VALIDATION:
                await self.move(ask.Alert(alarm.key, _NOTES[alarm.kind]))
            case AlarmKind.REMINDER:
                self.booking.reminders_sent += 1
                if self.booking.decision_until is not None and workflow.now() < self.booking.decision_until:
                    self.send(reminder(self.booking, workflow.now()))
            case AlarmKind.ORDER if order is not None and order.order_id is not None:
                await self.move(ask.LapseOrder(order.order_id))
            case AlarmKind.DECISION:
                await self.move(ask.LapseDecision())
            case _:
                raise BookingError("an order's alarm rang without an order")

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
