"""A service visit in detail, and as a row of a list.

A customer sees no unvalidated report, quote or reason for sending back; a mechanic sees no money but the cash to
collect. Amounts are decimal strings, times ISO 8601 in UTC.
"""

from domain.billing.views import NO_MONEY, Json, money_view
from domain.kind import ViewContext
from domain.money import Paise, rupees
from domain.people import Actor
from domain.views import customer_row, customer_view
from kinds.vehicle_service.domain.allowed_actions import allowed_actions
from kinds.vehicle_service.domain.lifecycle import Action
from kinds.vehicle_service.domain.parts import Job
from kinds.vehicle_service.domain.pricing import totals
from kinds.vehicle_service.domain.roles import Role
from kinds.vehicle_service.domain.views.parts import (
    analysis_view,
    assignment_view,
    leg_view,
    line_view,
    report_view,
    vehicle_view,
    visit_cancellation_view,
    without_unvalidated,
)
from kinds.vehicle_service.domain.visit import VisitBooking

HIDDEN_NOTES: dict[str, frozenset[str]] = {
    Role.MECHANIC: frozenset(
        {
            Action.PAY,
            Action.PAYMENT_FAILED,
            Action.RETURN_MONEY,
            Action.REFUND,
            Action.RETRY_REFUND,
            Action.DISPUTE,
            Action.CLEAR_ATTENTION,
            Action.REFUSE_PAYMENT,
            Action.ISSUE_INVOICE,
            Action.CONFIRM_SERVICES,
            Action.OPEN_COLLECTION,
            Action.VERIFY_CASH,
        }
    ),
    Role.CUSTOMER: frozenset(
        {
            Action.SUBMIT_PROGRESS,
            Action.SEND_BACK_PROGRESS,
            Action.SUBMIT_ANALYSIS,
            Action.SEND_BACK_ANALYSIS,
            Action.ALERT,
            Action.DISPUTE,
            Action.CLEAR_ATTENTION,
            Action.REFUSE_PAYMENT,
            Action.REPAIR,
        }
    ),
}
"""Whose notes are not for whom: a mechanic reads nothing about money, a customer nothing internal."""


def view(booking: VisitBooking, viewer: Actor, context: ViewContext) -> Json:
    """Everything this viewer may know of the visit."""
    seen = without_unvalidated(booking, viewer.role)
    money = viewer.role != Role.MECHANIC
    at_work = booking.active()
    working = at_work is not None and at_work.mechanic.id == viewer.id
    vehicle = vehicle_view(booking)
    shape: Json = {
        "customer": customer_view(booking, context, with_phone=viewer.role == Role.ADMIN or working),
        "vehicle": vehicle,
        "car": vehicle,
        "pickup": {"type": str(booking.pickup_type), **leg_view(booking.pickup)},
        "drop": leg_view(booking.drop),
        "notes": booking.notes,
        "services": [line_view(line, money=money) for line in seen.lines],
        "analysis": analysis_view(seen, viewer.role),
        "progress": [report_view(report, viewer.role) for report in seen.reports],
        "assignments": [assignment_view(assignment, context) for assignment in booking.assignments],
        **(money_view(booking, totals(seen), context.key_id) if money else NO_MONEY),
        "cancellation": visit_cancellation_view(booking, context, money=money),
        "allowed_actions": _allowed(booking, viewer.role, working=working),
    }
    if viewer.role == Role.MECHANIC:
        shape["cash_to_collect"] = cash_to_collect(booking)
    return shape


def summary(booking: VisitBooking, role: str) -> Json:
    """A list row for this role."""
    amounts = totals(without_unvalidated(booking, role))
    money = role != Role.MECHANIC
    return {
        "customer": customer_row(booking, with_phone=role == Role.ADMIN),
        "vehicle": vehicle_view(booking),
        "pickup": {"type": str(booking.pickup_type), **leg_view(booking.pickup)},
        "drop": leg_view(booking.drop),
        "totals": {"total": rupees(amounts.total), "due": rupees(amounts.due)} if money else None,
        **({} if money else {"cash_to_collect": cash_to_collect(booking)}),
    }


def cash_to_collect(booking: VisitBooking) -> str | None:
    """What the mechanic at the door must collect."""
    due: Paise = totals(booking).due
    on_the_way_home = booking.active(Job.DROP) is not None
    return rupees(due) if due and on_the_way_home else None


def _allowed(booking: VisitBooking, role: str, *, working: bool) -> list[str]:
    if role == Role.MECHANIC and not working:
        return []
    return [str(action) for action in allowed_actions(booking, role)]
