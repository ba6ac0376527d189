"""The state of one service visit. Amounts are paise, times aware UTC, dates local to the shop."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.booking import Booking, PolicyTerms
from domain.money import Paise
from kinds.vehicle_service.domain.lifecycle import VisitStatus
from kinds.vehicle_service.domain.parts import (
    Analysis,
    Assignment,
    Award,
    Job,
    Leg,
    Line,
    LineStatus,
    PickupType,
    Report,
    Vehicle,
    VisitCancellation,
    Wish,
)

KIND = "vehicle_service"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy(PolicyTerms):
    """The fee and the windows of a visit, as they held when the booking was made."""

    inspection_fee: Paise
    decision_window: timedelta
    decision_reminders: tuple[timedelta, ...]
    payment_window: timedelta
    validation_alert: timedelta
    unassigned_alert: timedelta


@dataclass(slots=True, kw_only=True)
class VisitBooking(Booking):
    """One service visit: what the engine keeps of every booking, and the car, its pickup and drop, the work."""

    vehicle: Vehicle
    pickup_type: PickupType
    pickup: Leg
    drop: Leg
    lines: list[Line]
    policy: Policy
    notes: str | None = None
    working_days: int = 1
    status: VisitStatus = VisitStatus.BOOKED
    with_us: bool = False
    analysis: Analysis | None = None
    reports: list[Report] = field(default_factory=list)
    assignments: list[Assignment] = field(default_factory=list)
    decision_until: datetime | None = None
    cancellation: VisitCancellation | None = None
    collection_open: bool = False
    payment_refused: str | None = None
    awards: list[Award] = field(default_factory=list)
    wish: Wish | None = None
    """What was wished, where something was left open: what was found instead may be exchanged until it is reserved."""

    @property
    def walk_in(self) -> bool:
        """The customer brings and fetches the car: no pickup leg, no drop leg."""
        return self.pickup_type is PickupType.WALK_IN

    @property
    def vehicle_in_use(self) -> bool:
        """The vehicle is with us or still to come; money that is on its way back keeps it from nobody."""
        return self.with_us or self.status not in (VisitStatus.DELIVERED, VisitStatus.CANCELLED)

    @property
    def kept_lines(self) -> list[Line]:
        """The lines that count: all that were not declined."""
        return [line for line in self.lines if line.state is not LineStatus.DECLINED]

    def active(self, *jobs: Job) -> Assignment | None:
        """The assignment at work, if it is one of these jobs (any job when none is named)."""
        return next((a for a in self.assignments if a.active and (not jobs or a.job in jobs)), None)

    def open_report(self) -> Report | None:
        """The oldest report that waits for an admin."""
        return next((report for report in self.reports if report.open), None)

    def line(self, service_id: int) -> Line | None:
        """The line of that service."""
        return next((line for line in self.lines if line.service_id == service_id), None)

    def lines_of(self, service_ids: Iterable[int]) -> list[Line]:
        """The lines of these services, in the booking's order."""
        wanted = set(service_ids)
        return [line for line in self.lines if line.service_id in wanted]
