"""``decide`` answers what a command makes of a booking, or refuses by name.

A rule gets a copy of its own to change, so a refusal leaves nothing behind; the same call serves as the validator of
an update and as its handler.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from domain import engine_rules
from domain.billing import disputes, orders, payout_records, refund_retries, refunds
from domain.booking import Booking, Event
from domain.closing import is_complete
from domain.commands import (
    AdoptRefund,
    Alert,
    ClearAttention,
    Command,
    CommandWithOrder,
    EngineCommand,
    NotePaymentFailure,
    RecordDispute,
    RecordInvoice,
    RecordRefund,
    RecordRelease,
    RecordReversal,
    RecordTransfer,
    Repair,
    RetryRefund,
    ReturnMoney,
)
from domain.copies import copied
from domain.errors import BookingError, TooMany
from domain.kind import B, BookingKind, Rule
from domain.lifecycle import Transition
from domain.limits import MOST_ORDERS, REFUND_RETRIES, count
from domain.people import Actor

RECENT = 6
"""How many timeline entries the state keeps for an admin's summary; all of them are rows."""

STATE_BUDGET = 500_000
"""Characters of the state in memory, more than its JSON has bytes: Temporal takes no payload over 2 MB. A booking over
it is refused only what adds much, so that people can still finish it."""

NOTICEABLE_GROWTH = 2_000
"""Characters that one command may add to a booking over its budget: a hand-over or cash is less."""

CHILDREN_FOR_PEOPLE = 900
"""The ids of children from here on are kept for what the engine has to record, money above all, and for the end."""

ENGINE_RULES: Mapping[type[Command], Rule[Any]] = {
    AdoptRefund: refunds.adopt_refund,
    Alert: engine_rules.alert,
    ClearAttention: engine_rules.clear_attention,
    NotePaymentFailure: orders.note_failure,
    RecordDispute: disputes.record_dispute,
    RecordInvoice: orders.record_invoice,
    RecordRefund: refund_retries.record_refund,
    RecordRelease: payout_records.record_release,
    RecordReversal: payout_records.record_reversal,
    RecordTransfer: payout_records.record_transfer,
    Repair: engine_rules.repair,
    RetryRefund: refund_retries.retry_refund,
    ReturnMoney: refunds.return_money,
}
"""What every booking grants, whatever its kind."""


def decide(kind: BookingKind[B], booking: B, command: Command, now: datetime) -> B:
    """The booking as the command leaves it: one version further, with one new timeline entry.

    Raises:
        BookingError: a refusal; the booking is untouched.
    """
    changed = copied(booking)
    rule = ENGINE_RULES.get(type(command)) or kind.rules[type(command)]
    transition = rule(changed, command, now)
    _count(kind, booking, changed, command, now)
    if not _always_has_room(kind, booking, command):
        _refuse_without_room(booking, changed)
    return _recorded(kind, changed, transition, command.actor, now)


def needs_order(kind: BookingKind[B], booking: B, command: CommandWithOrder, now: datetime) -> bool:
    """Whether the command would be granted, and only with a new order of the payment provider."""
    if kind.already_done(booking, command):
        return False
    try:
        decide(kind, booking, command, now)
        request = kind.order_for(booking, command)
    except BookingError:
        return False
    return request is not None and not request.optional


def first_version(kind: BookingKind[B], booking: B, actor: Actor, now: datetime) -> B:
    """The first version of a new booking."""
    return _recorded(kind, copied(booking), Transition(kind.first_action, booking.status), actor, now)


def _count(kind: BookingKind[B], before: B, after: B, command: Command, now: datetime) -> None:
    """Count what people ask for in its hour; a command that needs an order counts as one too."""
    for limit in (*kind.limits, REFUND_RETRIES):
        if type(command) in limit.commands:
            count(after, limit.what, limit.most, command.actor.role, now)
    if isinstance(command, CommandWithOrder) and kind.order_for(before, command) is not None:
        count(after, "orders", MOST_ORDERS, command.actor.role, now)


def _always_has_room(kind: BookingKind[B], booking: B, command: Command) -> bool:
    """What the engine records, what an admin puts right, and whatever ends a booking is never refused for its size."""
    puts_right = isinstance(command, (EngineCommand, RetryRefund, ClearAttention))
    return puts_right or booking.cancellation is not None or type(command) is type(kind.cancel(command.actor, ""))


def _refuse_without_room(before: Booking, after: Booking) -> None:
    if after.children > max(before.children, CHILDREN_FOR_PEOPLE):
        raise TooMany(f"booking {before.id} has too many entries of its own to add another; it can still be cancelled")
    size = len(repr(after))
    if size > STATE_BUDGET and size - len(repr(before)) > NOTICEABLE_GROWTH:
        raise TooMany(f"booking {before.id} has grown too large to add that much; it can still be cancelled")


def _recorded(kind: BookingKind[B], booking: B, transition: Transition, actor: Actor, now: datetime) -> B:
    if transition.to != booking.status or booking.since is None:
        booking.since = now
    booking.status = transition.to
    booking.version += 1
    booking.updated_at = now
    _remember(booking, Event(booking.version, transition.to, transition.action, actor, now, transition.note))
    if booking.closed_at is None and is_complete(kind, booking):
        booking.closed_at = now
    return booking


def _remember(booking: Booking, event: Event) -> None:
    booking.recent = [*booking.recent[-RECENT + 1 :], event]
