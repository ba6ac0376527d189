"""Rows in memory: the same promises as ``adapters.postgres.booking_store`` (tests/adapters/contracts)."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, timedelta

from domain.booking import Event
from domain.closing import is_settled
from domain.copies import copied
from domain.emails import BookingEmail
from domain.errors import NotFound, RowsAhead, SlotTaken
from domain.kind import Json
from kinds.vehicle_service.domain.errors import VehicleBusy
from kinds.vehicle_service.domain.kind import VEHICLE_SERVICE
from kinds.vehicle_service.domain.parts import Leg
from kinds.vehicle_service.domain.visit import KIND, VisitBooking
from tests.fakes.outbox import FakeOutbox

Holds = dict[tuple[int, str], tuple[date, int]]


class FakeStore:
    """Bookings, events and slots. ``capacity`` is by timeslot id; a slot that is not named has plenty."""

    def __init__(self) -> None:
        self.capacity: dict[int, int] = {}
        self.bookings: dict[int, VisitBooking] = {}
        self.events: dict[tuple[int, int], Event] = {}
        self.update_ids: dict[tuple[int, int], str | None] = {}
        self.holds: Holds = {}
        self._removed: set[int] = set()
        self.outbox = FakeOutbox()
        self.refused_calls = 0
        self._down = False

    @contextmanager
    def down(self) -> Iterator[None]:
        """For this long every call fails, as with a database that does not answer."""
        self._down = True
        try:
            yield
        finally:
            self._down = False

    @contextmanager
    def without_service(self, service_id: int) -> Iterator[None]:
        """For this long the catalogue has no such service."""
        self._removed.add(service_id)
        try:
            yield
        finally:
            self._removed.discard(service_id)

    async def open(self, booking: VisitBooking, update_id: str | None, emails: Sequence[BookingEmail] = ()) -> None:
        self._answer()
        if known := self.bookings.get(booking.id):
            if booking.wish and VEHICLE_SERVICE.reservations(known) != VEHICLE_SERVICE.reservations(booking):
                raise RowsAhead
            return
        holds = self._holding(self.holds, booking.id, VEHICLE_SERVICE.reservations(booking))
        if any(b.vehicle.id == booking.vehicle.id and b.vehicle_in_use for b in self.bookings.values()):
            plate = booking.vehicle.registration_number
            raise VehicleBusy(f"{plate} already has an open booking", vehicle_id=booking.vehicle.id)
        self.holds = holds
        self._write(booking, update_id)
        self.outbox.write(KIND, booking.id, booking.version, emails)

    async def find_free(self, booking: VisitBooking) -> Json | None:
        """In the timeslots that the booking has, from its pickup's date on."""
        self._answer()
        wish = booking.wish
        pickup = self._first_free(booking.pickup, wish.pickup_date, booking.pickup.date) if wish else None
        if wish is None or pickup is None:
            return None
        earliest = date.fromisoformat(pickup["date"]) + timedelta(days=booking.working_days)
        drop = self._first_free(booking.drop, wish.drop_date, earliest)
        return {"pickup": pickup, "drop": drop} if drop else None

    async def load(self, booking_id: int) -> VisitBooking:
        self._answer()
        return copied(self.bookings[booking_id])

    async def results(self, booking_id: int, limit: int) -> list[tuple[str, str, int]]:
        self._answer()
        events = [(self.update_ids[booking_id, each.version], each) for each in self.timeline(booking_id)]
        return [(update_id, str(each.status), each.version) for update_id, each in events if update_id][-limit:]

    async def count_unsettled(self) -> int:
        return len(await self.unsettled())

    async def unsettled(self, among: Collection[int] | None = None) -> list[int]:
        self._answer()
        opened = [each.id for each in self.bookings.values() if not is_settled(VEHICLE_SERVICE, each)]
        return sorted(each for each in opened if among is None or each in among)

    async def moved(self, within: timedelta, before: timedelta) -> list[tuple[int, int]]:
        self._answer()
        return [(booking.id, booking.version) for booking in self.bookings.values()]

    async def project(
        self,
        booking: VisitBooking,
        update_id: str | None,
        emails: Sequence[BookingEmail] = (),
        freed: Collection[str] = (),
    ) -> None:
        self._answer()
        known = self.bookings.get(booking.id)
        if known is not None and self._is_ahead(known, booking):
            raise RowsAhead
        if self._removed & {line.service_id for line in booking.lines}:
            raise NotFound("a service of this booking was removed from the catalogue meanwhile")
        self._write(booking, update_id)
        self.outbox.write(KIND, booking.id, booking.version, emails)
        for name in freed:
            self.holds.pop((booking.id, name), None)

    async def reserve(self, booking_id: int, legs: Mapping[str, Json], version: int | None = None) -> None:
        self._answer()
        if version is not None and self.bookings[booking_id].version > version:
            raise RowsAhead
        self.holds = self._holding(self.holds, booking_id, legs)

    def write(self, booking: VisitBooking) -> None:
        """The rows of a booking that came from elsewhere."""
        self._write(booking, None)

    def timeline(self, booking_id: int) -> list[Event]:
        """The events of a booking in order."""
        return [event for (owner, _), event in sorted(self.events.items()) if owner == booking_id]

    def held_by(self, booking_id: int) -> dict[str, tuple[date, int]]:
        """The slots of a booking, by leg."""
        return {leg: slot for (owner, leg), slot in self.holds.items() if owner == booking_id}

    def _first_free(self, leg: Leg, named: date | None, first: date) -> Json | None:
        slot, taken = leg.timeslot, Counter(self.holds.values())
        for day in [named] if named else [first + timedelta(days=ahead) for ahead in range(90)]:
            if taken[day, slot.id] < self.capacity.get(slot.id, 1_000_000):
                return {"date": day.isoformat(), "timeslot": asdict(slot)}
        return None

    def _is_ahead(self, known: VisitBooking, booking: VisitBooking) -> bool:
        before = {each.version: each for each in booking.recent}.get(known.version)
        follows = known.version == booking.version - 1 and known.version > 1 and before is not None
        other = follows and (before.at, before.action) != (known.event.at, known.event.action)
        return known.version > booking.version or other

    def _answer(self) -> None:
        if self._down:
            self.refused_calls += 1
            raise ConnectionError("the database is down")

    def _write(self, booking: VisitBooking, update_id: str | None) -> None:
        self.bookings[booking.id] = copied(booking)
        self.events[booking.id, booking.version] = booking.event
        self.update_ids[booking.id, booking.version] = update_id

    def _holding(self, before: Holds, booking_id: int, legs: Mapping[str, Json]) -> Holds:
        """The holds with these legs exchanged, all or nothing."""
        after = {key: slot for key, slot in before.items() if key not in {(booking_id, name) for name in legs}}
        for name, wanted in legs.items():
            slot = (date.fromisoformat(wanted["date"]), wanted["timeslot_id"])
            if before.get((booking_id, name)) != slot:
                full = Counter(after.values())[slot] >= self.capacity.get(wanted["timeslot_id"], 1_000_000)
                if full:
                    raise SlotTaken(f"the {wanted['timeslot']} slot is full", leg=name, next_free_slots=[])
            after[booking_id, name] = slot
        return after
