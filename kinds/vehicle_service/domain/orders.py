"""Money that a command of a visit asks for, and what it makes of payments."""

from domain.billing.orders import SMALLEST_ORDER
from domain.billing.records import Method, Payment
from domain.commands import Command
from domain.kind import Expectation, OrderRequest
from kinds.vehicle_service.domain.commands import ChooseCash, ConfirmServices
from kinds.vehicle_service.domain.lifecycle import VisitStatus
from kinds.vehicle_service.domain.pricing import totals
from kinds.vehicle_service.domain.roles import Role
from kinds.vehicle_service.domain.rules.paying import chosen_amount, is_wanted, matching_order
from kinds.vehicle_service.domain.visit import VisitBooking

_CASH_AGREED = (VisitStatus.IN_PROGRESS, VisitStatus.COMPLETED, VisitStatus.OUT_FOR_DELIVERY)


def already_done(booking: VisitBooking, command: Command) -> bool:
    """The booking is as the command wants it: repeating it is no refusal."""
    match command:
        case ConfirmServices():
            return matching_order(booking, command) is not None
        case ChooseCash(actor=actor) if actor.role != Role.CUSTOMER:
            small = totals(booking).due < SMALLEST_ORDER
            return booking.collection_open and (small or booking.live_order() is not None)
        case ChooseCash():
            return booking.method is Method.OFFLINE and booking.status in _CASH_AGREED
        case _:
            return False


def order_for(booking: VisitBooking, command: Command) -> OrderRequest | None:
    """An online choice that costs anything needs an order; at the door one is offered beside cash."""
    match command:
        case ConfirmServices(method=Method.ONLINE):
            amount = chosen_amount(booking, command)
            return OrderRequest(amount) if amount else None
        case ChooseCash(actor=actor) if actor.role != Role.CUSTOMER and booking.status != VisitStatus.ANALYSED:
            due = totals(booking).due
            return OrderRequest(due, optional=True) if due >= SMALLEST_ORDER else None
        case _:
            return None


def expects(booking: VisitBooking, payment: Payment) -> Expectation:
    """What to do with the money of a payment that was asked for."""
    return Expectation.TAKE if is_wanted(booking, payment) else Expectation.SEND_BACK
