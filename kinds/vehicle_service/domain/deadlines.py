"""The deadlines of a booking: when they come and what happens then, without anybody asking for it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from kinds.vehicle_service.domain.lifecycle import State
from kinds.vehicle_service.domain.parts import Report
from kinds.vehicle_service.domain.visit import VisitBooking


class DeadlineKind(StrEnum):
    """What happens when a deadline comes."""

    UNASSIGNED = "unassigned"
    VALIDATION = "validation"
    REMINDER = "reminder"
    ORDER = "order"
    DECISION = "decision"


OUTCOMES: dict[DeadlineKind, str] = {
    DeadlineKind.UNASSIGNED: "pickup unassigned: alert an admin",
    DeadlineKind.VALIDATION: "report not validated: alert an admin",
    DeadlineKind.REMINDER: "estimate unanswered: remind the customer",
    DeadlineKind.ORDER: "order unpaid: it lapses",
    DeadlineKind.DECISION: "estimate unanswered: cancel, bring the car back",
}
"""What each deadline does, as the timers in the Temporal UI say it."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """A deadline; ``key`` tells two of a kind apart."""

    at: datetime
    kind: DeadlineKind
    key: str


def deadlines(booking: VisitBooking) -> Iterator[Deadline]:
    """Every deadline that stands now, in no order."""
    if booking.status is State.BOOKED and not booking.walk_in:
        at = booking.pickup.starts_at - booking.policy.unassigned_alert
        yield Deadline(at, DeadlineKind.UNASSIGNED, f"unassigned {booking.pickup.starts_at.isoformat()}")
    if (waiting := _to_validate(booking)) is not None:
        since, key = waiting
        yield Deadline(since + booking.policy.validation_alert, DeadlineKind.VALIDATION, key)
    if booking.status is State.ANALYSED and booking.decision_until is not None:
        yield from _decision_deadlines(booking, booking.decision_until)


def next_deadline(booking: VisitBooking) -> Deadline | None:
    """The earliest deadline that has not been dealt with."""
    standing = [deadline for deadline in deadlines(booking) if deadline.key not in booking.alerted]
    return min(standing, key=lambda deadline: deadline.at, default=None)


def reminder_times(booking: VisitBooking) -> list[datetime]:
    """When the customer is reminded to decide; reminders longer than the window are dropped."""
    if booking.decision_until is None:
        return []
    kept = [before for before in booking.policy.decision_reminders if before < booking.policy.decision_window]
    return sorted(booking.decision_until - before for before in kept)


def _decision_deadlines(booking: VisitBooking, until: datetime) -> Iterator[Deadline]:
    yield Deadline(until, DeadlineKind.DECISION, "decision")
    order = booking.live_order()
    if order is not None and order.expires_at is not None and order.expires_at < until:
        yield Deadline(order.expires_at, DeadlineKind.ORDER, f"order {order.order_id}")
    coming = reminder_times(booking)[booking.reminders_sent :]
    if coming:
        yield Deadline(coming[0], DeadlineKind.REMINDER, f"reminder {booking.reminders_sent + 1}")


def _to_validate(booking: VisitBooking) -> tuple[datetime, str] | None:
    report = report_to_validate(booking)
    if report is not None:
        return report.at, f"validate report {report.id}"
    analysis = booking.analysis
    if booking.status is State.ANALYSED and analysis is not None and not analysis.validated:
        return analysis.at, f"validate analysis {analysis.at.isoformat()}"
    return None


def report_to_validate(booking: VisitBooking) -> Report | None:
    """The progress report that an admin has to look at."""
    return booking.open_report() if booking.status in (State.RECEIVED, State.IN_PROGRESS) else None
