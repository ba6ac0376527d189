"""Parts of a visit as its viewers see them."""

from dataclasses import replace

from domain.billing.views import Json, cancellation_view, quote_view, when
from domain.kind import ViewContext
from domain.money import Paise, rupees
from domain.views import address_view
from kinds.vehicle_service.domain.cancellation_fee import VisitQuote
from kinds.vehicle_service.domain.parts import Assignment, Leg, Line, LineStatus, Origin, Report
from kinds.vehicle_service.domain.roles import Role
from kinds.vehicle_service.domain.visit import VisitBooking


def without_unvalidated(booking: VisitBooking, role: str) -> VisitBooking:
    """The booking without what this role may not see yet."""
    if role != Role.CUSTOMER:
        return booking
    validated = booking.analysis is not None and booking.analysis.validated
    lines = booking.lines
    if not validated:
        requested = [line for line in lines if line.origin is Origin.REQUESTED]
        lines = [replace(line, quote=None, state=LineStatus.REQUESTED) for line in requested]
    return replace(
        booking,
        lines=lines,
        analysis=booking.analysis if validated else None,
        reports=[report for report in booking.reports if report.validated],
    )


def vehicle_view(booking: VisitBooking) -> Json:
    """The vehicle."""
    vehicle = booking.vehicle
    return {
        "id": vehicle.id,
        "registration_number": vehicle.registration_number,
        "manufacturer": vehicle.manufacturer,
        "model": vehicle.model,
        "fuel_type": vehicle.fuel_type,
        "car_class": vehicle.car_class,
    }


def leg_view(leg: Leg) -> Json:
    """One way: date, slot, address."""
    slot = leg.timeslot
    return {
        "date": leg.date.isoformat(),
        "timeslot": {"id": slot.id, "name": slot.name, "start_time": slot.start_time, "end_time": slot.end_time},
        "address": address_view(leg.address),
    }


def visit_quote_view(price: VisitQuote) -> Json:
    """What cancelling would cost."""
    return {**quote_view(price), "returns_car": price.returns_car}


def visit_cancellation_view(booking: VisitBooking, context: ViewContext, *, money: bool) -> Json | None:
    """How the visit was cancelled."""
    shown, done = cancellation_view(booking, context, money=money), booking.cancellation
    return {**shown, "returns_car": done.returns_car} if shown and done else None


def line_view(line: Line, *, money: bool) -> Json:
    """A service of the visit."""

    def shown(amount: Paise | None) -> str | None:
        return rupees(amount) if money and amount is not None else None

    return {
        "service_id": line.service_id,
        "title": line.title,
        "quantity": line.quantity,
        "origin": str(line.origin),
        "estimate": shown(line.estimate),
        "quote": shown(line.quote),
        "price": shown(line.price),
        "state": str(line.state),
    }


def analysis_view(booking: VisitBooking, role: str) -> Json | None:
    """What the mechanic found; the reason for sending it back is not for the customer."""
    analysis = booking.analysis
    if analysis is None:
        return None
    return {
        "id": analysis.id,
        "description": analysis.description,
        "recommendation": analysis.recommendation,
        "images": list(analysis.images),
        "mechanic_id": analysis.mechanic_id,
        "validated": analysis.validated,
        "sent_back": None if role == Role.CUSTOMER else analysis.sent_back,
        "at": when(analysis.at),
    }


def report_view(report: Report, role: str) -> Json:
    """A progress report."""
    return {
        "id": report.id,
        "service_ids": list(report.service_ids),
        "notes": report.notes,
        "images": list(report.images),
        "status": str(report.status),
        "updated_by": report.by.id,
        "validated": report.validated,
        "sent_back": None if role == Role.CUSTOMER else report.sent_back,
        "timestamp": when(report.at),
    }


def assignment_view(assignment: Assignment, context: ViewContext) -> Json:
    """A job given to a mechanic."""
    mechanic = context.person(assignment.mechanic.id)
    return {
        "id": assignment.id,
        "type": str(assignment.job),
        "mechanic": {"id": mechanic.id, "name": mechanic.name, "photo": mechanic.photo},
        "active": assignment.active,
        "note": assignment.note,
        "at": when(assignment.at),
    }
