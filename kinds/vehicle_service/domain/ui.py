"""What an admin reads in the Temporal UI about one booking, as Markdown."""

from datetime import datetime
from zoneinfo import ZoneInfo

from domain.money import rupees
from kinds.vehicle_service.domain.lifecycle import State
from kinds.vehicle_service.domain.pricing import totals
from kinds.vehicle_service.domain.view import reasons_for_attention
from kinds.vehicle_service.domain.visit import VisitBooking
from kinds.vehicle_service.domain.waiting import needs_attention, waiting_for

_BAR = (
    State.BOOKED,
    State.PICKUP,
    State.RECEIVED,
    State.ANALYSIS,
    State.ANALYSED,
    State.IN_PROGRESS,
    State.COMPLETED,
    State.OUT_FOR_DELIVERY,
    State.DELIVERED,
)


def static_summary(booking: VisitBooking) -> str:
    """One line that never changes: what came in, for which slot."""
    vehicle = booking.vehicle
    services = ", ".join(line.title for line in booking.lines)
    slot = f"{booking.pickup.date:%d %b %Y} {booking.pickup.timeslot.name}"
    return f"{vehicle.manufacturer} {vehicle.model} {vehicle.registration_number} · {services} · {slot}"[:200]


def static_details(booking: VisitBooking) -> str:
    """The lines that never change, for the top of the workflow's page."""
    lines = [f"**{line.title}** x {line.quantity}" for line in booking.lines]
    how = "walk-in" if booking.walk_in else "doorstep pickup"
    return f"Booking {booking.id} of {booking.customer.id}, {how}\n\n" + "\n".join(f"- {line}" for line in lines)


def details(booking: VisitBooking) -> str:
    """What it waits for, until when, then what; who works on it; where the money stands; what happened last."""
    parts = [stage_bar(booking), f"### {waiting_sentence(booking)}"]
    if needs_attention(booking):
        parts.append("**Needs attention.** " + "; ".join(reasons_for_attention(booking)))
    parts.append(_people(booking))
    parts.append(_money(booking))
    parts.append("\n".join(_last_events(booking)))
    return "\n\n".join(part for part in parts if part)


def stage_bar(booking: VisitBooking) -> str:
    """The journey with a mark at today's stage."""
    if booking.status is State.CANCELLED:
        return "**cancelled**" + (" · the car is still with us" if booking.with_us else "")
    return " → ".join(f"**[{state}]**" if state is booking.status else str(state) for state in _BAR)


def waiting_sentence(booking: VisitBooking) -> str:
    """The wait in one sentence."""
    waiting = waiting_for(booking)
    if waiting is None:
        return "Closed: nothing is left to do."
    until = f" until {_local(booking, waiting.until)}" if waiting.until else ""
    then = f"; then {waiting.then}" if waiting.then else ""
    return f"Waiting for the {waiting.who} {waiting.what}{until}{then}."


def _people(booking: VisitBooking) -> str:
    at_work = booking.active()
    return f"Mechanic: {at_work.mechanic.name} ({at_work.mechanic.id}), {at_work.job}" if at_work else "Mechanic: none"


def _money(booking: VisitBooking) -> str:
    amounts = totals(booking)
    method = f", {booking.method}" if booking.method else ""
    return (
        f"Money: total {rupees(amounts.total)}, paid {rupees(amounts.paid)}, refunded {rupees(amounts.refunded)}, "
        f"due {rupees(amounts.due)}{method}"
    )


def _last_events(booking: VisitBooking) -> list[str]:
    return [
        f"- {event.version}. {_local(booking, event.at)} **{event.action}** by {event.by.name}"
        + (f": {event.note}" if event.note else "")
        for event in reversed(booking.recent)
    ]


def _local(booking: VisitBooking, moment: datetime) -> str:
    return moment.astimezone(ZoneInfo(booking.policy.timezone)).strftime("%d %b %H:%M")
