"""Rows in memory: the same promises as ``adapters.postgres.bookings``."""

from collections import Counter
from copy import deepcopy
from datetime import date

from domain.errors import SlotTaken, VehicleBusy
from domain.kinds.vehicle_service.booking import Booking, Event, Leg


class FakeStore:
    """Bookings, events and slots; ``down`` makes every call fail until it is cleared."""

    def __init__(self, capacity: int = 10) -> None:
        self.capacity = capacity
        self.bookings: dict[int, Booking] = {}
        self.events: dict[tuple[int, int], Event] = {}
        self.holds: dict[tuple[int, str], tuple[date, int]] = {}
        self.down = False

    async def open(self, booking: Booking, update_id: str | None) -> None:
        self._answer()
        if booking.id in self.bookings:
            return
        for leg in (booking.pickup, booking.drop):
            self._room(leg)
        if any(b.vehicle.id == booking.vehicle.id and b.closed_at is None for b in self.bookings.values()):
            raise VehicleBusy("the vehicle has an open booking", vehicle_id=booking.vehicle.id)
        self._hold(booking.id, {"pickup": booking.pickup, "drop": booking.drop})
        self._write(booking)

    async def project(self, booking: Booking, update_id: str | None) -> None:
        self._answer()
        known = self.bookings.get(booking.id)
        if known is None or known.version <= booking.version:
            self._write(booking)

    async def move_slots(self, booking_id: int, legs: dict[str, Leg]) -> None:
        self._answer()
        for name, leg in legs.items():
            if self.holds.get((booking_id, name)) != (leg.date, leg.timeslot.id):
                self._room(leg)
        self._hold(booking_id, legs)

    async def release_slots(self, booking_id: int, legs: list[str]) -> None:
        self._answer()
        for name in legs:
            self.holds.pop((booking_id, name), None)

    def timeline(self, booking_id: int) -> list[Event]:
        """The events of a booking in order."""
        return [event for (owner, _), event in sorted(self.events.items()) if owner == booking_id]

    def _answer(self) -> None:
        if self.down:
            raise ConnectionError("the database is down")

    def _write(self, booking: Booking) -> None:
        self.bookings[booking.id] = deepcopy(booking)
        self.events[booking.id, booking.version] = booking.event

    def _room(self, leg: Leg) -> None:
        used = Counter(self.holds.values())
        if used[leg.date, leg.timeslot.id] >= self.capacity:
            raise SlotTaken(f"the {leg.timeslot.name} slot is full", next_free_slots=[])

    def _hold(self, booking_id: int, legs: dict[str, Leg]) -> None:
        for name, leg in legs.items():
            self.holds[booking_id, name] = (leg.date, leg.timeslot.id)
