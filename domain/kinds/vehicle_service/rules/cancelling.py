"""Giving up: by a person or by an unanswered estimate. The fee is the preview's, the refund starts at once."""

from datetime import datetime
from decimal import Decimal

from domain.errors import ActionNotAllowed
from domain.kinds.vehicle_service import fees
from domain.kinds.vehicle_service.booking import Booking, Cancellation
from domain.kinds.vehicle_service.life import LIFECYCLE, Action, State
from domain.kinds.vehicle_service.requests import Cancel, LapseDecision
from domain.kinds.vehicle_service.rules.outcome import Outcome, release
from domain.kinds.vehicle_service.rules.refunding import refund_of
from domain.money import Paise
from domain.payments import PaymentStatus
from domain.people import Actor


def cancel(draft: Booking, request: Cancel, now: datetime) -> Outcome:
    """A person gives the booking up."""
    to = LIFECYCLE.after(draft.status, Action.CANCEL, request.actor.role)
    _give_up(draft, request.actor, request.reason, request.gst_percent, now)
    return Outcome(Action.CANCEL, to, request.reason)


def lapse_decision(draft: Booking, request: LapseDecision, now: datetime) -> Outcome:
    """The estimate was not answered in time."""
    to = LIFECYCLE.after(draft.status, Action.EXPIRE, request.actor.role, State.CANCELLED)
    reason = "the estimate was not answered in time"
    if draft.decision_until is None or now < draft.decision_until:
        raise ActionNotAllowed("the decision window is still open")
    _give_up(draft, request.actor, reason, None, now)
    return Outcome(Action.EXPIRE, to, reason)


def _give_up(draft: Booking, actor: Actor, reason: str | None, percent: Decimal | None, now: datetime) -> None:
    price = fees.preview(draft, percent)
    draft.gst_percent = fees.rate_of(draft, percent)
    draft.cancellation = Cancellation(price.fee, price.gst_on_fee, price.refund, price.returns_car, reason, actor, now)
    release(draft)
    for payment in draft.payments:
        if payment.status is PaymentStatus.PENDING:
            payment.status, payment.superseded = PaymentStatus.FAILED, True
    _send_back(draft, price.refund, reason or "the booking was cancelled", now)


def _send_back(draft: Booking, amount: Paise, reason: str, now: datetime) -> None:
    for payment in draft.payments:
        if payment.status is PaymentStatus.SUCCESS:
            part = min(amount, fees.left_of(draft, payment))
            if part > 0:
                draft.refunds.append(refund_of(draft, payment, part, reason, now))
                amount -= part
