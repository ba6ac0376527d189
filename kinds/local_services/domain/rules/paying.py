"""Money that comes: asked for by an order, taken once it is captured."""

from datetime import datetime

from domain.billing.orders import open_order, order_row, take_order
from domain.billing.records import Payment
from domain.commands import Command, TakePayment
from domain.kind import Expectation, OrderRequest
from domain.lifecycle import Transition, refusal
from domain.money import rupees
from kinds.local_services.domain.booking import ServiceBooking, Status
from kinds.local_services.domain.commands import PayIntent
from kinds.local_services.domain.lifecycle import Action
from kinds.local_services.domain.money import SERVICE_LEG, paid_with
from kinds.local_services.domain.rules.common import granted
from kinds.local_services.domain.windows import pay_until


def pay_intent(booking: ServiceBooking, command: PayIntent, now: datetime) -> Transition:
    """The requester is about to pay: an order is made, and stands until the payment window is over."""
    asked = granted(booking, Action.PAY_INTENT, command.actor)
    if paid_with(booking) is not None:
        raise refusal(booking, Action.PAY_INTENT, "the booking is paid already")
    until = pay_until(booking)
    if now >= until:
        raise refusal(booking, Action.PAY_INTENT, "the time to pay is over")
    if command.order is not None:
        open_order(booking, SERVICE_LEG, command.order, booking.total or 0, now, expires_at=until)
    return asked


def order_for(booking: ServiceBooking, command: Command) -> OrderRequest | None:
    """The price is paid at once."""
    return OrderRequest(booking.total or 0) if isinstance(command, PayIntent) else None


def already_done(booking: ServiceBooking, command: Command) -> bool:
    """Whoever asks again gets the same order while it stands."""
    if not isinstance(command, PayIntent) or booking.status != Status.ACCEPTED:
        return False
    return command.actor.id == booking.requester and booking.live_order() is not None


def take_payment(booking: ServiceBooking, command: TakePayment, now: datetime) -> Transition:
    """The price came in."""
    paid = granted(booking, Action.PAY, command.actor, f"{rupees(command.payment.amount)} received")
    if not _is_wanted(booking, order_row(booking, command.payment.order_id)):
        raise refusal(booking, Action.PAY, "this money is not what the booking waits for")
    take_order(booking, command.payment, now)
    return paid


def expects(booking: ServiceBooking, payment: Payment) -> Expectation:
    """Money that comes when nothing is waited for goes back whole."""
    return Expectation.TAKE if _is_wanted(booking, payment) else Expectation.SEND_BACK


def _is_wanted(booking: ServiceBooking, payment: Payment) -> bool:
    waits = booking.status == Status.ACCEPTED and paid_with(booking) is None
    return waits and payment.payable and payment.amount == booking.total
