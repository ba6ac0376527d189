"""The rows of a visit: its detail, and the children that lists and histories read."""

from collections.abc import Iterable

from adapters.postgres.row_sets import Json, RowSet
from kinds.vehicle_service.domain.visit import VisitBooking
from kinds.vehicle_service.postgres.tables.visits import (
    BookedService,
    BookingAssignment,
    BookingProgress,
    MechanicScore,
    Visit,
)


def _visit(booking: VisitBooking) -> Iterable[Json]:
    at_work = booking.active()
    yield {
        "vehicle_id": booking.vehicle.id,
        "mechanic_id": at_work.mechanic.id if at_work else None,
        "pickup_date": booking.pickup.date,
        "pickup_timeslot_id": booking.pickup.timeslot.id,
        "drop_date": booking.drop.date,
        "drop_timeslot_id": booking.drop.timeslot.id,
        "vehicle_in_use": booking.vehicle_in_use,
    }


def _services(booking: VisitBooking) -> Iterable[Json]:
    for line in booking.lines:
        yield {
            "service_id": line.service_id,
            "quantity": line.quantity,
            "origin": line.origin,
            "estimate": line.estimate,
            "quote": line.quote,
            "price": line.price,
            "state": line.state,
        }


def _assignments(booking: VisitBooking) -> Iterable[Json]:
    for job in booking.assignments:
        yield {
            "number": job.number,
            "mechanic_id": job.mechanic.id,
            "type": job.job,
            "active": job.active,
            "replaced": job.replaced,
            "note": job.note,
            "at": job.at,
        }


def _progress(booking: VisitBooking) -> Iterable[Json]:
    for report in booking.reports:
        yield {
            "number": report.number,
            "updated_by": report.by.id,
            "status": report.status,
            "notes": report.notes,
            "images": report.images,
            "service_ids": report.service_ids,
            "validated": report.validated,
            "sent_back": report.sent_back,
            "at": report.at,
        }


def _scores(booking: VisitBooking) -> Iterable[Json]:
    for award in booking.awards:
        yield {"what": award.what, "mechanic_id": award.mechanic_id, "points": award.points}


DETAIL = RowSet[VisitBooking](Visit, (), _visit)
CHILDREN = (
    RowSet[VisitBooking](BookedService, ("service_id",), _services),
    RowSet[VisitBooking](BookingAssignment, ("number",), _assignments),
    RowSet[VisitBooking](BookingProgress, ("number",), _progress),
    RowSet[VisitBooking](MechanicScore, ("what",), _scores),
)
