"""What several rules ask and do about the mechanics at work."""

from domain.errors import NotYours
from domain.lifecycle import refusal
from domain.people import Actor
from kinds.vehicle_service.domain.lifecycle import Action
from kinds.vehicle_service.domain.parts import Assignment, Award, Job
from kinds.vehicle_service.domain.roles import Role
from kinds.vehicle_service.domain.visit import VisitBooking


def must_be_assigned(booking: VisitBooking, actor: Actor, action: Action, *jobs: Job) -> Assignment | None:
    """The active assignment of one of these jobs; a mechanic must be the one assigned, an admin may speak for them.

    Raises:
        ActionNotAllowed: a mechanic asks and nobody is assigned.
        NotYours: another mechanic is.
    """
    assignment = booking.active(*jobs)
    if actor.role != Role.MECHANIC:
        return assignment
    if assignment is None:
        raise refusal(booking, action, f"no mechanic is assigned to {' or '.join(jobs)} now")
    if assignment.mechanic.id != actor.id:
        raise NotYours("this job is assigned to another mechanic")
    return assignment


def end_assignments(booking: VisitBooking, *jobs: Job) -> None:
    """End the active assignments of these jobs (all jobs when none is named)."""
    for assignment in booking.assignments:
        if assignment.active and (not jobs or assignment.job in jobs):
            assignment.active = False


def award_points(booking: VisitBooking, mechanic_id: str, what: str, points: int) -> None:
    """Give points once per ``what``."""
    if all(given.what != what for given in booking.awards):
        booking.awards.append(Award(mechanic_id, what, points))
