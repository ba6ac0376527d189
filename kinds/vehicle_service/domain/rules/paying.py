"""Money of a visit: the customer's choice, orders, captured payments and cash."""

from collections.abc import Iterable
from datetime import datetime

from domain.billing.orders import SMALLEST_ORDER, open_order, order_row, record_cash, supersede_orders, take_order
from domain.billing.provider import PaymentStatus, ProviderOrder
from domain.billing.records import Method, Payment
from domain.commands import LapseOrder, TakePayment
from domain.errors import AmountMismatch, Invalid
from domain.lifecycle import Transition, refusal
from domain.money import Paise, rupees
from kinds.vehicle_service.domain.commands import ChooseCash, ConfirmServices, RefusePayment, VerifyCash
from kinds.vehicle_service.domain.lifecycle import LIFECYCLE, Action, VisitStatus
from kinds.vehicle_service.domain.parts import Job, LineStatus
from kinds.vehicle_service.domain.pricing import FEE_LEG, SERVICE_LEG, of_lines, totals
from kinds.vehicle_service.domain.roles import Role
from kinds.vehicle_service.domain.rules.mechanics import must_be_assigned
from kinds.vehicle_service.domain.visit import VisitBooking


def confirm(booking: VisitBooking, command: ConfirmServices, now: datetime) -> Transition:
    """The customer's choice. Cash is agreed at once, and what costs nothing (warranty, goodwill) as well.

    An online choice needs its order, and is only checked without.
    """
    amount = chosen_amount(booking, command)
    action, role = Action.CONFIRM_SERVICES, command.actor.role
    if amount == 0 or command.method is Method.OFFLINE:
        to = LIFECYCLE.after(booking.status, action, role, VisitStatus.IN_PROGRESS)
        return Transition(action, to, _agree(booking, command.method, command.service_ids, amount, now))
    if amount < SMALLEST_ORDER:
        raise Invalid(f"an online payment must be at least {rupees(SMALLEST_ORDER)}")
    if command.order is not None:
        _open_order(booking, command.order, amount, command.service_ids, now)
    return LIFECYCLE.transition(booking, action, command.actor, "online payment")


def chosen_amount(booking: VisitBooking, command: ConfirmServices) -> Paise:
    """What the chosen lines cost in all: the amount of the order.

    Raises:
        ActionNotAllowed: the estimate is not there, or no longer.
        Invalid: the lines are not of this booking, or none was chosen.
    """
    LIFECYCLE.after(booking.status, Action.CONFIRM_SERVICES, command.actor.role)
    if booking.analysis is None or not booking.analysis.validated:
        raise refusal(booking, Action.CONFIRM_SERVICES, "the estimate is not validated yet")
    if not command.service_ids:
        raise Invalid("choose at least one service, or cancel the booking")
    if unknown := set(command.service_ids) - {line.service_id for line in booking.lines}:
        raise Invalid(f"services {sorted(unknown)} are not on this booking", services=sorted(unknown))
    return of_lines(booking.lines_of(command.service_ids), booking)


def matching_order(booking: VisitBooking, command: ConfirmServices) -> Payment | None:
    """The open order that already stands for this very choice."""
    order = booking.live_order()
    if order and command.method is Method.ONLINE and set(order.service_ids) == set(command.service_ids):
        return order
    return None


def choose_cash(booking: VisitBooking, command: ChooseCash, now: datetime) -> Transition:
    """The customer takes cash for the lines on the table; at the door it opens the collection instead."""
    if booking.status is not VisitStatus.ANALYSED:
        return _open_collection(booking, command, now)
    to = LIFECYCLE.after(booking.status, Action.CHOOSE_CASH, command.actor.role)
    service_ids = cash_lines(booking)
    amount = chosen_amount(booking, ConfirmServices(command.actor, service_ids, Method.OFFLINE))
    return Transition(Action.CHOOSE_CASH, to, _agree(booking, Method.OFFLINE, service_ids, amount, now))


def cash_lines(booking: VisitBooking) -> tuple[int, ...]:
    """The lines that cash without a list means: those chosen for an order before, else the requested ones."""
    chosen = next((p.service_ids for p in reversed(booking.payments) if p.service_ids), ())
    return chosen or tuple(line.service_id for line in booking.lines if line.origin == "requested")


def take_payment(booking: VisitBooking, command: TakePayment, now: datetime) -> Transition:
    """Captured money confirms the lines it was asked for, and work can begin."""
    to = LIFECYCLE.after(booking.status, Action.PAY, command.actor.role)
    payment = order_row(booking, command.payment.order_id)
    if not is_wanted(booking, payment):
        raise refusal(booking, Action.PAY, "this money is not what the booking waits for")
    take_order(booking, command.payment, now)
    if booking.status is VisitStatus.ANALYSED:
        _choose_lines(booking, payment.service_ids, LineStatus.CONFIRMED)
    else:
        _stop_waiting_for_cash(booking)
    return Transition(Action.PAY, to, f"{rupees(payment.amount)} received online")


def is_wanted(booking: VisitBooking, payment: Payment) -> bool:
    """The booking still waits for the money of this order, also when its window is over."""
    if not payment.payable:
        return False
    if booking.status is VisitStatus.ANALYSED:
        return payment.amount == of_lines(booking.lines_of(payment.service_ids), booking)
    return booking.collection_open and payment.amount == totals(booking).due


def lapse(booking: VisitBooking, command: LapseOrder, now: datetime) -> Transition:
    """The payment window is over; the customer may confirm again until the decision deadline."""
    lapsed = LIFECYCLE.transition(booking, Action.EXPIRE, command.actor, "the payment window is over")
    order_row(booking, command.order_id).status = PaymentStatus.FAILED
    return lapsed


def verify_cash(booking: VisitBooking, command: VerifyCash, now: datetime) -> Transition:
    """Cash counts only when it equals the amount due, to the paisa."""
    to = LIFECYCLE.after(booking.status, Action.VERIFY_CASH, command.actor.role)
    must_be_assigned(booking, command.actor, Action.VERIFY_CASH, Job.DROP)
    due = totals(booking).due
    if due == 0:
        raise refusal(booking, Action.VERIFY_CASH, "nothing is due on this booking")
    if command.amount != due:
        raise AmountMismatch(f"{rupees(command.amount)} was collected, {rupees(due)} is due", due=rupees(due))
    record_cash(booking, _charge_leg(booking), due, command.actor, now)
    booking.collection_open, booking.payment_refused = False, None
    return Transition(Action.VERIFY_CASH, to, f"{rupees(due)} received in cash")


def refuse_payment(booking: VisitBooking, command: RefusePayment, now: datetime) -> Transition:
    """The car stays with the mechanic and an admin is asked; it can still be paid, in cash or online."""
    to = LIFECYCLE.after(booking.status, Action.REFUSE_PAYMENT, command.actor.role)
    must_be_assigned(booking, command.actor, Action.REFUSE_PAYMENT, Job.DROP)
    due = totals(booking).due
    if due == 0:
        raise refusal(booking, Action.REFUSE_PAYMENT, "nothing is due on this booking")
    booking.payment_refused = command.reason or "no reason was given"
    return Transition(Action.REFUSE_PAYMENT, to, f"{rupees(due)} was not paid at the door: {booking.payment_refused}")


def _open_order(
    booking: VisitBooking, order: ProviderOrder, amount: Paise, service_ids: tuple[int, ...], now: datetime
) -> None:
    """Other orders are superseded, lines that were not chosen are declined."""
    until = now + booking.policy.payment_window
    expires_at = min(until, booking.decision_until) if booking.decision_until else until
    open_order(booking, SERVICE_LEG, order, amount, now, expires_at=expires_at, service_ids=service_ids)
    booking.method = Method.ONLINE
    _choose_lines(booking, service_ids, LineStatus.QUOTED)


def _open_collection(booking: VisitBooking, command: ChooseCash, now: datetime) -> Transition:
    to = LIFECYCLE.after(booking.status, Action.OPEN_COLLECTION, command.actor.role)
    if command.actor.role == Role.MECHANIC:
        must_be_assigned(booking, command.actor, Action.OPEN_COLLECTION, Job.DROP)
    due = totals(booking).due
    if due == 0:
        raise refusal(booking, Action.OPEN_COLLECTION, "nothing is due on this booking")
    booking.collection_open = True
    if command.order is not None:
        # The customer may pay it instead of cash; it stays open until either is paid.
        open_order(booking, _charge_leg(booking), command.order, due, now)
    return Transition(Action.OPEN_COLLECTION, to, f"{rupees(due)} to collect")


def _stop_waiting_for_cash(booking: VisitBooking) -> None:
    """Paid online at the door: no cash is waited for any more."""
    booking.collection_open, booking.payment_refused = False, None
    for payment in booking.payments:
        if payment.method is Method.OFFLINE and payment.status is PaymentStatus.PENDING:
            payment.superseded, payment.status = True, PaymentStatus.FAILED


def _charge_leg(booking: VisitBooking) -> str:
    return FEE_LEG if booking.status is VisitStatus.CANCELLED else SERVICE_LEG


def _agree(booking: VisitBooking, method: Method, service_ids: tuple[int, ...], amount: Paise, now: datetime) -> str:
    """The lines are confirmed; what they cost is collected on delivery. The note says so."""
    supersede_orders(booking)
    booking.method = method
    _choose_lines(booking, service_ids, LineStatus.CONFIRMED)
    if amount == 0:
        return "nothing to pay"
    booking.payments.append(
        Payment(
            booking.next_child(),
            SERVICE_LEG,
            Method.OFFLINE,
            amount,
            PaymentStatus.PENDING,
            now,
            service_ids=service_ids,
        )
    )
    return "cash on delivery"


def _choose_lines(booking: VisitBooking, service_ids: Iterable[int], status: LineStatus) -> None:
    chosen = set(service_ids)
    for line in booking.lines:
        line.state = status if line.service_id in chosen else LineStatus.DECLINED
        line.price = line.quote if status is LineStatus.CONFIRMED and line.service_id in chosen else None
