"""What each command makes of a table reservation."""

from datetime import datetime

from domain.billing.orders import close_orders, open_order, record_cash, take_order
from domain.billing.records import Cancellation
from domain.billing.refunds import refund_up_to
from domain.billing.totals import Charge, paid, price
from domain.commands import TakePayment
from domain.lifecycle import Transition, refusal
from domain.money import Paise
from tests.kinds.table_reservation.domain import booking as commands
from tests.kinds.table_reservation.domain.booking import LIFECYCLE, Status, TableBooking

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


def pay_deposit(booking: TableBooking, command: commands.PayDeposit, now: datetime) -> Transition:
    if not due(booking):
        raise refusal(booking, "pay-deposit", "no deposit is due")
    if command.order is not None:
        open_order(booking, "deposit", command.order, due(booking), now)
    return LIFECYCLE.transition(booking, "pay-deposit", command.actor)


def take(booking: TableBooking, command: TakePayment, now: datetime) -> Transition:
    take_order(booking, command.payment, now)
    return LIFECYCLE.transition(booking, "pay", command.actor)


def hand_over(booking: TableBooking, command: commands.HandOver, now: datetime) -> Transition:
    booking.former_guests.append(booking.customer.id)
    booking.customer = command.guest
    return LIFECYCLE.transition(booking, "hand-over", command.actor)


def seat(booking: TableBooking, command: commands.Seat, now: datetime) -> Transition:
    return LIFECYCLE.transition(booking, "seat", command.actor)


def bill(booking: TableBooking, command: commands.Bill, now: datetime) -> Transition:
    billed = LIFECYCLE.transition(booking, "bill", command.actor)
    close_orders(booking)
    booking.bill, booking.completed_at = command.amount, now
    refund_up_to(booking, paid(booking) - price(charges(booking), booking).total, "the deposit was more", now)
    if rest := due(booking):
        record_cash(booking, "meal", rest, command.actor, now)
    return billed


def cancel(booking: TableBooking, command: commands.Cancel, now: datetime) -> Transition:
    cancelled, back = LIFECYCLE.transition(booking, "cancel", command.actor, command.reason), paid(booking)
    booking.cancellation = Cancellation(0, 0, back, command.reason, command.actor, now)
    close_orders(booking)
    refund_up_to(booking, back, command.reason, now)
    return cancelled


def miss(booking: TableBooking, command: commands.Miss, now: datetime) -> Transition:
    close_orders(booking)
    return LIFECYCLE.transition(booking, "miss", command.actor)


RULES = {
    commands.PayDeposit: pay_deposit,
    TakePayment: take,
    commands.HandOver: hand_over,
    commands.Seat: seat,
    commands.Bill: bill,
    commands.Cancel: cancel,
    commands.Miss: miss,
}
