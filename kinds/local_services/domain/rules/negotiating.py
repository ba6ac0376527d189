"""Offers, and the answers to them."""

from datetime import datetime

from domain.errors import Invalid, NotFound, RoleRequired
from domain.lifecycle import Transition, refusal
from domain.money import Paise
from domain.people import Actor
from kinds.local_services.domain import commands
from kinds.local_services.domain.booking import ServiceBooking, Status
from kinds.local_services.domain.cancellation import free_of_charge
from kinds.local_services.domain.commands import Accept, AcceptOffer, DeclineOffer
from kinds.local_services.domain.errors import OutsideSchedule, PriceFixed, PriceNeeded, TooLate, TooManyOffers
from kinds.local_services.domain.lifecycle import Action
from kinds.local_services.domain.money import list_price, must_be_payable
from kinds.local_services.domain.parts import Cause, Offer, OfferState, Rates
from kinds.local_services.domain.rules.common import call_off, granted, must_be_current

MOST_OFFERS = 6
"""Of a request, the first one included; and once more that many of other times for an accepted booking."""


def make_offer(booking: ServiceBooking, command: commands.Offer, now: datetime) -> Transition:
    """Another price or time for a request, or another time for an accepted booking: it replaces the open one."""
    made = granted(booking, Action.OFFER, command.actor, command.note)
    standing = booking.open_offer
    if standing is not None and standing.by == command.actor.id:
        raise RoleRequired("the other party has to answer this offer first")
    must_be_current(booking, command)
    if (command.total, command.starts_at, command.duration) == (None, None, None):
        raise Invalid("an offer names a price, a time or a duration")
    moves = booking.status == Status.ACCEPTED
    if sum(offer.moves is moves for offer in booking.offers) >= MOST_OFFERS:
        raise TooManyOffers(f"there were {MOST_OFFERS} offers already")
    offer = _other_time(booking, command, now) if moves else _other_terms(booking, command, now)
    if standing is not None:
        standing.state = OfferState.REPLACED
    booking.offers.append(offer)
    if not moves:
        booking.total, booking.starts_at, booking.duration = offer.total, offer.starts_at, offer.duration
    return made


def accept(booking: ServiceBooking, command: Accept, now: datetime) -> Transition:
    """A request is accepted as its open offer says."""
    if booking.status == Status.ACCEPTED:
        raise refusal(booking, Action.ACCEPT, "the request is accepted already")
    accepted = granted(booking, Action.ACCEPT, command.actor)
    offer = booking.open_offer
    if offer is None:
        raise refusal(booking, Action.ACCEPT, "no offer is open")
    _must_be_asked(offer, command.actor)
    must_be_current(booking, command)
    _agree(booking, offer, command.rates, now)
    return accepted


def accept_offer(booking: ServiceBooking, command: AcceptOffer, now: datetime) -> Transition:
    """One offer is accepted by its number: the request with it, or another time."""
    accepted = granted(booking, Action.ACCEPT, command.actor)
    offer = _open(booking, command.offer_id, Action.ACCEPT, command.actor)
    must_be_current(booking, command)
    if not offer.moves:
        _agree(booking, offer, command.rates, now)
        return accepted
    _must_be_in_time(booking, offer.starts_at, now)
    offer.state = OfferState.ACCEPTED
    booking.starts_at = offer.starts_at
    return accepted


def decline_offer(booking: ServiceBooking, command: DeclineOffer, now: datetime) -> Transition:
    """One offer is declined by its number; that ends a request, while an accepted booking stays as it is."""
    declined = granted(booking, Action.DECLINE, command.actor)
    offer = _open(booking, command.offer_id, Action.DECLINE, command.actor)
    must_be_current(booking, command)
    offer.state = OfferState.DECLINED
    if not offer.moves:
        call_off(booking, free_of_charge(booking, Cause.DECLINED), command.actor, None, now)
    return declined


def _other_terms(booking: ServiceBooking, command: commands.Offer, now: datetime) -> Offer:
    starts_at, duration = command.starts_at or booking.starts_at, command.duration or booking.duration
    if starts_at <= now:
        raise OutsideSchedule("that time is past")
    total = command.total
    if total is None:
        total = booking.total
        if duration != booking.duration:
            total = list_price(booking.listing, duration) or booking.total
    must_be_payable(total)
    return Offer(len(booking.offers) + 1, command.actor.id, total, starts_at, duration, command.note, now)


def _other_time(booking: ServiceBooking, command: commands.Offer, now: datetime) -> Offer:
    if command.total is not None or command.duration is not None:
        raise PriceFixed("the booking is accepted: only its time can change")
    starts_at = command.starts_at or booking.starts_at
    _must_be_in_time(booking, starts_at, now)
    number, total = len(booking.offers) + 1, booking.total
    return Offer(number, command.actor.id, total, starts_at, booking.duration, command.note, now, moves=True)


def _must_be_in_time(booking: ServiceBooking, starts_at: datetime, now: datetime) -> None:
    latest = min(booking.starts_at, starts_at) - booking.policy.reschedule_until
    if now >= latest:
        raise TooLate("it is too late to agree on another time")


def _open(booking: ServiceBooking, number: int, action: Action, actor: Actor) -> Offer:
    offer = next((each for each in booking.offers if each.id == number), None)
    if offer is None:
        raise NotFound(f"booking {booking.id} has no offer {number}")
    if offer.state is not OfferState.OPEN:
        raise refusal(booking, action, f"offer {number} is {offer.state}")
    _must_be_asked(offer, actor)
    return offer


def _must_be_asked(offer: Offer, actor: Actor) -> None:
    if offer.by == actor.id:
        raise RoleRequired("the other party has to answer this offer")


def _agree(booking: ServiceBooking, offer: Offer, rates: Rates | None, now: datetime) -> None:
    price: Paise | None = offer.total
    if price is None:
        raise PriceNeeded("make an offer with a price first")
    if now >= offer.starts_at:
        raise refusal(booking, Action.ACCEPT, "its time has come already")
    offer.state = OfferState.ACCEPTED
    booking.accepted_at = now
    booking.rates = rates or booking.rates
