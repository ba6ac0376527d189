"""What the Temporal UI can search by: names and types of the search attributes; no personal data.

The names are fixed, saved searches use them; the SQL visibility stores allow three each of Int, Double, Bool and
Datetime and ten Keywords.
"""

from datetime import datetime

from domain.billing.provider import PaymentStatus
from domain.deadlines import open_deadlines
from kinds.vehicle_service.domain.deadlines import deadlines
from kinds.vehicle_service.domain.pricing import totals
from kinds.vehicle_service.domain.visit import KIND, VisitBooking
from kinds.vehicle_service.domain.waiting import needs_attention

SEARCH_ATTRIBUTES: dict[str, str] = {
    "BookingStage": "Keyword",
    "BookingCustomer": "Keyword",
    "BookingMechanic": "Keyword",
    "PaymentStatus": "Keyword",
    "BookingKind": "Keyword",
    "SlotAt": "Datetime",
    "DeadlineAt": "Datetime",
    "AmountDue": "Int",
    "NeedsAttention": "Bool",
}

Value = str | int | bool | datetime


def search_attribute_values(booking: VisitBooking) -> dict[str, Value]:
    """The search attributes of a booking as it stands; what is not there has no key."""
    at_work = booking.active()
    open_ones = open_deadlines(deadlines(booking), booking.alerted) if booking.closed_at is None else []
    values: dict[str, Value] = {
        "BookingStage": str(booking.status),
        "BookingCustomer": booking.customer.id,
        "BookingKind": KIND,
        "PaymentStatus": _payment_status(booking),
        "SlotAt": booking.pickup.starts_at,
        "AmountDue": totals(booking).due,
        "NeedsAttention": needs_attention(booking),
    }
    if at_work is not None:
        values["BookingMechanic"] = at_work.mechanic.id
    if open_ones:
        values["DeadlineAt"] = open_ones[0].at
    return values


def _payment_status(booking: VisitBooking) -> str:
    kept = [payment.status for payment in booking.payments if not payment.spent]
    if PaymentStatus.SUCCESS in kept:
        return PaymentStatus.SUCCESS
    if PaymentStatus.PENDING in kept:
        return PaymentStatus.PENDING
    return PaymentStatus.FAILED if kept else "none"
