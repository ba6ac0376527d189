"""Which actions are open to whom, now: what the table allows and the facts do not forbid."""

from kinds.vehicle_service.domain.lifecycle import LIFECYCLE, Action, VisitStatus
from kinds.vehicle_service.domain.parts import Job
from kinds.vehicle_service.domain.pricing import totals
from kinds.vehicle_service.domain.roles import Role
from kinds.vehicle_service.domain.visit import VisitBooking

_DECISIONS = (Action.CONFIRM_SERVICES, Action.CHOOSE_CASH)
_REPORT_WORDS = (Action.VALIDATE_PROGRESS, Action.SEND_BACK_PROGRESS, Action.EDIT_PROGRESS)
_ANALYSIS_WORDS = (Action.VALIDATE_ANALYSIS, Action.SEND_BACK_ANALYSIS, Action.EDIT_ANALYSIS)
_MONEY = (Action.VERIFY_CASH, Action.OPEN_COLLECTION, Action.REFUSE_PAYMENT)


def allowed_actions(booking: VisitBooking, role: str) -> tuple[str, ...]:
    """The actions of this role; for a mechanic, those of the one at work."""
    if booking.closed_at is not None or role == Role.SYSTEM:
        return ()
    if role == Role.MECHANIC and booking.active() is None:
        return ()
    return tuple(action for action in LIFECYCLE.allowed(booking.status, role) if _open(booking, action))


def _open(booking: VisitBooking, action: str) -> bool:
    analysis = booking.analysis
    if action in _DECISIONS:
        return analysis is not None and analysis.validated
    if action in _ANALYSIS_WORDS:
        return analysis is not None and not analysis.validated
    if action in _REPORT_WORDS:
        return booking.open_report() is not None
    if action in _MONEY:
        return totals(booking).due > 0
    if action == Action.RETRY_REFUND:
        return any(refund.unsettled for refund in booking.refunds)
    if action == Action.CLEAR_ATTENTION:
        return bool(booking.attention)
    if action == Action.ASSIGN:
        return _can_assign(booking)
    if action == Action.RECEIVE:
        return booking.walk_in
    if action == Action.HAND_OVER:
        return booking.walk_in and totals(booking).due == 0 and _still_here(booking)
    if action == Action.SUBMIT_PROGRESS:
        return _can_report(booking)
    return True


def _still_here(booking: VisitBooking) -> bool:
    return booking.with_us or booking.status is VisitStatus.COMPLETED


def _can_assign(booking: VisitBooking) -> bool:
    if booking.status is VisitStatus.RECEIVED:
        return any(report.validated for report in booking.reports)
    if booking.walk_in and booking.status in (VisitStatus.BOOKED, VisitStatus.COMPLETED, VisitStatus.CANCELLED):
        return False
    return booking.status is not VisitStatus.CANCELLED or booking.with_us


def _can_report(booking: VisitBooking) -> bool:
    match booking.status:
        case VisitStatus.RECEIVED:
            return not any(report.validated for report in booking.reports)
        case VisitStatus.OUT_FOR_DELIVERY:
            return totals(booking).due == 0
        case VisitStatus.CANCELLED:
            return booking.active(Job.DROP) is not None and totals(booking).due == 0
        case VisitStatus.IN_PROGRESS:
            return booking.active(Job.SERVICE) is not None
        case _:
            return True
