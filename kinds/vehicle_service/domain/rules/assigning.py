"""Who does what: one job at a time, given only to the qualified."""

from datetime import datetime
from zoneinfo import ZoneInfo

from domain.lifecycle import Transition, refusal
from kinds.vehicle_service.domain.commands import Assign
from kinds.vehicle_service.domain.errors import MechanicAbsent, NotQualified
from kinds.vehicle_service.domain.lifecycle import LIFECYCLE, Action, VisitStatus
from kinds.vehicle_service.domain.parts import Assignment, Job, LineStatus, Mechanic
from kinds.vehicle_service.domain.visit import VisitBooking

JOB_OF: dict[VisitStatus, Job] = {
    VisitStatus.BOOKED: Job.PICKUP,
    VisitStatus.PICKUP: Job.PICKUP,
    VisitStatus.RECEIVED: Job.ANALYSIS,
    VisitStatus.ANALYSIS: Job.ANALYSIS,
    VisitStatus.IN_PROGRESS: Job.SERVICE,
    VisitStatus.COMPLETED: Job.DROP,
    VisitStatus.OUT_FOR_DELIVERY: Job.DROP,
    VisitStatus.CANCELLED: Job.DROP,
}


def assign(booking: VisitBooking, command: Assign, now: datetime) -> Transition:
    """Give the job of the moment to a mechanic; a second assignment replaces the first."""
    to = LIFECYCLE.after(booking.status, Action.ASSIGN, command.actor.role)
    _must_be_assignable(booking, command.job)
    if not qualified(booking, command.mechanic, command.job):
        raise NotQualified(
            f"mechanic {command.mechanic.id} is not qualified for {command.job}", mechanic_id=command.mechanic.id
        )
    _must_be_there(booking, command, now)
    for other in booking.assignments:
        if other.active:
            other.active, other.replaced = False, True
    booking.assignments.append(Assignment(booking.next_child(), command.job, command.mechanic, now, command.note))
    return Transition(Action.ASSIGN, to, command.note or f"{command.job}: {command.mechanic.id}")


def qualified(booking: VisitBooking, mechanic: Mechanic, job: Job) -> bool:
    """Pickup and drop, analysis: flags of the mechanic; service: a category of the work that is left."""
    match job:
        case Job.PICKUP | Job.DROP:
            return mechanic.pickup_drop
        case Job.ANALYSIS:
            return mechanic.analysis
        case Job.SERVICE:
            return bool(work_left_for(booking, mechanic))


def work_left_for(booking: VisitBooking, mechanic: Mechanic) -> list[int]:
    """The services not yet done that fall into the mechanic's categories."""
    return [
        line.service_id
        for line in booking.kept_lines
        if line.state is not LineStatus.DONE and line.category_id in mechanic.categories
    ]


def _must_be_there(booking: VisitBooking, command: Assign, now: datetime) -> None:
    """A pickup and a drop are done on their day, or now if that is over; all else, a car that goes back too, is now."""
    day = now.astimezone(ZoneInfo(booking.policy.timezone)).date()
    if command.job is Job.PICKUP:
        day = max(day, booking.pickup.date)
    elif command.job is Job.DROP and booking.status is not VisitStatus.CANCELLED:
        day = max(day, booking.drop.date)
    if any(absence.first <= day <= absence.last for absence in command.absences):
        raise MechanicAbsent(
            f"mechanic {command.mechanic.id} is away on {day}", mechanic_id=command.mechanic.id, date=str(day)
        )


def _must_be_assignable(booking: VisitBooking, job: Job) -> None:
    expected = JOB_OF[booking.status]
    if job is not expected:
        raise refusal(booking, Action.ASSIGN, f"while the booking is {booking.status} only {expected} can be assigned")
    if booking.walk_in and job in (Job.PICKUP, Job.DROP):
        raise refusal(booking, Action.ASSIGN, f"a walk-in booking has no {job}")
    if booking.status is VisitStatus.RECEIVED and not any(report.validated for report in booking.reports):
        raise refusal(booking, Action.ASSIGN, "the pickup report is not validated yet")
    if booking.status is VisitStatus.CANCELLED and not booking.with_us:
        raise refusal(booking, Action.ASSIGN, "the booking is cancelled and the car is not with us")
