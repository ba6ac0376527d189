"""The analysis: what the mechanic found and quotes; validated by an admin it is the customer's estimate."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from domain.errors import Invalid
from domain.lifecycle import Transition, refusal
from domain.money import Paise
from kinds.vehicle_service.domain.commands import EditAnalysis, SubmitAnalysis, ValidateAnalysis
from kinds.vehicle_service.domain.lifecycle import LIFECYCLE, Action
from kinds.vehicle_service.domain.parts import Analysis, Job, Line, LineStatus, Origin
from kinds.vehicle_service.domain.roles import Role
from kinds.vehicle_service.domain.rules.mechanics import award_points, end_assignments, must_be_assigned
from kinds.vehicle_service.domain.visit import VisitBooking

ANALYSIS_POINTS = 3
"""Score of a validated analysis."""


def submit_analysis(booking: VisitBooking, command: SubmitAnalysis, now: datetime) -> Transition:
    """The mechanic's report: a quote for every requested line, recommendations as new lines."""
    to = LIFECYCLE.after(booking.status, Action.SUBMIT_ANALYSIS, command.actor.role)
    assignment = must_be_assigned(booking, command.actor, Action.SUBMIT_ANALYSIS, Job.ANALYSIS)
    by_mechanic = command.actor.role == Role.MECHANIC or assignment is None
    booking.analysis = Analysis(
        booking.analysis.id if booking.analysis else booking.next_child(),
        command.actor.id if by_mechanic else assignment.mechanic.id,  # type: ignore[union-attr]
        now,
        command.description,
        command.recommendation,
        command.images,
    )
    requested = {line.service_id for line in booking.lines if line.origin is Origin.REQUESTED}
    if missing := requested - set(command.quotes):
        raise Invalid(f"price_quote misses the requested services {sorted(missing)}", services=sorted(missing))
    _recommend(booking, command.recommended)
    _quote(booking, command.quotes)
    return Transition(Action.SUBMIT_ANALYSIS, to, command.recommendation)


def edit_analysis(booking: VisitBooking, command: EditAnalysis, now: datetime) -> Transition:
    """An admin corrects an analysis that still waits, its prices too."""
    to = LIFECYCLE.after(booking.status, Action.EDIT_ANALYSIS, command.actor.role)
    analysis = _waiting(booking, Action.EDIT_ANALYSIS)
    analysis.description = command.description if command.description is not None else analysis.description
    analysis.recommendation = command.recommendation if command.recommendation is not None else analysis.recommendation
    analysis.images = command.images if command.images is not None else analysis.images
    if command.recommended is not None:
        _recommend(booking, command.recommended)
    _quote(booking, command.quotes)
    return Transition(Action.EDIT_ANALYSIS, to)


def validate_analysis(booking: VisitBooking, command: ValidateAnalysis, now: datetime) -> Transition:
    """Approve: the GST rate is frozen and the customer's decision window opens. Or send it back."""
    action = Action.VALIDATE_ANALYSIS if command.approved else Action.SEND_BACK_ANALYSIS
    to = LIFECYCLE.after(booking.status, action, command.actor.role)
    analysis = _waiting(booking, action)
    if not command.approved:
        analysis.sent_back = command.reason or "please look again"
        return Transition(action, to, analysis.sent_back)
    analysis.validated = True
    booking.gst_percent = command.gst_percent if command.gst_percent is not None else booking.policy.gst_percent
    booking.decision_until = now + booking.policy.decision_window
    award_points(booking, analysis.mechanic_id, "analysis", ANALYSIS_POINTS)
    end_assignments(booking, Job.ANALYSIS)
    return Transition(action, to, "the estimate is ready")


def _waiting(booking: VisitBooking, action: Action) -> Analysis:
    if booking.analysis is None or booking.analysis.validated or booking.analysis.sent_back is not None:
        raise refusal(booking, action, "no analysis is waiting to be validated")
    return booking.analysis


def _recommend(booking: VisitBooking, recommended: Sequence[Line]) -> None:
    """Recommendations replace those made before; a requested service cannot be recommended as well."""
    kept = [line for line in booking.lines if line.origin is Origin.REQUESTED]
    known = {line.service_id for line in kept}
    for line in recommended:
        if line.service_id in known:
            raise Invalid(f"service {line.service_id} is on the booking already", service_id=line.service_id)
        known.add(line.service_id)
    booking.lines = kept + [replace(line, origin=Origin.RECOMMENDED, state=LineStatus.QUOTED) for line in recommended]


def _quote(booking: VisitBooking, quotes: Mapping[int, Paise]) -> None:
    """A price for every line; 0 is work without charge: under warranty, or as goodwill."""
    for service_id, amount in quotes.items():
        line = booking.line(service_id)
        if line is None:
            raise Invalid(f"service {service_id} is not on this booking", service_id=service_id)
        if amount < 0:
            raise Invalid(f"the quote for service {service_id} must not be negative", service_id=service_id)
        line.quote, line.state = amount, LineStatus.QUOTED
    if unpriced := [line.service_id for line in booking.lines if line.quote is None or line.quote < 0]:
        raise Invalid(f"services {unpriced} need a quote; 0.00 is one without charge", services=unpriced)
