"""A progress report as it is answered: the printed keys first, then what is useful."""

from typing import Any

from domain.people import Actor
from kinds.vehicle_service.domain.parts import Report
from kinds.vehicle_service.domain.visit import VisitBooking

Json = dict[str, Any]


def as_report(booking: VisitBooking, shape: Json, report_id: int) -> Json:
    """The report of that id, as it stands in the booking's shape."""
    shown: Json = next((report for report in shape["progress"] if report["id"] == report_id), {})
    return {
        "id": report_id,
        "booking_id": booking.id,
        **{key: value for key, value in shown.items() if key != "id"},
        "booking_status": shape["status"],
        "version": shape["version"],
        "waiting_for": shape["waiting_for"],
        "allowed_actions": shape["allowed_actions"],
    }


def newest_by(booking: VisitBooking, person: Actor) -> Report:
    """The report that this person posted last."""
    return next(report for report in reversed(booking.reports) if report.by.id == person.id)
