"""What each command makes of a table reservation."""

from datetime import datetime

from domain.billing.orders import close_orders, order_row
from domain.billing.provider import PaymentStatus
from domain.billing.records import Cancellation, Method, Payment
from domain.billing.refunds import refund_up_to
from domain.billing.totals import Charge, paid, price
from domain.commands import Command, TakePayment
from domain.lifecycle import Transition, refusal
from domain.money import Paise
from tests.kinds.table_reservation.domain.booking import (
    LIFECYCLE,
    Bill,
    Cancel,
    HandOver,
    Miss,
    PayDeposit,
    Seat,
    Status,
    TableBooking,
)  # fmt: skip

RESTAURANT = "996331"


def charges(booking: TableBooking) -> tuple[Charge, ...]:
    """The deposit, and what the bill is above it. One that nobody paid is asked for until the guests sit down."""
    asked_for = booking.status == Status.RESERVED or paid(booking)
    deposit = booking.deposit if asked_for and booking.cancellation is None else 0
    bill = deposit if booking.bill is None else booking.bill
    amounts = {"deposit": min(deposit, bill), "meal": max(0, bill - deposit)}
    return tuple(Charge(leg, leg.title(), RESTAURANT, 1, amount) for leg, amount in amounts.items() if amount)


def due(booking: TableBooking) -> Paise:
    return price(charges(booking), booking).due


def pay_deposit(booking: TableBooking, command: PayDeposit, now: datetime) -> Transition:
    if not due(booking):
        raise refusal(booking, "pay-deposit", "no deposit is due")
    if command.order is not None:
        row = Payment(booking.next_child(), "deposit", Method.ONLINE, command.order.amount, PaymentStatus.PENDING, now)
        row.order_id = command.order.order_id
        booking.payments.append(row)
    return _moved(booking, "pay-deposit", command)


def take(booking: TableBooking, command: TakePayment, now: datetime) -> Transition:
    row, booking.method = order_row(booking, command.payment.order_id), Method.ONLINE
    row.status, row.payment_id, row.captured_at = PaymentStatus.SUCCESS, command.payment.payment_id, now
    return _moved(booking, "pay", command)


def hand_over(booking: TableBooking, command: HandOver, now: datetime) -> Transition:
    booking.former_guests.append(booking.customer.id)
    booking.customer = command.guest
    return _moved(booking, "hand-over", command)


def seat(booking: TableBooking, command: Seat, now: datetime) -> Transition:
    return _moved(booking, "seat", command)


def bill(booking: TableBooking, command: Bill, now: datetime) -> Transition:
    moved = _moved(booking, "bill", command)
    close_orders(booking)
    booking.bill, booking.completed_at = command.amount, now
    refund_up_to(booking, paid(booking) - price(charges(booking), booking).total, "the deposit was more", now)
    if rest := due(booking):
        row = Payment(booking.next_child(), "meal", Method.OFFLINE, rest, PaymentStatus.SUCCESS, now)
        row.captured_at, row.collected_by = now, command.actor.id
        booking.payments.append(row)
    return moved


def cancel(booking: TableBooking, command: Cancel, now: datetime) -> Transition:
    moved, back = _moved(booking, "cancel", command), paid(booking)
    booking.cancellation = Cancellation(0, 0, back, command.reason, command.actor, now)
    close_orders(booking)
    refund_up_to(booking, back, command.reason, now)
    return moved


def miss(booking: TableBooking, command: Miss, now: datetime) -> Transition:
    close_orders(booking)
    return _moved(booking, "miss", command)


def _moved(booking: TableBooking, action: str, command: Command) -> Transition:
    return Transition(action, LIFECYCLE.after(Status(booking.status), action, command.actor.role))


RULES = {
    PayDeposit: pay_deposit, TakePayment: take, HandOver: hand_over, Seat: seat, Bill: bill, Cancel: cancel, Miss: miss
}  # fmt: skip
