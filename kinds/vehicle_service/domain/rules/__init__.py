"""The rules of a service visit: ``decide`` answers what a command makes of a booking, or refuses by name.

A rule gets a booking of its own to change, so a refusal leaves nothing behind; the same call serves as the
validator's question and as the handler's deed.
"""

from collections.abc import Callable
from copy import deepcopy
from datetime import datetime
from typing import Any

from domain.booking import Event
from domain.commands import (
    AdoptRefund,
    Alert,
    ClearAttention,
    Command,
    LapseOrder,
    NotePaymentFailure,
    RecordDispute,
    RecordInvoice,
    RecordRefund,
    Repair,
    RetryRefund,
    ReturnMoney,
    TakePayment,
)
from domain.people import Actor
from kinds.vehicle_service.domain import commands
from kinds.vehicle_service.domain.lifecycle import Action, State
from kinds.vehicle_service.domain.rules import (
    analysing,
    assigning,
    cancelling,
    paying,
    refunding,
    reporting,
    timing,
)
from kinds.vehicle_service.domain.rules.transition import Transition
from kinds.vehicle_service.domain.settlement import is_complete
from kinds.vehicle_service.domain.visit import VisitBooking

RECENT = 6
"""How many timeline entries the state keeps for the glance of an admin; all of them are rows."""

RULES: dict[type, Callable[[VisitBooking, Any, datetime], Transition]] = {
    commands.Assign: assigning.assign,
    commands.SubmitProgress: reporting.submit,
    commands.EditProgress: reporting.edit,
    commands.ValidateProgress: reporting.validate,
    commands.SubmitAnalysis: analysing.submit,
    commands.EditAnalysis: analysing.edit,
    commands.ValidateAnalysis: analysing.validate,
    commands.ConfirmServices: paying.confirm,
    commands.OpenOrder: paying.open_order,
    commands.ChooseCash: paying.choose_cash,
    TakePayment: paying.take_payment,
    NotePaymentFailure: paying.note_failure,
    ReturnMoney: refunding.return_money,
    LapseOrder: paying.lapse,
    commands.VerifyCash: paying.verify_cash,
    commands.RefusePayment: paying.refuse_payment,
    RecordRefund: refunding.record_refund,
    RetryRefund: refunding.retry_refund,
    AdoptRefund: refunding.adopt_refund,
    RecordDispute: refunding.record_dispute,
    RecordInvoice: paying.record_invoice,
    commands.Reschedule: timing.reschedule,
    Alert: timing.alert,
    ClearAttention: timing.clear_attention,
    Repair: timing.repair,
    commands.Cancel: cancelling.cancel,
    commands.LapseDecision: cancelling.lapse_decision,
}


def decide(booking: VisitBooking, command: Command, now: datetime) -> VisitBooking:
    """The booking as the command leaves it: one version further, with one new timeline entry.

    Raises:
        BookingError: a refusal; the booking is untouched.
    """
    booking = deepcopy(booking)
    transition = RULES[type(command)](booking, command, now)
    return _recorded(booking, transition, command.actor, now)


def first_version(booking: VisitBooking, actor: Actor, now: datetime) -> VisitBooking:
    """The first version of a new booking."""
    return _recorded(deepcopy(booking), Transition(Action.BOOK, State.BOOKED), actor, now)


def _recorded(booking: VisitBooking, transition: Transition, actor: Actor, now: datetime) -> VisitBooking:
    if transition.to is not booking.status or booking.since is None:
        booking.since = now
    booking.status = transition.to
    booking.version += 1
    booking.updated_at = now
    booking.recent = [
        *booking.recent[-RECENT + 1 :],
        Event(booking.version, booking.status, transition.action, actor, now, transition.note),
    ]
    if booking.closed_at is None and is_complete(booking):
        booking.closed_at = now
    return booking
