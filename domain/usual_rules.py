"""Rules that kinds have in common: a command makes the transition of its name, an order is paid, cancelling is free.

A kind whose command is more than that writes a rule of its own.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from domain.billing.balance import refundable
from domain.billing.orders import close_orders, take_order
from domain.billing.records import Cancellation
from domain.billing.refunds import refund_up_to
from domain.booking import Booking
from domain.commands import Cancel, Command, TakePayment
from domain.kind import B, Rule
from domain.lifecycle import Lifecycle, Transition

Change = Callable[[B, Any, datetime], None]
"""(a working copy of the booking, the command, now): what a command changes beside the status, or ``BookingError``."""


def action_of(command: type[Command]) -> str:
    """The action that a command is named after: "hand-over" of ``HandOver``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", command.__name__).lower()


def usual_rules(lifecycle: Lifecycle[Any], changes: Mapping[type[Command], Change[B]]) -> dict[type[Command], Rule[B]]:
    """The rules of these commands, and of money that comes.

    Each makes the transition of its action, where the table grants it, and notes the command's ``reason``; then its
    change is made. Money is taken where the table has a "pay".
    """
    made = {command: _rule(lifecycle, action_of(command), change) for command, change in changes.items()}
    return {TakePayment: _rule(lifecycle, "pay", take_payment), **made}


def no_change(booking: Booking, command: Command, now: datetime) -> None:
    """The command is its transition and nothing else."""


def take_payment(booking: Booking, command: TakePayment, now: datetime) -> None:
    """The money pays the order that asked for it."""
    take_order(booking, command.payment, now)


def cancel_free_of_charge(booking: Booking, command: Cancel, now: datetime) -> None:
    """Nothing is kept: all that is in goes back; unwanted money does so by itself, or has."""
    back = refundable(booking)
    booking.cancellation = Cancellation(0, 0, back, command.reason, command.actor, now)
    close_orders(booking)
    refund_up_to(booking, back, command.reason, now)


def _rule(lifecycle: Lifecycle[Any], action: str, change: Change[B]) -> Rule[B]:
    def apply(booking: B, command: Any, now: datetime) -> Transition:
        granted = lifecycle.transition(booking, action, command.actor, getattr(command, "reason", None))
        change(booking, command, now)
        return granted

    return apply
