"""What a visit costs: its lines, or the fee once it is cancelled."""

from collections.abc import Sequence

from domain.billing.totals import Charge, Totals, price
from domain.money import Paise
from kinds.vehicle_service.domain.parts import Line
from kinds.vehicle_service.domain.visit import VisitBooking

SERVICE_LEG, FEE_LEG = "service", "fee"
REPAIR_OF_VEHICLES = "998714"
"""The service accounting code of maintenance and repair of motor vehicles."""
FEE = "Inspection and cancellation fee"


def charges(booking: VisitBooking) -> tuple[Charge, ...]:
    """What has to be paid for now."""
    if booking.cancellation is None:
        return tuple(charge_of(line) for line in booking.kept_lines)
    return (Charge(FEE_LEG, FEE, sac_of(booking), 1, booking.cancellation.fee),) if booking.cancellation.fee else ()


def sac_of(booking: VisitBooking) -> str:
    """The service accounting code of what is not a line of its own."""
    return booking.lines[0].sac if booking.lines else REPAIR_OF_VEHICLES


def charge_of(line: Line) -> Charge:
    """A line as it is paid for."""
    return Charge(SERVICE_LEG, line.title, line.sac, line.quantity, line.unit)


def totals(booking: VisitBooking) -> Totals:
    """What the visit costs now."""
    return price(charges(booking), booking)


def of_lines(lines: Sequence[Line], booking: VisitBooking) -> Paise:
    """What these lines would cost in all: the amount of an order."""
    return price([charge_of(line) for line in lines], booking).total


def is_paid(booking: VisitBooking) -> bool:
    """Nothing is left to collect."""
    return totals(booking).due == 0
