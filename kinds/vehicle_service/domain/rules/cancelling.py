"""Cancelling: by a person or by an unanswered estimate. The fee is the preview's, the refund starts at once."""

from datetime import datetime
from decimal import Decimal

from domain.billing.cancellation_quote import gst_rate_of_fee
from domain.billing.orders import close_orders
from domain.billing.refunds import refund_up_to
from domain.errors import ActionNotAllowed
from domain.lifecycle import Transition
from domain.people import Actor
from kinds.vehicle_service.domain.cancellation_fee import cancellation_quote
from kinds.vehicle_service.domain.commands import Cancel, LapseDecision
from kinds.vehicle_service.domain.lifecycle import LIFECYCLE, Action, VisitStatus
from kinds.vehicle_service.domain.parts import VisitCancellation
from kinds.vehicle_service.domain.rules.mechanics import end_assignments
from kinds.vehicle_service.domain.visit import VisitBooking


def cancel(booking: VisitBooking, command: Cancel, now: datetime) -> Transition:
    """A person gives the booking up."""
    cancelled = LIFECYCLE.transition(booking, Action.CANCEL, command.actor, command.reason)
    _cancel(booking, command.actor, command.reason, command.gst_percent, now)
    return cancelled


def lapse_decision(booking: VisitBooking, command: LapseDecision, now: datetime) -> Transition:
    """The estimate was not answered in time."""
    reason = "the estimate was not answered in time"
    lapsed = LIFECYCLE.transition(booking, Action.EXPIRE, command.actor, reason, VisitStatus.CANCELLED)
    if booking.decision_until is None or now < booking.decision_until:
        raise ActionNotAllowed("the decision window is still open")
    _cancel(booking, command.actor, reason, None, now)
    return lapsed


def _cancel(booking: VisitBooking, actor: Actor, reason: str | None, percent: Decimal | None, now: datetime) -> None:
    price = cancellation_quote(booking, percent)
    booking.gst_percent = gst_rate_of_fee(booking, percent)
    booking.cancellation = VisitCancellation(
        price.fee, price.gst_on_fee, price.refund, reason, actor, now, returns_car=price.returns_car
    )
    end_assignments(booking)
    close_orders(booking)
    refund_up_to(booking, price.refund, reason or "the booking was cancelled", now)
