"""Errands around a booking that touch what others want too: time slots."""

from temporalio import workflow

from activities.bookings import BookingActivities
from kinds.vehicle_service.domain import commands
from kinds.vehicle_service.domain.rules import decide
from workflows import options
from workflows.booking import BookingStory
from workflows.messages import Ack


class Errands(BookingStory):
    """Slots are exchanged when an appointment moves."""

    async def exchange_slots(self, command: commands.Reschedule) -> Ack:
        """Reserve the new slots, release the old ones, then move; a full slot refuses and the old ones stay."""
        if (before := self._already()) is not None:
            return before
        await self.catch_up(command)
        async with self._lock:
            wanted = decide(self.booking, command, workflow.now())
            await self.deed(
                workflow.execute_activity_method(
                    BookingActivities.move_slots,
                    args=[wanted.id, {"pickup": wanted.pickup, "drop": wanted.drop}],
                    summary="exchange slots",
                    **options.DATABASE,
                )
            )
            await self.move(command)
        return self.remember(self.ack())
