"""The state of one service visit: a single serialisable object.

The workflow owns it; the projection, the query, continue-as-new and the tests read the same fields. Amounts are
paise, times aware UTC, dates local to the shop.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from domain.money import Paise
from domain.payments import PaymentStatus, RefundStatus
from domain.people import Actor
from kinds.vehicle_service.domain.lifecycle import Action, State

KIND = "vehicle_service"
CHILDREN_PER_BOOKING = 1000


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


class Method(StrEnum):
    """How money comes in."""

    ONLINE = "online"
    OFFLINE = "offline"


class Origin(StrEnum):
    """Who asked for a line."""

    REQUESTED = "requested"
    RECOMMENDED = "recommended"


class LineState(StrEnum):
    """Where one service of the booking stands."""

    REQUESTED = "requested"
    QUOTED = "quoted"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    IN_PROGRESS = "in-progress"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a car is collected or brought; a snapshot."""

    id: int | None
    label: str | None
    line1: str
    line2: str | None
    area: str | None
    pincode: str | None


@dataclass(frozen=True, slots=True)
class Customer:
    """Whose booking it is, as known when it was made; the phone of one who has left reads as nothing.

    ``gstin`` and ``billed_as`` are a registered business's, ``address`` is the one on record of a customer who comes
    to the desk.
    """

    id: str
    name: str
    email: str | None
    phone: str
    gstin: str | None = None
    billed_as: str | None = None
    address: Address | None = None


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
    """One way: the local date, the window (``starts_at`` is its beginning in UTC) and the place (None at the desk)."""

    date: date
    timeslot: Timeslot
    starts_at: datetime
    address: Address | None


@dataclass(frozen=True, slots=True)
class Policy:
    """The business windows and rates that held when the booking was made.

    ``supply_state`` is the GST code of the place of supply; bookings made before there was one are the supplier's.
    """

    inspection_fee: Paise
    decision_window: timedelta
    decision_reminders: tuple[timedelta, ...]
    payment_window: timedelta
    validation_alert: timedelta
    unassigned_alert: timedelta
    gst_percent: Decimal
    round_to_rupee: bool = False
    same_state: bool = True
    timezone: str = "Asia/Kolkata"
    supply_state: str | None = None


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
    state: LineState = LineState.REQUESTED
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
    """A mechanic as assigned: what the customer may see, and what the rules need to know."""

    id: str
    name: str
    photo: str | None = None
    pickup_drop: bool = False
    analysis: bool = False
    categories: tuple[int, ...] = ()


@dataclass(slots=True)
class Assignment:
    """A job given to a mechanic."""

    id: int
    job: Job
    mechanic: Mechanic
    at: datetime
    note: str | None = None
    active: bool = True
    replaced: bool = False


@dataclass(slots=True)
class Report:
    """A progress report: what was done, awaiting an admin's word (None), validated, or sent back with a reason."""

    id: int
    status: State
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
class Analysis:
    """What the mechanic found and quoted."""

    id: int
    mechanic_id: str
    at: datetime
    description: str
    recommendation: str | None
    images: tuple[str, ...] = ()
    validated: bool = False
    sent_back: str | None = None


@dataclass(slots=True)
class Payment:
    """Money asked for or taken: one row per online order, per collection of cash, per unexpected capture."""

    id: int
    leg: str
    method: Method
    amount: Paise
    status: PaymentStatus
    created_at: datetime
    order_id: str | None = None
    expires_at: datetime | None = None
    payment_id: str | None = None
    captured_at: datetime | None = None
    service_ids: tuple[int, ...] = ()
    superseded: bool = False
    spent: bool = False
    failed_attempts: tuple[str, ...] = ()
    collected_by: str | None = None

    @property
    def live(self) -> bool:
        """An online order that the customer can pay now."""
        return self.method is Method.ONLINE and self.status is PaymentStatus.PENDING and not self.superseded


@dataclass(slots=True)
class Refund:
    """Money to go back; one row per intent. ``key`` is the provider's idempotency key.

    ``tries`` counts the intents for the same money; one that failed is ``replaced`` by the next (or by what somebody
    else did). ``by_hand``: made in the provider's dashboard, so not ours to try again.
    """

    id: int
    payment_row: int
    payment_id: str
    amount: Paise
    reason: str
    key: str
    requested_at: datetime
    status: RefundStatus = RefundStatus.PENDING
    refund_id: str | None = None
    processed_at: datetime | None = None
    needs_help: bool = False
    tries: int = 1
    replaced: bool = False
    by_hand: bool = False

    @property
    def unsettled(self) -> bool:
        """We owe this money still."""
        return not self.replaced and not self.by_hand and self.status is not RefundStatus.PROCESSED


@dataclass(slots=True)
class Dispute:
    """The customer asks the bank for the money of a payment; until the bank has decided no refund of it leaves."""

    dispute_id: str
    payment_id: str
    amount: Paise
    amount_deducted: Paise
    status: str
    phase: str | None
    reason: str | None
    respond_by: datetime | None
    since: datetime

    @property
    def open(self) -> bool:
        """The bank has not decided: a refund beside it could pay the customer twice."""
        return self.status not in ("won", "closed", "lost")


@dataclass(frozen=True, slots=True)
class Invoice:
    """The tax invoice of a leg (service or fee)."""

    id: int
    leg: str
    number: str
    issued_at: datetime
    total: Paise


@dataclass(frozen=True, slots=True)
class CreditNote:
    """What takes back an invoice, wholly or in part, in a series of its own."""

    number: str
    issued_at: datetime
    amount: Paise
    invoice_number: str


@dataclass(slots=True)
class Cancellation:
    """How and at what price a booking was given up; ``fee`` without GST."""

    fee: Paise
    gst_on_fee: Paise
    refund: Paise
    returns_car: bool
    reason: str | None
    by: Actor
    at: datetime


@dataclass(frozen=True, slots=True)
class Award:
    """Points of a mechanic for validated work, once per ``what``."""

    mechanic_id: str
    what: str
    points: int


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of the timeline."""

    version: int
    status: State
    action: Action
    by: Actor
    at: datetime
    note: str | None = None


@dataclass(slots=True)
class Booking:
    """Everything the story of one visit needs to go on."""

    id: int
    customer: Customer
    vehicle: Vehicle
    pickup_type: PickupType
    pickup: Leg
    drop: Leg
    lines: list[Line]
    policy: Policy
    created_at: datetime
    notes: str | None = None
    working_days: int = 1
    status: State = State.BOOKED
    version: int = 0
    updated_at: datetime | None = None
    since: datetime | None = None
    completed_at: datetime | None = None
    closed_at: datetime | None = None
    with_us: bool = False
    analysis: Analysis | None = None
    reports: list[Report] = field(default_factory=list)
    assignments: list[Assignment] = field(default_factory=list)
    gst_percent: Decimal | None = None
    decision_until: datetime | None = None
    reminders_sent: int = 0
    method: Method | None = None
    payments: list[Payment] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)
    disputes: list[Dispute] = field(default_factory=list)
    invoices: list[Invoice] = field(default_factory=list)
    credit_notes: list[CreditNote] = field(default_factory=list)
    cancellation: Cancellation | None = None
    collection_open: bool = False
    payment_refused: str | None = None
    awards: list[Award] = field(default_factory=list)
    attention: list[str] = field(default_factory=list)
    alerted: list[str] = field(default_factory=list)
    notice_counts: dict[str, int] = field(default_factory=dict)
    children: int = 0
    recent: list[Event] = field(default_factory=list)

    @property
    def walk_in(self) -> bool:
        """The customer brings and fetches the car: no pickup leg, no drop leg."""
        return self.pickup_type is PickupType.WALK_IN

    @property
    def kept_lines(self) -> list[Line]:
        """The lines that count: all that were not declined."""
        return [line for line in self.lines if line.state is not LineState.DECLINED]

    @property
    def rate(self) -> Decimal:
        """GST in percent: on_hold with the estimate, until then the rate known when the booking was made."""
        return self.gst_percent if self.gst_percent is not None else self.policy.gst_percent

    @property
    def event(self) -> Event:
        """The newest timeline entry."""
        return self.recent[-1]

    def active(self, *jobs: Job) -> Assignment | None:
        """The assignment at work, if it is one of these jobs (any job when none is named)."""
        return next((a for a in self.assignments if a.active and (not jobs or a.job in jobs)), None)

    def open_report(self) -> Report | None:
        """The oldest report that waits for an admin."""
        return next((report for report in self.reports if report.open), None)

    def live_order(self) -> Payment | None:
        """The one order that the customer can pay now."""
        return next((payment for payment in reversed(self.payments) if payment.live), None)

    def on_hold(self, payment_id: str) -> bool:
        """A dispute keeps the money of this payment where it is."""
        return any(dispute.payment_id == payment_id and dispute.open for dispute in self.disputes)

    def charged_back(self, payment_id: str | None) -> Paise:
        """What the bank took of this payment for disputes that were lost."""
        return sum(dispute.amount_deducted for dispute in self.disputes if dispute.payment_id == payment_id)

    def line(self, service_id: int) -> Line | None:
        """The line of that service."""
        return next((line for line in self.lines if line.service_id == service_id), None)

    def lines_of(self, service_ids: Iterable[int]) -> list[Line]:
        """The lines of these services, in the booking's order."""
        wanted = set(service_ids)
        return [line for line in self.lines if line.service_id in wanted]

    def next_child(self) -> int:
        """A new id for a report, assignment, payment, refund ... of this booking: ``booking id * 1000 + n``."""
        self.children += 1
        return self.id * CHILDREN_PER_BOOKING + self.children


def booking_of(child_id: int) -> int:
    """The booking that a report's, payment's or refund's id belongs to."""
    return child_id // CHILDREN_PER_BOOKING
