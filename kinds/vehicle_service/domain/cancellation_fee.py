"""The fee of cancelling a visit, and its quote: the preview and the cancellation itself ask the same function."""

from dataclasses import dataclass
from decimal import Decimal

from domain.billing.cancellation_quote import CancellationQuote, gst_rate_of_fee, quote_for
from domain.money import Paise
from kinds.vehicle_service.domain.lifecycle import LIFECYCLE, Action, VisitStatus
from kinds.vehicle_service.domain.parts import LineStatus
from kinds.vehicle_service.domain.visit import VisitBooking

_FREE = frozenset({VisitStatus.BOOKED, VisitStatus.PICKUP})


@dataclass(frozen=True, slots=True)
class VisitQuote(CancellationQuote):
    """What cancelling a visit costs; ``returns_car``: the car is with us and has to go home."""

    returns_car: bool = False


def cancellation_fee(booking: VisitBooking) -> Paise:
    """In paise without GST: 0 until the car is with us, then the inspection fee or the work done, whichever is more.

    Work counts as soon as a report names it: who cancels before an admin has looked at the report gets it no cheaper.
    A report that was sent back does not count.
    """
    if booking.status in _FREE:
        return 0
    reported = {service_id for report in booking.reports if report.open for service_id in report.service_ids}
    done = [line for line in booking.lines if line.state is LineStatus.DONE or line.service_id in reported]
    return max(booking.policy.inspection_fee, sum(line.amount for line in done))


def cancellation_quote(booking: VisitBooking, percent: Decimal | None = None) -> VisitQuote:
    """The price of cancelling now. ``percent``: the GST of the moment, used only while none is agreed on."""
    if (booking.status, Action.CANCEL) not in LIFECYCLE.transitions:
        return VisitQuote(0, 0, 0, allowed=False, reason=f"the booking is {booking.status}")
    price = quote_for(booking, cancellation_fee(booking), gst_rate_of_fee(booking, percent))
    return VisitQuote(price.fee, price.gst_on_fee, price.refund, allowed=True, returns_car=booking.with_us)
