"""The vehicle service as the engine knows it: the table of contents of this folder."""

from domain.billing.document_terms import DocumentSubject, LegDescription, SubjectLine
from domain.booking import Address
from domain.kind import BookingKind
from domain.people import Actor
from kinds.vehicle_service.domain.commands import Cancel
from kinds.vehicle_service.domain.deadlines import deadlines
from kinds.vehicle_service.domain.emails import EMAILS, email_facts, emails_for
from kinds.vehicle_service.domain.lifecycle import LIFECYCLE
from kinds.vehicle_service.domain.limits import LIMITS
from kinds.vehicle_service.domain.orders import already_done, expects, order_for
from kinds.vehicle_service.domain.participants import participants
from kinds.vehicle_service.domain.pricing import FEE, SERVICE_LEG, charges, sac_of
from kinds.vehicle_service.domain.reservations import reservations
from kinds.vehicle_service.domain.roles import ROLES
from kinds.vehicle_service.domain.rules import RULES
from kinds.vehicle_service.domain.ui import UI
from kinds.vehicle_service.domain.views.detail import HIDDEN_NOTES, summary, view
from kinds.vehicle_service.domain.visit import KIND, VisitBooking
from kinds.vehicle_service.domain.waiting import attention, waiting
from kinds.vehicle_service.domain.wishes import leaves_open, with_slots


def _work_is_done(booking: VisitBooking) -> bool:
    return not booking.with_us


def _cancel(actor: Actor, reason: str) -> Cancel:
    return Cancel(actor, reason)


def _leg(booking: VisitBooking, name: str) -> LegDescription:
    return LegDescription("Vehicle service" if name == SERVICE_LEG else FEE, sac_of(booking))


def _billing_address(booking: VisitBooking) -> Address | None:
    """Where the car was fetched, else the one on record."""
    return booking.pickup.address or booking.customer.address


def _document_subject(booking: VisitBooking) -> DocumentSubject:
    vehicle = booking.vehicle
    lines = (
        SubjectLine("vehicle", f"{vehicle.manufacturer} {vehicle.model}"),
        SubjectLine("registration_number", vehicle.registration_number, "Registration"),
    )
    return DocumentSubject("Vehicle", lines)


VEHICLE_SERVICE: BookingKind[VisitBooking] = BookingKind(
    name=KIND,
    state=VisitBooking,
    workflow="VehicleServiceWorkflow",
    roles=ROLES,
    lifecycle=LIFECYCLE,
    rules=RULES,
    work_is_done=_work_is_done,
    cancel=_cancel,
    waiting=waiting,
    deadlines=deadlines,
    charges=charges,
    leg=_leg,
    view=view,
    summary=summary,
    ui=UI,
    limits=LIMITS,
    already_done=already_done,
    order_for=order_for,
    expects=expects,
    participants=participants,
    reservations=reservations,
    leaves_open=leaves_open,
    with_found=with_slots,
    attention=attention,
    hidden_notes=HIDDEN_NOTES,
    emails=EMAILS,
    emails_for=emails_for,
    email_facts=email_facts,
    billing_address=_billing_address,
    document_subject=_document_subject,
)
