"""What each command makes of a table reservation."""

from datetime import datetime

from domain.billing.orders import close_orders, open_order, record_cash
from domain.billing.refunds import refund_up_to
from domain.billing.totals import Charge, paid, price
from domain.commands import Cancel
from domain.lifecycle import refusal
from domain.money import Paise
from domain.usual_rules import cancel_free_of_charge, no_change, usual_rules
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


def pay_deposit(booking: TableBooking, command: commands.PayDeposit, now: datetime) -> None:
    if not due(booking):
        raise refusal(booking, "pay-deposit", "no deposit is due")
    if command.order is not None:
        open_order(booking, "deposit", command.order, due(booking), now)


def hand_over(booking: TableBooking, command: commands.HandOver, now: datetime) -> None:
    booking.former_guests.append(booking.customer.id)
    booking.customer = command.guest


def bill(booking: TableBooking, command: commands.Bill, now: datetime) -> None:
    close_orders(booking)
    booking.bill, booking.completed_at = command.amount, now
    refund_up_to(booking, paid(booking) - price(charges(booking), booking).total, "the deposit was more", now)
    if rest := due(booking):
        record_cash(booking, "meal", rest, command.actor, now)


def miss(booking: TableBooking, command: commands.Miss, now: datetime) -> None:
    close_orders(booking)


RULES = usual_rules(
    LIFECYCLE,
    {
        commands.PayDeposit: pay_deposit,
        commands.HandOver: hand_over,
        commands.Seat: no_change,
        commands.Bill: bill,
        Cancel: cancel_free_of_charge,
        commands.Miss: miss,
    },
)
