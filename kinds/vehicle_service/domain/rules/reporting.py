"""Progress reports: from the road, the workshop and the shop, and their validation by an admin."""

from datetime import datetime

from domain.errors import Invalid, NotFound
from domain.lifecycle import Transition, refusal
from domain.people import Actor
from kinds.vehicle_service.domain.commands import EditProgress, SubmitProgress, ValidateProgress
from kinds.vehicle_service.domain.lifecycle import LIFECYCLE, Action, VisitStatus
from kinds.vehicle_service.domain.parts import Job, LineStatus, Report
from kinds.vehicle_service.domain.pricing import is_paid
from kinds.vehicle_service.domain.roles import Role
from kinds.vehicle_service.domain.rules.assigning import work_left_for
from kinds.vehicle_service.domain.rules.mechanics import award_points, end_assignments, must_be_assigned
from kinds.vehicle_service.domain.visit import VisitBooking

ROAD_POINTS = 2
"""Score of a pickup, a drop or a return."""

_JOBS = {
    VisitStatus.PICKUP: Job.PICKUP,
    VisitStatus.RECEIVED: Job.PICKUP,
    VisitStatus.IN_PROGRESS: Job.SERVICE,
    VisitStatus.OUT_FOR_DELIVERY: Job.DROP,
    VisitStatus.CANCELLED: Job.DROP,
}

_NEEDS_A_MECHANIC = frozenset({VisitStatus.IN_PROGRESS, VisitStatus.CANCELLED})
"""Where even an admin can only speak for a mechanic who was assigned."""


def submit_progress(booking: VisitBooking, command: SubmitProgress, now: datetime) -> Transition:
    """A report; where it leads depends on the leg it speaks of."""
    action = _action(booking, command.actor)
    to = LIFECYCLE.after(booking.status, action, command.actor.role)
    if command.status is not None and command.status is not to:
        raise Invalid(f"this report leads to {to}, not to {command.status}", status=str(booking.status))
    if booking.status in _JOBS:
        assignment = must_be_assigned(booking, command.actor, action, _JOBS[booking.status])
        if assignment is None and action is Action.SUBMIT_PROGRESS and booking.status in _NEEDS_A_MECHANIC:
            raise refusal(booking, action, f"no mechanic is assigned to {_JOBS[booking.status]} now")
    report = Report(booking.next_child(), to, command.actor, now, command.notes, command.images, command.service_ids)
    match booking.status:
        case VisitStatus.BOOKED | VisitStatus.PICKUP:
            booking.with_us = True
            report.validated, report.needs_validation = action is Action.RECEIVE, action is not Action.RECEIVE
        case VisitStatus.RECEIVED:
            _must_be_unvalidated(booking)
        case VisitStatus.IN_PROGRESS:
            _begin_confirmed_work(booking, command.service_ids)
        case VisitStatus.COMPLETED | VisitStatus.OUT_FOR_DELIVERY | VisitStatus.CANCELLED:
            _return_car(booking, report, action, now)
    booking.reports.append(report)
    return Transition(action, to, command.notes)


def edit_progress(booking: VisitBooking, command: EditProgress, now: datetime) -> Transition:
    """An admin corrects a report that still waits."""
    to = LIFECYCLE.after(booking.status, Action.EDIT_PROGRESS, command.actor.role)
    report = _waiting_report(booking, command.report_id, Action.EDIT_PROGRESS)
    if command.service_ids is not None:
        if booking.status is VisitStatus.IN_PROGRESS:
            _begin_confirmed_work(booking, command.service_ids)
        report.service_ids = command.service_ids
    report.notes = command.notes if command.notes is not None else report.notes
    report.images = command.images if command.images is not None else report.images
    return Transition(Action.EDIT_PROGRESS, to)


def validate_progress(booking: VisitBooking, command: ValidateProgress, now: datetime) -> Transition:
    """Approve a report (its services are done, its mechanic scores) or send it back."""
    action = Action.VALIDATE_PROGRESS if command.approved else Action.SEND_BACK_PROGRESS
    to = LIFECYCLE.after(booking.status, action, command.actor.role)
    report = _waiting_report(booking, command.report_id, action)
    if not command.approved:
        report.sent_back = command.reason or "please look again"
        return Transition(action, to, report.sent_back)
    report.validated = True
    if booking.status is VisitStatus.RECEIVED:
        _close_other_reports(booking)
        _complete_trip(booking, report.by, Job.PICKUP)
        return Transition(action, to, "vehicle received")
    _finish_work(booking, report)
    done = all(line.state is LineStatus.DONE for line in booking.kept_lines)
    if done:
        end_assignments(booking, Job.SERVICE)
    to = LIFECYCLE.after(
        booking.status, action, command.actor.role, VisitStatus.COMPLETED if done else VisitStatus.IN_PROGRESS
    )
    return Transition(action, to, report.notes)


def _action(booking: VisitBooking, actor: Actor) -> Action:
    """An admin receives a walk-in car and hands it over; every other report is progress."""
    if actor.role == Role.ADMIN and booking.walk_in:
        if booking.status is VisitStatus.BOOKED:
            return Action.RECEIVE
        if booking.status in (VisitStatus.COMPLETED, VisitStatus.CANCELLED):
            return Action.HAND_OVER
    return Action.SUBMIT_PROGRESS


def _must_be_unvalidated(booking: VisitBooking) -> None:
    if any(report.validated for report in booking.reports):
        raise refusal(booking, Action.SUBMIT_PROGRESS, "the vehicle is received and validated; its analysis comes next")


def _close_other_reports(booking: VisitBooking) -> None:
    """One validated report of the pickup is enough: another one sent meanwhile must not stay open during the work."""
    for report in booking.reports:
        if report.open:
            report.needs_validation = False


def _begin_confirmed_work(booking: VisitBooking, service_ids: tuple[int, ...]) -> None:
    lines = {line.service_id: line for line in booking.kept_lines}
    for service_id in service_ids:
        line = lines.get(service_id)
        if line is None:
            raise Invalid(f"service {service_id} is not a confirmed service of this booking", service_id=service_id)
        if line.state is LineStatus.DONE:
            raise Invalid(f"service {service_id} is done and validated already", service_id=service_id)
        line.state = LineStatus.IN_PROGRESS


def _return_car(booking: VisitBooking, report: Report, action: Action, now: datetime) -> None:
    if booking.status is VisitStatus.CANCELLED and not booking.with_us:
        raise refusal(booking, action, "the booking is cancelled and the car is not with us")
    if not is_paid(booking):
        raise refusal(booking, action, "the money is not settled: the cash must be verified first")
    report.validated, report.needs_validation = True, False
    booking.with_us = False
    if action is Action.SUBMIT_PROGRESS:
        _complete_trip(booking, report.by, Job.DROP)
    if booking.status is not VisitStatus.CANCELLED:
        booking.completed_at = now


def _complete_trip(booking: VisitBooking, reporter: Actor, job: Job) -> None:
    assignment = booking.active(job)
    mechanic = assignment.mechanic.id if assignment else reporter.id
    award_points(booking, mechanic, "return" if booking.status is VisitStatus.CANCELLED else str(job), ROAD_POINTS)
    end_assignments(booking, job)


def _finish_work(booking: VisitBooking, report: Report) -> None:
    assignment = booking.active(Job.SERVICE)
    worker = report.by.id if report.by.role == Role.MECHANIC or assignment is None else assignment.mechanic.id
    for line in booking.lines_of(report.service_ids):
        if line.state is not LineStatus.DONE:
            line.state = LineStatus.DONE
            award_points(booking, worker, f"service {line.service_id}", line.difficulty)
    if assignment and not work_left_for(booking, assignment.mechanic):
        end_assignments(booking, Job.SERVICE)


def _waiting_report(booking: VisitBooking, report_id: int, action: Action) -> Report:
    report = next((report for report in booking.reports if report.id == report_id), None)
    if report is None:
        raise NotFound(f"there is no progress report {report_id}")
    if not report.open:
        raise refusal(booking, action, "this report is not waiting to be validated")
    return report
