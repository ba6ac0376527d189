"""When a car should come again: some months after each service that was done."""

from dataclasses import dataclass
from datetime import datetime

from domain.emails import BookingEmail
from kinds.vehicle_service.domain.emails import BookingEmailSlug
from kinds.vehicle_service.domain.visit import KIND

MONTHS_WITHOUT_WARRANTY = 6
"""When to remind of a service that has no warranty; of any other when its warranty ends."""


@dataclass(frozen=True, slots=True)
class DueService:
    """What was done ``months`` ago on one visit and is due again; ``delivered_on`` is local to the shop, in words."""

    booking_id: int
    months: int
    customer_id: str
    vehicle: str
    registration_number: str
    delivered_on: str
    services: tuple[str, ...]


def service_reminder(due: DueService, now: datetime) -> BookingEmail:
    """The mail; its sequence is the number of months, so that a visit has one for each of its terms."""
    facts = {
        "vehicle": due.vehicle,
        "registration_number": due.registration_number,
        "status": "delivered",
        "delivered_on": due.delivered_on,
        "months": str(due.months),
        "services": ", ".join(due.services),
    }
    return BookingEmail(
        due.booking_id,
        BookingEmailSlug.SERVICE_REMINDER,
        due.months,
        now,
        facts,
        person_id=due.customer_id,
        kind=KIND,
    )
