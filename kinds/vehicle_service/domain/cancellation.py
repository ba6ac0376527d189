"""What cancelling a visit costs: one pure function for the quote and for the cancellation itself."""

from dataclasses import dataclass
from decimal import Decimal

from domain.billing.cancellation import CancellationQuote, quote, rate_of
from domain.money import Paise
from kinds.vehicle_service.domain.lifecycle import LIFECYCLE, Action, VisitStatus
from kinds.vehicle_service.domain.parts import LineStatus
from kinds.vehicle_service.domain.visit import VisitBooking

_FREE = frozenset({VisitStatus.BOOKED, VisitStatus.PICKUP})


@dataclass(frozen=True, slots=True)
class VisitQuote(CancellationQuote):
    """What cancelling a visit costs; ``returns_car``: the car is with us and has to go home."""

    returns_car: bool = False


def cancellation_quote(booking: VisitBooking, percent: Decimal | None = None) -> VisitQuote:
    """The price of cancelling now. ``percent``: the GST of the moment, used only while none is agreed on."""
    if (booking.status, Action.CANCEL) not in LIFECYCLE.transitions:
        return VisitQuote(0, 0, 0, allowed=False, reason=f"the booking is {booking.status}")
    price = quote(booking, _fee(booking), rate_of(booking, percent))
    return VisitQuote(price.fee, price.gst_on_fee, price.refund, allowed=True, returns_car=booking.with_us)


def _fee(booking: VisitBooking) -> Paise:
    if booking.status in _FREE:
        return 0
    done = sum(line.amount for line in booking.lines if line.state is LineStatus.DONE)
    return max(booking.policy.inspection_fee, done)
