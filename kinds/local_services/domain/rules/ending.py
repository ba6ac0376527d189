"""Bookings that end early: called off by a person, or by the clock."""

from datetime import datetime

from domain.lifecycle import Transition, refusal
from kinds.local_services.domain import commands
from kinds.local_services.domain.booking import ServiceBooking, Status
from kinds.local_services.domain.cancellation import free_of_charge, must_be_possible, quote
from kinds.local_services.domain.commands import Expire
from kinds.local_services.domain.lifecycle import Action
from kinds.local_services.domain.money import paid_with
from kinds.local_services.domain.parts import Cause, OfferState
from kinds.local_services.domain.rules.common import call_off, close_offers, granted, must_be_current
from kinds.local_services.domain.windows import answer_until, not_started_at, pay_until

_WHY = {
    Cause.UNANSWERED: "nobody answered in time",
    Cause.UNPAID: "it was not paid in time",
    Cause.NOT_STARTED: "the work was never begun",
}


def cancel(booking: ServiceBooking, command: commands.Cancel, now: datetime) -> Transition:
    """A person calls the booking off; a provider who does so with a request declines it."""
    must_be_possible(booking, command.actor)
    must_be_current(booking, command)
    price = quote(booking, command, now)
    action = Action.DECLINE if price.cause is Cause.DECLINED else Action.CANCEL
    cancelled = granted(booking, action, command.actor, command.reason)
    if price.cause is Cause.DECLINED:
        close_offers(booking, OfferState.DECLINED)
    call_off(booking, price, command.actor, command.reason, now)
    return cancelled


def expire(booking: ServiceBooking, command: Expire, now: datetime) -> Transition:
    """The clock ends the wait that is over; another time that nobody answered is forgotten."""
    cause = _over(booking, now)
    if cause is not None:
        lapsed = granted(booking, Action.EXPIRE, command.actor, _WHY[cause], Status.CANCELLED)
        call_off(booking, free_of_charge(booking, cause), command.actor, _WHY[cause], now)
        return lapsed
    offer = booking.open_offer
    if booking.status == Status.ACCEPTED and offer is not None and now >= answer_until(booking, offer):
        offer.state = OfferState.EXPIRED
        return granted(booking, Action.EXPIRE, command.actor, "the other time was not answered", Status.ACCEPTED)
    raise refusal(booking, Action.EXPIRE, "nothing is over yet")


def _over(booking: ServiceBooking, now: datetime) -> Cause | None:
    offer = booking.open_offer
    if booking.status == Status.REQUESTED:
        return Cause.UNANSWERED if offer is None or now >= answer_until(booking, offer) else None
    if booking.status != Status.ACCEPTED:
        return None
    if paid_with(booking) is None:
        return Cause.UNPAID if now >= pay_until(booking) else None
    return Cause.NOT_STARTED if now >= not_started_at(booking) else None
