"""The two implementations of ``activities.bookings.BookingStore`` under one contract, and bookings to put into them."""

import itertools
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import text

from adapters.postgres.booking_store import BookingStore
from adapters.postgres.database import Database
from kinds.vehicle_service.domain.kind import VEHICLE_SERVICE
from kinds.vehicle_service.domain.parts import Leg, Timeslot
from kinds.vehicle_service.postgres.storage import STORAGE
from tests.fakes.store import FakeStore
from tests.kinds.vehicle_service.booking_builder import BookingBuilder
from tests.kinds.vehicle_service.people import I20

PLENTY, SINGLE = Timeslot(1, "Morning", "08:00", "12:00"), Timeslot(2, "Lunch", "12:00", "13:00")
CAPACITY = {PLENTY.id: 50, SINGLE.id: 1}
_NUMBERS = itertools.count(5001)


class FakeShop:
    """The fake, and how to look into it."""

    def __init__(self) -> None:
        self.store = FakeStore()
        self.store.capacity.update(CAPACITY)

    async def version(self, booking_id: int) -> int | None:
        known = self.store.bookings.get(booking_id)
        return known.version if known else None

    async def timeline(self, booking_id: int) -> list[tuple[int, str, str | None]]:
        events = self.store.timeline(booking_id)
        return [(e.version, str(e.action), self.store.update_ids[booking_id, e.version]) for e in events]

    async def held(self, booking_id: int) -> dict[str, tuple[date, int]]:
        return self.store.held_by(booking_id)


class RealShop:
    """PostgreSQL, and how to look into it."""

    def __init__(self, database: Database) -> None:
        self.store = BookingStore(database, VEHICLE_SERVICE, STORAGE)
        self._database = database

    async def version(self, booking_id: int) -> int | None:
        return (await self.rows("SELECT version FROM bookings WHERE id = :id", booking_id) or [(None,)])[0][0]

    async def timeline(self, booking_id: int) -> list[tuple[int, str, str | None]]:
        wanted = "SELECT version, action, update_id FROM booking_events WHERE booking_id = :id ORDER BY version"
        return await self.rows(wanted, booking_id)

    async def held(self, booking_id: int) -> dict[str, tuple[date, int]]:
        rows = await self.rows(
            "SELECT leg, on_date, timeslot_id FROM slot_reservations WHERE booking_id = :id", booking_id
        )
        return {leg: (day, slot) for leg, day, slot in rows}

    async def children(self, booking_id: int, table: str, columns: str = "id") -> list:
        wanted = f"SELECT {columns} FROM {table} WHERE booking_id = :id ORDER BY {columns}"
        rows = await self.rows(wanted, booking_id)
        return rows if "," in columns else [row[0] for row in rows]

    async def rows(self, statement: str, booking_id: int) -> list[tuple]:
        async with self._database.read.connect() as connection:
            return [tuple(row) for row in await connection.execute(text(statement), {"id": booking_id})]


def on(day: date, slot: Timeslot = PLENTY) -> Leg:
    return replace(BookingBuilder.doorstep().booking.pickup, date=day, timeslot=slot)


def new_booking(day: date, slot: Timeslot = PLENTY, **other) -> BookingBuilder:
    """A booking of its own car: pickup on that day, drop on the next one."""
    number = next(_NUMBERS)
    told = BookingBuilder.doorstep()
    vehicle = replace(I20, id=number, registration_number=f"TN{number}")
    usual = {"id": number, "vehicle": vehicle, "pickup": on(day, slot), "drop": on(day + timedelta(days=1))}
    told.booking = replace(told.booking, **(usual | other))
    return told


async def opened(shop, day: date, slot: Timeslot = PLENTY, **other) -> BookingBuilder:
    told = new_booking(day, slot, **other)
    await shop.store.open(told.booking, "open")
    return told
