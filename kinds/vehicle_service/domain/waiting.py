"""What a booking waits for: who, until when, then what.

Every wait has an owner; where there is a deadline, it has an automatic outcome too (``deadlines``).
"""

from collections.abc import Iterator
from datetime import datetime

from domain.money import rupees
from domain.waiting import Waiting
from kinds.vehicle_service.domain.deadlines import report_to_validate
from kinds.vehicle_service.domain.lifecycle import VisitStatus
from kinds.vehicle_service.domain.parts import Job
from kinds.vehicle_service.domain.pricing import is_paid, totals
from kinds.vehicle_service.domain.visit import VisitBooking

ADMIN_IS_ALERTED = "an admin is alerted"
_CAR_RETURNS = "the booking is cancelled with the inspection fee and the car is brought back"
_CAR_WAITS = "the booking is cancelled with the inspection fee and the car waits in the shop"


def waiting(booking: VisitBooking) -> Waiting | None:
    """What a visit that is not closed waits for; None when only money and documents are left."""
    match booking.status:
        case VisitStatus.BOOKED:
            return _for_collection(booking)
        case VisitStatus.PICKUP:
            return Waiting("mechanic", "to collect the vehicle")
        case VisitStatus.RECEIVED:
            return _for_reception(booking)
        case VisitStatus.ANALYSIS:
            return Waiting("mechanic", "to look at the vehicle and submit the analysis")
        case VisitStatus.ANALYSED:
            return _for_decision(booking)
        case VisitStatus.IN_PROGRESS:
            return _for_work(booking)
        case VisitStatus.COMPLETED:
            return _for_departure(booking)
        case VisitStatus.OUT_FOR_DELIVERY:
            return _for_the_road(booking, "to bring the vehicle back")
        case VisitStatus.DELIVERED | VisitStatus.CANCELLED:
            return _for_the_end(booking)


def attention(booking: VisitBooking) -> Iterator[str]:
    """Nobody pays at the door."""
    if booking.payment_refused:
        yield f"{rupees(totals(booking).due)} was not paid at the door: {booking.payment_refused}"


def _for_collection(booking: VisitBooking) -> Waiting:
    if booking.walk_in:
        return Waiting("customer", "to bring the vehicle to the desk", action_required="none")
    until = booking.pickup.starts_at - booking.policy.unassigned_alert
    return Waiting("admin", "to assign a mechanic for the pickup", until, ADMIN_IS_ALERTED, "assign")


def _for_validation(booking: VisitBooking, what: str, since: datetime, required: str) -> Waiting:
    return Waiting("admin", what, since + booking.policy.validation_alert, ADMIN_IS_ALERTED, required)


def _for_reception(booking: VisitBooking) -> Waiting:
    report = booking.open_report()
    if report is not None:
        return _for_validation(booking, "to validate the pickup report", report.at, "validate-progress")
    if any(report.validated for report in booking.reports):
        return Waiting("admin", "to assign a mechanic for the analysis", action_required="assign")
    return Waiting("mechanic", "to correct the pickup report that was sent back")


def _for_decision(booking: VisitBooking) -> Waiting:
    analysis = booking.analysis
    if analysis is not None and not analysis.validated:
        return _for_validation(booking, "to validate the analysis", analysis.at, "validate-analysis")
    order = booking.live_order()
    until, lapses = booking.decision_until, _CAR_WAITS if booking.walk_in else _CAR_RETURNS
    if order is None or order.expires_at is None:
        return Waiting("customer", "to approve the estimate", until, lapses, "decide")
    what = f"to pay {rupees(order.amount)} online"
    if order.expires_at == until:
        return Waiting("customer", what, until, lapses, discreet="to pay online")
    then = "the order lapses and the estimate must be confirmed again"
    return Waiting("customer", what, order.expires_at, then, discreet="to pay online")


def _for_work(booking: VisitBooking) -> Waiting:
    report = report_to_validate(booking)
    if report is not None:
        return _for_validation(booking, "to validate the progress report", report.at, "validate-progress")
    if booking.active(Job.SERVICE) is None:
        return Waiting("admin", "to assign a mechanic for the services", action_required="assign")
    return Waiting("mechanic", "to do the services and report progress")


def _for_departure(booking: VisitBooking) -> Waiting:
    if not booking.walk_in:
        return Waiting("admin", "to assign a mechanic for the drop", action_required="assign")
    if not is_paid(booking):
        what = f"to pay {rupees(totals(booking).due)} in the shop"
        return Waiting("customer", what, action_required="decide", discreet="to pay in the shop")
    return Waiting("admin", "to hand the vehicle over", action_required="decide")


def _for_the_road(booking: VisitBooking, what: str) -> Waiting:
    due = totals(booking).due
    if due and booking.payment_refused:
        what = f"to decide what happens, for {rupees(due)} was not paid at the door"
        return Waiting("admin", what, action_required="attention")
    if due:
        return Waiting("mechanic", f"to collect {rupees(due)} at the door")
    return Waiting("mechanic", what)


def _for_the_end(booking: VisitBooking) -> Waiting | None:
    if booking.with_us:
        if booking.walk_in:
            due = totals(booking).due
            if due:
                what = f"to pay {rupees(due)} and fetch the vehicle"
                return Waiting("customer", what, action_required="decide", discreet="to pay and fetch the vehicle")
            return Waiting("customer", "to fetch the vehicle in the shop", action_required="decide")
        if booking.active(Job.DROP) is None:
            return Waiting("admin", "to assign a mechanic to bring the vehicle back", action_required="assign")
        return _for_the_road(booking, "to bring the vehicle back")
    return None
