"""What a service visit is made of: vehicle, legs, lines, assignments, reports, the analysis, awards."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from domain.billing.records import Cancellation
from domain.booking import Address
from domain.children import Numbered
from domain.money import Paise
from domain.people import Actor
from kinds.vehicle_service.domain.lifecycle import VisitStatus


class PickupType(StrEnum):
    """How the vehicle comes to us."""

    DOORSTEP = "doorstep"
    WALK_IN = "walk_in"


class Job(StrEnum):
    """What a mechanic can be assigned to; the return of a cancelled car is a drop."""

    PICKUP = "pickup"
    DROP = "drop"
    SERVICE = "service"
    ANALYSIS = "analysis"


class Origin(StrEnum):
    """Who asked for a line."""

    REQUESTED = "requested"
    RECOMMENDED = "recommended"


class LineStatus(StrEnum):
    """Where one service of the booking stands."""

    REQUESTED = "requested"
    QUOTED = "quoted"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    IN_PROGRESS = "in-progress"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Vehicle:
    """The customer's car; ``id`` is the customer car's."""

    id: int
    registration_number: str
    manufacturer: str
    model: str
    fuel_type: str
    car_class: str


@dataclass(frozen=True, slots=True)
class Timeslot:
    """A window of the shop's day, "08:00" to "12:00" local time."""

    id: int
    name: str
    start_time: str
    end_time: str


@dataclass(frozen=True, slots=True)
class Leg:
    """One way: the local date, the window (``starts_at`` is its beginning in UTC), the place (none for walk-ins)."""

    date: date
    timeslot: Timeslot
    starts_at: datetime
    address: Address | None


@dataclass(frozen=True, slots=True)
class Wish:
    """When a customer wants to come: dates, and timeslots by id. None is left open."""

    pickup_date: date | None = None
    pickup_slot: int | None = None
    drop_date: date | None = None
    drop_slot: int | None = None


@dataclass(slots=True)
class Line:
    """One service of the booking. Estimate, quote and price are per unit."""

    service_id: int
    title: str
    quantity: int
    origin: Origin
    category_id: int
    difficulty: int
    estimate: Paise | None
    quote: Paise | None = None
    price: Paise | None = None
    state: LineStatus = LineStatus.REQUESTED
    sac: str = "998714"

    @property
    def unit(self) -> Paise:
        """What one unit costs as far as is known: price, else quote, else estimate."""
        return next((amount for amount in (self.price, self.quote, self.estimate) if amount is not None), 0)

    @property
    def amount(self) -> Paise:
        """Unit x quantity."""
        return self.unit * self.quantity


@dataclass(slots=True)
class Mechanic:
    """A mechanic as assigned: what the rules need to know; name and photo are looked up to be shown."""

    id: str
    pickup_drop: bool = False
    analysis: bool = False
    categories: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Absence:
    """Days on which a mechanic is away, the first and the last one included."""

    first: date
    last: date


@dataclass(slots=True)
class Assignment(Numbered):
    """A job given to a mechanic."""

    id: int
    job: Job
    mechanic: Mechanic
    at: datetime
    note: str | None = None
    active: bool = True
    replaced: bool = False


@dataclass(slots=True)
class Report(Numbered):
    """A progress report: what was done, awaiting validation, validated, or sent back with a reason."""

    id: int
    status: VisitStatus
    by: Actor
    at: datetime
    notes: str | None
    images: tuple[str, ...] = ()
    service_ids: tuple[int, ...] = ()
    validated: bool = False
    sent_back: str | None = None
    needs_validation: bool = True

    @property
    def open(self) -> bool:
        """Waiting for an admin."""
        return self.needs_validation and not self.validated and self.sent_back is None


@dataclass(slots=True)
class Analysis(Numbered):
    """What the mechanic found and quoted."""

    id: int
    mechanic_id: str
    at: datetime
    description: str
    recommendation: str | None
    images: tuple[str, ...] = ()
    validated: bool = False
    sent_back: str | None = None


@dataclass(frozen=True, slots=True)
class Award:
    """Points of a mechanic for validated work, once per ``what``."""

    mechanic_id: str
    what: str
    points: int


@dataclass(slots=True)
class VisitCancellation(Cancellation):
    """A cancellation; ``returns_car``: the car was with us and has to go home."""

    returns_car: bool = False
