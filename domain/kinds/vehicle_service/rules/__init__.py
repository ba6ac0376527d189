"""The rules of a service visit: ``decide`` answers what a request makes of a booking, or refuses by name.

A rule gets a draft of its own to change, so a refusal leaves nothing behind; the same call serves as the
validator's question and as the handler's deed.
"""

from collections.abc import Callable
from copy import deepcopy
from datetime import datetime
from typing import Any

from domain.kinds.vehicle_service import requests as ask
from domain.kinds.vehicle_service.booking import Booking, Event
from domain.kinds.vehicle_service.life import Action, State
from domain.kinds.vehicle_service.rules import (
    analysing,
    assigning,
    cancelling,
    paying,
    refunding,
    reporting,
    timing,
)
from domain.kinds.vehicle_service.rules.outcome import Outcome
from domain.kinds.vehicle_service.settling import finished
from domain.people import Actor

RECENT = 6
"""How many timeline entries the state keeps for the glance of an admin; all of them are rows."""

_RULES: dict[type, Callable[[Booking, Any, datetime], Outcome]] = {
    ask.Assign: assigning.assign,
    ask.SubmitProgress: reporting.submit,
    ask.EditProgress: reporting.edit,
    ask.ValidateProgress: reporting.validate,
    ask.SubmitAnalysis: analysing.submit,
    ask.EditAnalysis: analysing.edit,
    ask.ValidateAnalysis: analysing.validate,
    ask.ConfirmServices: paying.confirm,
    ask.OpenOrder: paying.open_order,
    ask.ChooseCash: paying.choose_cash,
    ask.TakePayment: paying.take,
    ask.NotePaymentFailure: paying.note_failure,
    ask.ReturnMoney: refunding.return_money,
    ask.LapseOrder: paying.lapse,
    ask.VerifyCash: paying.verify_cash,
    ask.RefusePayment: paying.refuse_payment,
    ask.RecordRefund: refunding.record_refund,
    ask.RetryRefund: refunding.retry_refund,
    ask.AdoptRefund: refunding.adopt_refund,
    ask.RecordDispute: refunding.record_dispute,
    ask.RecordInvoice: paying.record_invoice,
    ask.Reschedule: timing.reschedule,
    ask.Alert: timing.alert,
    ask.ClearAttention: timing.clear_attention,
    ask.Repair: timing.repair,
    ask.Cancel: cancelling.cancel,
    ask.LapseDecision: cancelling.lapse_decision,
}


def decide(booking: Booking, request: ask.Request, now: datetime) -> Booking:
    """The booking as the request leaves it: one version further, with one new timeline entry.

    Raises:
        BookingError: a refusal; the booking is untouched.
    """
    draft = deepcopy(booking)
    outcome = _RULES[type(request)](draft, request, now)
    return _recorded(draft, outcome, request.actor, now)


def opened(booking: Booking, actor: Actor, now: datetime) -> Booking:
    """The first version of a new booking."""
    return _recorded(deepcopy(booking), Outcome(Action.BOOK, State.BOOKED), actor, now)


def _recorded(draft: Booking, outcome: Outcome, actor: Actor, now: datetime) -> Booking:
    if outcome.to is not draft.status or draft.since is None:
        draft.since = now
    draft.status = outcome.to
    draft.version += 1
    draft.updated_at = now
    draft.recent = [
        *draft.recent[-RECENT + 1 :],
        Event(draft.version, draft.status, outcome.action, actor, now, outcome.note),
    ]
    if draft.closed_at is None and finished(draft):
        draft.closed_at = now
    return draft
