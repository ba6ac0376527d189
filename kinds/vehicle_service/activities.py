"""Cars that are due for service again."""

from datetime import datetime
from typing import Protocol

from temporalio import activity

from domain.emails import BookingEmail
from kinds.vehicle_service.domain.reminders import DueService, service_reminder

BATCH = 50


class PastVisits(Protocol):
    """Delivered bookings."""

    async def due(self, now: datetime, after: tuple[int, int], limit: int) -> list[DueService]:
        """Due by ``now`` and not reminded of yet, ordered by booking and months, beyond ``after`` (of both)."""


class ReminderActivities:
    """Finds due reminders."""

    def __init__(self, visits: PastVisits) -> None:
        self._visits = visits

    @activity.defn
    async def due_reminders(self, now: datetime, booking_id: int, months: int) -> list[BookingEmail]:
        """The next reminders, at most ``BATCH``, beyond those of this booking and number of months."""
        found = await self._visits.due(now, (booking_id, months), BATCH)
        return [service_reminder(due, now) for due in found]
