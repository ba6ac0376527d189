"""The deadlines of a visit: when they come, and what happens then unless somebody acts before."""

from collections.abc import Iterator
from datetime import datetime

from domain.commands import Alert, LapseOrder
from domain.deadlines import Deadline
from kinds.vehicle_service.domain.commands import LapseDecision
from kinds.vehicle_service.domain.emails import BookingEmailSlug
from kinds.vehicle_service.domain.lifecycle import VisitStatus
from kinds.vehicle_service.domain.parts import Report
from kinds.vehicle_service.domain.visit import VisitBooking

_UNASSIGNED = "no mechanic is assigned to the pickup and the slot is near"
_NOT_VALIDATED = "a report has been waiting to be validated for too long"


def deadlines(booking: VisitBooking) -> Iterator[Deadline]:
    """Every deadline of the booking as it stands, in no order."""
    if booking.status is VisitStatus.BOOKED and not booking.walk_in:
        key = f"unassigned {booking.pickup.starts_at.isoformat()}"
        at = booking.pickup.starts_at - booking.policy.unassigned_alert
        yield Deadline(at=at, key=key, summary="pickup unassigned: alert an admin", command=Alert(key, _UNASSIGNED))
    if (waiting := _to_validate(booking)) is not None:
        since, key = waiting
        at = since + booking.policy.validation_alert
        yield Deadline(
            at=at, key=key, summary="report not validated: alert an admin", command=Alert(key, _NOT_VALIDATED)
        )
    if booking.status is VisitStatus.ANALYSED and booking.decision_until is not None:
        yield from _decision_deadlines(booking, booking.decision_until)


def reminder_times(booking: VisitBooking) -> list[datetime]:
    """When the customer is reminded to decide; reminders longer than the window are dropped."""
    if booking.decision_until is None:
        return []
    kept = [before for before in booking.policy.decision_reminders if before < booking.policy.decision_window]
    return sorted(booking.decision_until - before for before in kept)


def _decision_deadlines(booking: VisitBooking, until: datetime) -> Iterator[Deadline]:
    yield Deadline(
        at=until,
        key="decision",
        summary="estimate unanswered: cancel, bring the car back",
        command=LapseDecision(),
        check_payment_first=True,
    )
    order = booking.live_order()
    if order is not None and order.order_id is not None and order.expires_at is not None and order.expires_at < until:
        yield Deadline(
            at=order.expires_at,
            key=f"order {order.order_id}",
            summary="order unpaid: it lapses",
            command=LapseOrder(order.order_id),
            check_payment_first=True,
        )
    for number, at in enumerate(reminder_times(booking), start=1):
        yield Deadline(
            at=at,
            key=f"reminder {number}",
            summary="estimate unanswered: remind the customer",
            email=(BookingEmailSlug.DECISION_REMINDER, booking.customer.id),
        )


def _to_validate(booking: VisitBooking) -> tuple[datetime, str] | None:
    report = report_to_validate(booking)
    if report is not None:
        return report.at, f"validate report {report.id}"
    analysis = booking.analysis
    if booking.status is VisitStatus.ANALYSED and analysis is not None and not analysis.validated:
        return analysis.at, f"validate analysis {analysis.at.isoformat()}"
    return None


def report_to_validate(booking: VisitBooking) -> Report | None:
    """The progress report that an admin has to look at."""
    return booking.open_report() if booking.status in (VisitStatus.RECEIVED, VisitStatus.IN_PROGRESS) else None
