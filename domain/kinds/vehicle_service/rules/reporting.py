"""Progress reports: from the road, the workshop and the desk, and the admin's word on them."""

from datetime import datetime

from domain.errors import Invalid, NotFound
from domain.kinds.vehicle_service.booking import Booking, Job, LineState, Report
from domain.kinds.vehicle_service.life import LIFECYCLE, Action, State
from domain.kinds.vehicle_service.pricing import settled
from domain.kinds.vehicle_service.requests import EditProgress, SubmitProgress, ValidateProgress
from domain.kinds.vehicle_service.rules.assigning import work_left_for
from domain.kinds.vehicle_service.rules.outcome import Outcome, at_work, award, refuse, release
from domain.people import Actor, Role

ROAD_POINTS = 2
"""Score of a pickup, a drop or a return."""

_JOBS = {
    State.PICKUP: Job.PICKUP,
    State.RECEIVED: Job.PICKUP,
    State.IN_PROGRESS: Job.SERVICE,
    State.OUT_FOR_DELIVERY: Job.DROP,
    State.CANCELLED: Job.DROP,
}

_NEEDS_A_MECHANIC = frozenset({State.IN_PROGRESS, State.CANCELLED})
"""Where even an admin can only speak for a mechanic who was assigned."""


def submit(draft: Booking, request: SubmitProgress, now: datetime) -> Outcome:
    """A report; where it leads depends on the leg it speaks of."""
    action = _action(draft, request.actor)
    to = LIFECYCLE.after(draft.status, action, request.actor.role)
    if request.status is not None and request.status is not to:
        raise Invalid(f"this report leads to {to}, not to {request.status}", status=str(draft.status))
    if draft.status in _JOBS:
        assignment = at_work(draft, request.actor, action, _JOBS[draft.status])
        if assignment is None and action is Action.SUBMIT_PROGRESS and draft.status in _NEEDS_A_MECHANIC:
            raise refuse(draft, action, f"no mechanic is assigned to {_JOBS[draft.status]} now")
    report = Report(draft.next_child(), to, request.actor, now, request.notes, request.images, request.service_ids)
    match draft.status:
        case State.BOOKED | State.PICKUP:
            draft.with_us = True
            _receives(report, by_the_desk=action is Action.RECEIVE)
        case State.RECEIVED:
            _follows_a_sent_back_report(draft)
        case State.IN_PROGRESS:
            _speaks_of_confirmed_work(draft, request.service_ids)
        case State.COMPLETED | State.OUT_FOR_DELIVERY | State.CANCELLED:
            _brings_the_car_back(draft, report, action, now)
    draft.reports.append(report)
    return Outcome(action, to, request.notes)


def edit(draft: Booking, request: EditProgress, now: datetime) -> Outcome:
    """An admin corrects a report that still waits."""
    to = LIFECYCLE.after(draft.status, Action.EDIT_PROGRESS, request.actor.role)
    report = _waiting_report(draft, request.report_id, Action.EDIT_PROGRESS)
    if request.service_ids is not None:
        if draft.status is State.IN_PROGRESS:
            _speaks_of_confirmed_work(draft, request.service_ids)
        report.service_ids = request.service_ids
    report.notes = request.notes if request.notes is not None else report.notes
    report.images = request.images if request.images is not None else report.images
    return Outcome(Action.EDIT_PROGRESS, to)


def validate(draft: Booking, request: ValidateProgress, now: datetime) -> Outcome:
    """Approve a report (its services are done, its mechanic scores) or send it back."""
    action = Action.VALIDATE_PROGRESS if request.approved else Action.SEND_BACK_PROGRESS
    to = LIFECYCLE.after(draft.status, action, request.actor.role)
    report = _waiting_report(draft, request.report_id, action)
    if not request.approved:
        report.sent_back = request.reason or "please look again"
        return Outcome(action, to, report.sent_back)
    report.validated = True
    if draft.status is State.RECEIVED:
        _answers_for_the_rest(draft)
        _close_leg(draft, report.by, Job.PICKUP)
        return Outcome(action, to, "vehicle received")
    _finish_work(draft, report)
    done = all(line.state is LineState.DONE for line in draft.kept_lines)
    if done:
        release(draft, Job.SERVICE)
    return Outcome(action, State.COMPLETED if done else State.IN_PROGRESS, report.notes)


def _action(draft: Booking, actor: Actor) -> Action:
    """An admin at the desk receives a walk-in car and hands it over; every other report is progress."""
    if actor.role is Role.ADMIN and draft.walk_in:
        if draft.status is State.BOOKED:
            return Action.RECEIVE
        if draft.status in (State.COMPLETED, State.CANCELLED):
            return Action.HAND_OVER
    return Action.SUBMIT_PROGRESS


def _receives(report: Report, *, by_the_desk: bool) -> None:
    if by_the_desk:
        report.validated, report.needs_validation = True, False


def _follows_a_sent_back_report(draft: Booking) -> None:
    if any(report.validated for report in draft.reports):
        raise refuse(draft, Action.SUBMIT_PROGRESS, "the vehicle is received and validated; its analysis comes next")


def _answers_for_the_rest(draft: Booking) -> None:
    """One word on the pickup is enough: a report repeated meanwhile must not wait into the work that follows."""
    for report in draft.reports:
        if report.open:
            report.needs_validation = False


def _speaks_of_confirmed_work(draft: Booking, service_ids: tuple[int, ...]) -> None:
    lines = {line.service_id: line for line in draft.kept_lines}
    for service_id in service_ids:
        line = lines.get(service_id)
        if line is None:
            raise Invalid(f"service {service_id} is not a confirmed service of this booking", service_id=service_id)
        if line.state is LineState.DONE:
            raise Invalid(f"service {service_id} is done and validated already", service_id=service_id)
        line.state = LineState.IN_PROGRESS


def _brings_the_car_back(draft: Booking, report: Report, action: Action, now: datetime) -> None:
    if draft.status is State.CANCELLED and not draft.with_us:
        raise refuse(draft, action, "the booking is cancelled and the car is not with us")
    if not settled(draft):
        raise refuse(draft, action, "the money is not settled: the cash must be verified first")
    report.validated, report.needs_validation = True, False
    draft.with_us = False
    if action is Action.SUBMIT_PROGRESS:
        _close_leg(draft, report.by, Job.DROP)
    if draft.status is not State.CANCELLED:
        draft.completed_at = now


def _close_leg(draft: Booking, reporter: Actor, job: Job) -> None:
    assignment = draft.active(job)
    mechanic = assignment.mechanic.id if assignment else reporter.id
    award(draft, mechanic, "return" if draft.status is State.CANCELLED else str(job), ROAD_POINTS)
    release(draft, job)


def _finish_work(draft: Booking, report: Report) -> None:
    assignment = draft.active(Job.SERVICE)
    worker = report.by.id if report.by.role is Role.MECHANIC or assignment is None else assignment.mechanic.id
    for line in draft.lines_of(report.service_ids):
        if line.state is not LineState.DONE:
            line.state = LineState.DONE
            award(draft, worker, f"service {line.service_id}", line.difficulty)
    if assignment and not work_left_for(draft, assignment.mechanic):
        release(draft, Job.SERVICE)


def _waiting_report(draft: Booking, report_id: int, action: Action) -> Report:
    report = next((report for report in draft.reports if report.id == report_id), None)
    if report is None:
        raise NotFound(f"there is no progress report {report_id}")
    if not report.open:
        raise refuse(draft, action, "this report is not waiting to be validated")
    return report
