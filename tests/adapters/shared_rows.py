"""Every transaction that wants rows which others want too, and scenes in which two of them share them.

Each takes a scene and a side of it: what one side takes first, the other one takes last.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import text

from adapters.postgres import reference_tables
from adapters.postgres.booking_store import BookingStore
from adapters.postgres.database import Database
from adapters.postgres.documents import DocumentRows
from adapters.postgres.people.anonymisation import anonymise
from adapters.postgres.people.passwords import set_by_link
from domain.billing.due_documents import DueDocument
from domain.kind import Json
from kinds.vehicle_service.domain import roles
from kinds.vehicle_service.domain.kind import VEHICLE_SERVICE
from kinds.vehicle_service.domain.parts import Leg, Timeslot
from kinds.vehicle_service.domain.reservations import slot_of
from kinds.vehicle_service.postgres import cars
from kinds.vehicle_service.postgres.closures import add_closure
from kinds.vehicle_service.postgres.reference import SERVICES, TIMESLOTS
from kinds.vehicle_service.postgres.storage import STORAGE
from tests.adapters.test_invoices_facts import SUPPLIER
from tests.kinds.vehicle_service.booking_builder import BookingBuilder
from tests.kinds.vehicle_service.people import CUSTOMER, I20, OIL, RAVI, requested

DAY = date(2031, 1, 1)
OPENED_AT_ONCE = 8
"""So many connections ``prepare`` takes: hundreds of openings that ask the pool at once outlast its time-out."""
_SHOP = (
    "INSERT INTO manufacturers (id, name) OVERRIDING SYSTEM VALUE VALUES (1, 'Hyundai')",
    "INSERT INTO fuel_types (id, name) OVERRIDING SYSTEM VALUE VALUES (1, 'Petrol') ON CONFLICT DO NOTHING",
    "INSERT INTO car_classes (id, name) OVERRIDING SYSTEM VALUE VALUES (1, 'Hatchback')",
    "INSERT INTO cars (id, model, manufacturer_id, fuel_type_id, car_class_id, year) "
    "OVERRIDING SYSTEM VALUE VALUES (1, 'i20', 1, 1, 1, 2020)",
    "INSERT INTO service_categories (id, name) OVERRIDING SYSTEM VALUE VALUES (1, 'All')",
)
_NUMBERS = "generate_series(CAST(:first AS int), CAST(:last AS int)) AS n"
_OF_SCENES = (
    "INSERT INTO users (id, role_id, first_name, phone, email) SELECT prefix || 500000 + n, r.id, 'Nina', "
    f"'+91' || start + n, r.name || n || '@example.com' FROM {_NUMBERS}, "
    "(VALUES ('CST', 'customer', 7000000000), ('MEC', 'mechanic', 8000000000)) AS p(prefix, role, start) "
    "JOIN roles AS r ON r.name = p.role",
    "INSERT INTO customer_cars (id, customer_id, car_id, registration_number) OVERRIDING SYSTEM VALUE "
    "SELECT n * 10 + car, 'CST' || 500000 + n, 1, 'TN' || n * 10 + car "
    f"FROM {_NUMBERS}, generate_series(0, 2) AS car",
    "INSERT INTO services (id, title, category_id, time_hrs, difficulty) OVERRIDING SYSTEM VALUE "
    "SELECT n * 10 + service, 'Service ' || n * 10 + service, 1, 1, 1 "
    f"FROM {_NUMBERS}, generate_series(0, 1) AS service",
    "INSERT INTO timeslots (id, name, start_time, end_time, capacity) OVERRIDING SYSTEM VALUE "
    "SELECT n * 10 + slot, 'Slot ' || n || ' ' || slot, '08:00', '12:00', 2 "
    f"FROM {_NUMBERS}, generate_series(0, 1) AS slot",
)
MISCOUNTED = text(
    """
    SELECT u.on_date, u.timeslot_id FROM slot_usage AS u WHERE u.used <> (
        SELECT count(*) FROM slot_reservations AS r WHERE r.on_date = u.on_date AND r.timeslot_id = u.timeslot_id)
    """
)


class Shop:
    """The database, and the stores of the product on it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.bookings = BookingStore(database, VEHICLE_SERVICE, STORAGE)
        self.documents = DocumentRows(database, VEHICLE_SERVICE, lambda company: SUPPLIER, "Asia/Kolkata")

    async def furnish(self) -> None:
        """What every scene refers to."""
        async with self.database.write.begin() as connection:
            for statement in _SHOP:
                await connection.execute(text(statement))


@dataclass(frozen=True)
class Scene:
    """A customer with three cars, two timeslots, two services, a mechanic: nobody's but the two sides'."""

    shop: "Shop"
    number: int

    @property
    def customer(self) -> str:
        return f"CST{500000 + self.number}"

    @property
    def mechanic(self) -> str:
        return f"MEC{500000 + self.number}"

    @property
    def database(self) -> Database:
        return self.shop.database

    def slot(self, side: int) -> Timeslot:
        return Timeslot(self.number * 10 + side, f"Slot {side}", "08:00", "12:00")

    def legs(self, side: int) -> dict[str, Leg]:
        """Of side 0 pickup and drop in the early slot, of side 1 in the late one, the drop named first."""
        leg = BookingBuilder.doorstep().booking.pickup
        names = {"pickup": DAY, "drop": DAY + timedelta(days=1)}
        legs = {name: replace(leg, date=day, timeslot=self.slot(side)) for name, day in names.items()}
        return legs if side == 0 else dict(reversed(legs.items()))

    def slots(self, side: int) -> dict[str, Json]:
        return {name: slot_of(leg, "Asia/Kolkata") for name, leg in self.legs(side).items()}

    def builder(self, booking: int, side: int, car: int) -> BookingBuilder:
        """A booking of the scene's customer; those of the two sides want the services in opposite order."""
        lines = [replace(requested(OIL), service_id=self.number * 10 + service) for service in (side, 1 - side)]
        told = BookingBuilder.doorstep(*lines)
        told.booking = replace(
            told.booking,
            id=self.number * 10 + booking,
            customer=replace(CUSTOMER, id=self.customer),
            vehicle=replace(I20, id=self.number * 10 + car),
            **self.legs(side),
        )
        return told


@dataclass(frozen=True)
class Transaction:
    """One of the product's. ``on_a_booking``: its side has an open booking, which it changes."""

    run: Callable[[Scene, int], Awaitable[object]]
    on_a_booking: bool = False

    @property
    def name(self) -> str:
        return self.run.__name__


async def opens(scene: Scene, side: int) -> None:
    await scene.shop.bookings.open(scene.builder(2 + side, side, car=2).booking, "open")


async def moves(scene: Scene, side: int) -> None:
    """Into the slots of the other booking, which moves the opposite way."""
    await scene.shop.bookings.reserve(scene.number * 10 + side, scene.slots(1 - side))


async def cancels(scene: Scene, side: int) -> None:
    given_up = scene.builder(side, side, car=side).cancelled()
    await scene.shop.bookings.project(given_up.booking, "cancel", freed=list(scene.legs(side)))


async def assigns(scene: Scene, side: int) -> None:
    given = scene.builder(side, side, car=side).pickup_assigned(replace(RAVI, id=scene.mechanic))
    await scene.shop.bookings.project(given.booking, "assign")


async def issues(scene: Scene, side: int) -> None:
    await scene.shop.documents.issue(
        scene.number * 10 + side, DueDocument("invoice" if side else "credit-note", "fee", 100)
    )


async def removes_a_car(scene: Scene, side: int) -> None:
    async with scene.database.write.begin() as connection:
        await cars.remove_car(connection, scene.number * 10 + 2 * side)


async def leaves(scene: Scene, side: int) -> None:
    async with scene.database.write.begin() as connection:
        await anonymise(connection, STORAGE, roles.CUSTOMER, scene.customer)


async def mechanic_leaves(scene: Scene, side: int) -> None:
    async with scene.database.write.begin() as connection:
        await anonymise(connection, STORAGE, roles.MECHANIC, scene.mechanic)


async def sets_a_password(scene: Scene, side: int) -> None:
    async with scene.database.write.begin() as connection:
        await set_by_link(connection, scene.mechanic if side else scene.customer, datetime.now(UTC), "hash")


async def changes_a_timeslot(scene: Scene, side: int) -> None:
    async with scene.database.write.begin() as connection:
        await reference_tables.change(connection, TIMESLOTS, scene.slot(side).id, {"capacity": 3})


async def removes_a_timeslot(scene: Scene, side: int) -> None:
    async with scene.database.write.begin() as connection:
        await reference_tables.remove(connection, TIMESLOTS, scene.slot(1 - side).id)


async def removes_a_service(scene: Scene, side: int) -> None:
    async with scene.database.write.begin() as connection:
        await reference_tables.remove(connection, SERVICES, scene.number * 10 + side)


async def closes_days(scene: Scene, side: int) -> None:
    day, hours = DAY + timedelta(days=100 + 2 * scene.number + side), dict.fromkeys(("opens", "closes", "reason"))
    async with scene.database.write.begin() as connection:
        await add_closure(connection, {"first_date": day, "last_date": day, **hours}, DAY)


TRANSACTIONS = (
    *(Transaction(run, on_a_booking=True) for run in (moves, cancels, assigns, issues)),
    *map(Transaction, (opens, removes_a_car, leaves, mechanic_leaves, sets_a_password)),
    *map(Transaction, (changes_a_timeslot, removes_a_timeslot, removes_a_service, closes_days)),
)


async def prepare(shop: Shop, pairs: Sequence[tuple[Transaction, Transaction]], first: int = 1) -> list[Scene]:
    """A scene for each pair, numbered from ``first`` on, with the bookings that it needs."""
    numbers = range(first, first + len(pairs))
    async with shop.database.write.begin() as connection:
        for statement in _OF_SCENES:
            await connection.execute(text(statement), {"first": numbers[0], "last": numbers[-1]})
    scenes = [Scene(shop, number) for number in numbers]
    free = asyncio.Semaphore(OPENED_AT_ONCE)

    async def open_booking(scene: Scene, side: int) -> None:
        async with free:
            await shop.bookings.open(scene.builder(side, side, car=side).booking, "open")

    wanted = [
        (scene, side) for scene, pair in zip(scenes, pairs, strict=True) for side in (0, 1) if pair[side].on_a_booking
    ]
    await asyncio.gather(*(open_booking(*each) for each in wanted))
    return scenes
