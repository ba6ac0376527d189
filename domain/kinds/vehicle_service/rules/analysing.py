"""The analysis: what the mechanic found and quotes, and the admin's word that makes it the customer's estimate."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from domain.errors import Invalid
from domain.kinds.vehicle_service.booking import Analysis, Booking, Job, Line, LineState, Origin
from domain.kinds.vehicle_service.life import LIFECYCLE, Action
from domain.kinds.vehicle_service.requests import EditAnalysis, SubmitAnalysis, ValidateAnalysis
from domain.kinds.vehicle_service.rules.outcome import Outcome, at_work, award, refuse, release
from domain.money import Paise
from domain.people import Role

ANALYSIS_POINTS = 3
"""Score of a validated analysis."""


def submit(draft: Booking, request: SubmitAnalysis, now: datetime) -> Outcome:
    """The mechanic's report: a quote for every requested line, recommendations as new lines."""
    to = LIFECYCLE.after(draft.status, Action.SUBMIT_ANALYSIS, request.actor.role)
    assignment = at_work(draft, request.actor, Action.SUBMIT_ANALYSIS, Job.ANALYSIS)
    by_mechanic = request.actor.role is Role.MECHANIC or assignment is None
    draft.analysis = Analysis(
        draft.analysis.id if draft.analysis else draft.next_child(),
        request.actor.id if by_mechanic else assignment.mechanic.id,  # type: ignore[union-attr]
        now,
        request.description,
        request.recommendation,
        request.images,
    )
    requested = {line.service_id for line in draft.lines if line.origin is Origin.REQUESTED}
    if missing := requested - set(request.quotes):
        raise Invalid(f"price_quote misses the requested services {sorted(missing)}", services=sorted(missing))
    _recommend(draft, request.recommended)
    _quote(draft, request.quotes)
    return Outcome(Action.SUBMIT_ANALYSIS, to, request.recommendation)


def edit(draft: Booking, request: EditAnalysis, now: datetime) -> Outcome:
    """An admin corrects an analysis that still waits, its prices too."""
    to = LIFECYCLE.after(draft.status, Action.EDIT_ANALYSIS, request.actor.role)
    analysis = _waiting(draft, Action.EDIT_ANALYSIS)
    analysis.description = request.description if request.description is not None else analysis.description
    analysis.recommendation = request.recommendation if request.recommendation is not None else analysis.recommendation
    analysis.images = request.images if request.images is not None else analysis.images
    if request.recommended is not None:
        _recommend(draft, request.recommended)
    _quote(draft, request.quotes)
    return Outcome(Action.EDIT_ANALYSIS, to)


def validate(draft: Booking, request: ValidateAnalysis, now: datetime) -> Outcome:
    """Approve: the GST rate is frozen and the customer's decision window opens. Or send it back."""
    action = Action.VALIDATE_ANALYSIS if request.approved else Action.SEND_BACK_ANALYSIS
    to = LIFECYCLE.after(draft.status, action, request.actor.role)
    analysis = _waiting(draft, action)
    if not request.approved:
        analysis.sent_back = request.reason or "please look again"
        return Outcome(action, to, analysis.sent_back)
    analysis.validated = True
    draft.gst_percent = request.gst_percent if request.gst_percent is not None else draft.policy.gst_percent
    draft.decision_until = now + draft.policy.decision_window
    award(draft, analysis.mechanic_id, "analysis", ANALYSIS_POINTS)
    release(draft, Job.ANALYSIS)
    return Outcome(action, to, "the estimate is ready")


def _waiting(draft: Booking, action: Action) -> Analysis:
    if draft.analysis is None or draft.analysis.validated or draft.analysis.sent_back is not None:
        raise refuse(draft, action, "no analysis is waiting to be validated")
    return draft.analysis


def _recommend(draft: Booking, recommended: Sequence[Line]) -> None:
    """Recommendations replace those made before; a requested service cannot be recommended as well."""
    kept = [line for line in draft.lines if line.origin is Origin.REQUESTED]
    known = {line.service_id for line in kept}
    for line in recommended:
        if line.service_id in known:
            raise Invalid(f"service {line.service_id} is on the booking already", service_id=line.service_id)
        known.add(line.service_id)
    draft.lines = kept + [replace(line, origin=Origin.RECOMMENDED, state=LineState.QUOTED) for line in recommended]


def _quote(draft: Booking, quotes: Mapping[int, Paise]) -> None:
    for service_id, amount in quotes.items():
        line = draft.line(service_id)
        if line is None:
            raise Invalid(f"service {service_id} is not on this booking", service_id=service_id)
        if amount <= 0:
            raise Invalid(f"the quote for service {service_id} must be more than 0.00", service_id=service_id)
        line.quote, line.state = amount, LineState.QUOTED
    if unpriced := [line.service_id for line in draft.lines if (line.quote or 0) <= 0]:
        raise Invalid(f"services {unpriced} need a quote of more than 0.00", services=unpriced)
