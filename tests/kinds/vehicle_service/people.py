"""The people, the car and the services of the bookings in tests."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from domain.booking import RULES_OF_TODAY, Address, Customer
from domain.people import Actor, Person
from kinds.vehicle_service.domain.parts import Leg, Line, LineStatus, Mechanic, Origin, Timeslot, Vehicle
from kinds.vehicle_service.domain.roles import Role
from kinds.vehicle_service.domain.visit import Policy

ASHA = Actor(Role.CUSTOMER, "CST000210")
ADMIN = Actor(Role.ADMIN, "ADM000001")

RAVI = Mechanic("MEC000034", pickup_drop=True)
LATA = Mechanic("MEC000035", analysis=True)
MEENA = Mechanic("MEC000036", categories=(1, 3))
PETER = Mechanic("MEC000037", categories=(1,))
ALL_ROUNDER = Mechanic("MEC000040", pickup_drop=True, analysis=True, categories=(1, 3, 5))

PEOPLE = {
    person.id: person
    for person in (
        Person(ASHA.id, "Asha Rao", "+919841385379"),
        Person(ADMIN.id, "Front desk", "+919841000009"),
        Person(RAVI.id, "Ravi"),
        Person(LATA.id, "Lata"),
        Person(MEENA.id, "Meena"),
        Person(PETER.id, "Peter"),
        Person(ALL_ROUNDER.id, "Vel"),
    )
}
"""As they are known when a view is built or a document is issued."""

CUSTOMER = Customer(ASHA.id)
I20 = Vehicle(88, "TN01AB1234", "Hyundai", "i20", "Petrol", "Hatchback")
HOME = Address(7, "Home", "12 Beach Road", None, "Adyar", "600020")
MORNING = Timeslot(1, "Morning", "08:00", "12:00")

OIL, BRAKES, FILTER = 12, 45, 52
"""Two requested services and one that the mechanic recommends."""

QUOTES = {BRAKES: 165000, OIL: 85000}
"""1650.00 + 850.00, with 18 % GST 2950.00."""

BOTH_WITH_GST = 295000
MONDAY = datetime(2026, 11, 23, 5, 30, tzinfo=UTC)
"""When the bookings in tests are made."""

POLICY = Policy(
    inspection_fee=10000,
    decision_window=timedelta(hours=48),
    decision_reminders=(timedelta(hours=24), timedelta(hours=4)),
    payment_window=timedelta(minutes=30),
    validation_alert=timedelta(hours=4),
    unassigned_alert=timedelta(hours=2),
    dispute_reminder=timedelta(days=2),
    gst_percent=Decimal(18),
    **RULES_OF_TODAY,
)


@dataclass(frozen=True)
class Catalogue:
    """A service as the shop offers it."""

    title: str
    category: int
    difficulty: int
    estimate: int


SHOP = {
    OIL: Catalogue("Engine oil change", 1, 2, 80000),
    BRAKES: Catalogue("Brake pads, front", 3, 4, 150000),
    FILTER: Catalogue("Cabin air filter", 5, 1, 60000),
}


def requested(service_id: int, quantity: int = 1) -> Line:
    """A line as the customer books it: with the shop's estimate."""
    offer = SHOP[service_id]
    return Line(
        service_id, offer.title, quantity, Origin.REQUESTED, offer.category, offer.difficulty, estimate=offer.estimate
    )


def recommended(service_id: int = FILTER, quote: int | None = None) -> Line:
    """A line as the mechanic adds it: with a quote and no estimate."""
    offer = SHOP[service_id]
    return Line(
        service_id,
        offer.title,
        1,
        Origin.RECOMMENDED,
        offer.category,
        offer.difficulty,
        estimate=None,
        quote=offer.estimate if quote is None else quote,
        state=LineStatus.QUOTED,
    )


def leg(day: date, address: Address | None = HOME) -> Leg:
    """The morning of that day (08:00 in Chennai is 02:30 UTC)."""
    return Leg(day, MORNING, datetime(day.year, day.month, day.day, 2, 30, tzinfo=UTC), address)


def actor(mechanic: Mechanic) -> Actor:
    """The mechanic as the one who does something."""
    return Actor(Role.MECHANIC, mechanic.id)
