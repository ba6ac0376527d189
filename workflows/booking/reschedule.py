"""Rescheduling: the one command that exchanges time slots, which other bookings want too."""

from temporalio import workflow

from activities.bookings import BookingActivities
from domain.decide import decide
from kinds.vehicle_service.domain import commands
from kinds.vehicle_service.domain.kind import VEHICLE_SERVICE
from workflows import options
from workflows.booking.base import BookingWorkflow
from workflows.booking.messages import Ack


class RescheduleHandling(BookingWorkflow):
    """Exchanges slots when an appointment moves."""

    async def exchange_slots(self, command: commands.Reschedule) -> Ack:
        """Exchange the slots, then change the booking; a full slot refuses and the old ones stay."""
        if (before := self._earlier_result()) is not None:
            return before
        await self.catch_up(command)
        async with self._lock:
            wanted = decide(VEHICLE_SERVICE, self.booking, command, workflow.now())
            await self.run_activity(
                workflow.execute_activity_method(
                    BookingActivities.move_slots,
                    args=[wanted.id, {"pickup": wanted.pickup, "drop": wanted.drop}],
                    summary="exchange slots",
                    **options.DATABASE,
                )
            )
            await self.transition(command)
        return self.remember_result(self.ack())
