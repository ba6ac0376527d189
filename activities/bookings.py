"""Rows of a booking: inserted, projected, its slots exchanged."""

from typing import Protocol

from temporalio import activity

from kinds.vehicle_service.domain.parts import Leg
from kinds.vehicle_service.domain.visit import VisitBooking


class BookingStore(Protocol):
    """The rows of bookings."""

    async def open(self, booking: VisitBooking, update_id: str | None) -> None:
        """Insert a new booking with its slots, all or nothing; a repeat changes nothing."""

    async def load(self, booking_id: int) -> VisitBooking:
        """The state as the rows have it."""

    async def project(self, booking: VisitBooking, update_id: str | None) -> None:
        """Write this version: an older one changes nothing, an equal one overwrites."""

    async def move_slots(self, booking_id: int, legs: dict[str, Leg]) -> None:
        """Hold exactly the slots of these legs ("pickup", "drop")."""

    async def release_slots(self, booking_id: int, legs: list[str]) -> None:
        """Release slots."""


class BookingActivities:
    """``open_booking`` and ``project`` run as local activities: one SQL transaction each, nothing else."""

    def __init__(self, store: BookingStore) -> None:
        self._store = store

    @activity.defn
    async def open_booking(self, booking: VisitBooking, update_id: str | None) -> None:
        """Reserve the slots and insert the booking. Refuses with SlotTaken, VehicleBusy or NotFound."""
        await self._store.open(booking, update_id)

    @activity.defn
    async def load_booking(self, booking_id: int) -> VisitBooking:
        """The state of a booking whose workflow had ended and is reopened."""
        return await self._store.load(booking_id)

    @activity.defn
    async def project(self, booking: VisitBooking, update_id: str | None, freed: list[str]) -> None:
        """Write the rows of the new state, and release the slots of these legs."""
        await self._store.project(booking, update_id)
        if freed:
            await self._store.release_slots(booking.id, freed)

    @activity.defn
    async def move_slots(self, booking_id: int, legs: dict[str, Leg]) -> None:
        """Exchange slots for a reschedule. Refuses with SlotTaken."""
        await self._store.move_slots(booking_id, legs)
