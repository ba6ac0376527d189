"""Who does what: one job at a time, given only to the qualified."""

from datetime import datetime

from domain.errors import NotQualified
from domain.kinds.vehicle_service.booking import Assignment, Booking, Job, LineState, Mechanic
from domain.kinds.vehicle_service.life import LIFECYCLE, Action, State
from domain.kinds.vehicle_service.requests import Assign
from domain.kinds.vehicle_service.rules.outcome import Outcome, refuse

JOB_OF: dict[State, Job] = {
    State.BOOKED: Job.PICKUP,
    State.PICKUP: Job.PICKUP,
    State.RECEIVED: Job.ANALYSIS,
    State.ANALYSIS: Job.ANALYSIS,
    State.IN_PROGRESS: Job.SERVICE,
    State.COMPLETED: Job.DROP,
    State.OUT_FOR_DELIVERY: Job.DROP,
    State.CANCELLED: Job.DROP,
}


def assign(draft: Booking, request: Assign, now: datetime) -> Outcome:
    """Give the job of the moment to a mechanic; a second assignment replaces the first."""
    to = LIFECYCLE.after(draft.status, Action.ASSIGN, request.actor.role)
    _may_be_assigned_now(draft, request.job)
    if not qualified(draft, request.mechanic, request.job):
        raise NotQualified(
            f"{request.mechanic.name} is not qualified for {request.job}", mechanic_id=request.mechanic.id
        )
    for other in draft.assignments:
        if other.active:
            other.active, other.replaced = False, True
    draft.assignments.append(Assignment(draft.next_child(), request.job, request.mechanic, now, request.note))
    return Outcome(Action.ASSIGN, to, request.note or f"{request.job}: {request.mechanic.name}")


def qualified(booking: Booking, mechanic: Mechanic, job: Job) -> bool:
    """Pickup and drop, analysis: flags of the mechanic; service: a category of the work that is left."""
    match job:
        case Job.PICKUP | Job.DROP:
            return mechanic.pickup_drop
        case Job.ANALYSIS:
            return mechanic.analysis
        case Job.SERVICE:
            return bool(work_left_for(booking, mechanic))


def work_left_for(booking: Booking, mechanic: Mechanic) -> list[int]:
    """The services not yet done that fall into the mechanic's categories."""
    return [
        line.service_id
        for line in booking.kept_lines
        if line.state is not LineState.DONE and line.category_id in mechanic.categories
    ]


def _may_be_assigned_now(draft: Booking, job: Job) -> None:
    expected = JOB_OF[draft.status]
    if job is not expected:
        raise refuse(draft, Action.ASSIGN, f"while the booking is {draft.status} only {expected} can be assigned")
    if draft.walk_in and job in (Job.PICKUP, Job.DROP):
        raise refuse(draft, Action.ASSIGN, f"a walk-in booking has no {job}")
    if draft.status is State.RECEIVED and not any(report.validated for report in draft.reports):
        raise refuse(draft, Action.ASSIGN, "the pickup report is not validated yet")
    if draft.status is State.CANCELLED and not draft.with_us:
        raise refuse(draft, Action.ASSIGN, "the booking is cancelled and the car is not with us")
