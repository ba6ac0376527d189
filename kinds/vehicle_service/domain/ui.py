"""What an admin reads in the Temporal UI about one visit."""

from datetime import datetime

from domain.ui_texts import UiTexts
from kinds.vehicle_service.domain.lifecycle import VisitStatus
from kinds.vehicle_service.domain.visit import VisitBooking

_STAGES = (
    VisitStatus.BOOKED,
    VisitStatus.PICKUP,
    VisitStatus.RECEIVED,
    VisitStatus.ANALYSIS,
    VisitStatus.ANALYSED,
    VisitStatus.IN_PROGRESS,
    VisitStatus.COMPLETED,
    VisitStatus.OUT_FOR_DELIVERY,
    VisitStatus.DELIVERED,
)


def static_summary(booking: VisitBooking) -> str:
    """One line that never changes: what came in, for which slot; for the next free one, where that was left open."""
    vehicle = booking.vehicle
    services = ", ".join(line.title for line in booking.lines)
    slot = f"{booking.pickup.date:%d %b %Y} {booking.pickup.timeslot.name}"
    if booking.wish is not None and None in (booking.wish.pickup_date, booking.wish.pickup_slot):
        slot = "the next free slot"
    return f"{vehicle.manufacturer} {vehicle.model} {vehicle.registration_number} · {services} · {slot}"[:200]


def static_details(booking: VisitBooking) -> str:
    """The lines that never change, for the top of the workflow's page."""
    lines = [f"**{line.title}** x {line.quantity}" for line in booking.lines]
    how = "walk-in" if booking.walk_in else "doorstep pickup"
    return f"Booking {booking.id} of {booking.customer.id}, {how}\n\n" + "\n".join(f"- {line}" for line in lines)


def _assignee(booking: VisitBooking) -> tuple[str, str] | None:
    at_work = booking.active()
    if at_work is None:
        return None
    return at_work.mechanic.id, f"{at_work.mechanic.id}, {at_work.job}"


def _scheduled_at(booking: VisitBooking) -> datetime:
    return booking.pickup.starts_at


def _status_note(booking: VisitBooking) -> str:
    return " · the car is still with us" if booking.with_us else ""


UI = UiTexts(
    static_summary=static_summary,
    static_details=static_details,
    stages=_STAGES,
    assignee=_assignee,
    assignee_title="Mechanic",
    scheduled_at=_scheduled_at,
    status_note=_status_note,
)
