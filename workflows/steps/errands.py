"""Errands around a booking that touch what others want too: time slots."""

from temporalio import workflow

from activities.bookings import BookingActivities
from domain.kinds.vehicle_service import requests as ask
from domain.kinds.vehicle_service.booking import Booking
from domain.kinds.vehicle_service.rules import decide
from domain.kinds.vehicle_service.slots import unused_slots
from workflows import options
from workflows.booking import BookingStory
from workflows.messages import Ack


class Errands(BookingStory):
    """Slots are taken and given back."""

    async def exchange_slots(self, request: ask.Reschedule) -> Ack:
        """Reserve the new slots, release the old ones, then move; a full slot refuses and the old ones stay."""
        if (before := self._already()) is not None:
            return before
        await self.catch_up(request)
        async with self._lock:
            wanted = decide(self.booking, request, workflow.now())
            await self.deed(
                workflow.execute_activity_method(
                    BookingActivities.move_slots,
                    args=[wanted.id, {"pickup": wanted.pickup, "drop": wanted.drop}],
                    summary="exchange slots",
                    **options.DATABASE,
                )
            )
            await self.move(request)
        return self.remember(self.ack())

    def _become(self, after: Booking) -> None:
        unused = unused_slots(self.booking, after, workflow.now())
        super()._become(after)
        if unused:
            self.chore(self._release_slots(after.id, unused))

    async def _release_slots(self, booking_id: int, legs: list[str]) -> None:
        await workflow.execute_activity_method(
            BookingActivities.release_slots,
            args=[booking_id, legs],
            summary=f"release {' and '.join(legs)}",
            **options.DATABASE,
        )
