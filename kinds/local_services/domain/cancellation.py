"""What calling a booking off costs: the preview and the act itself ask the same function."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from domain.billing.cancellation_quote import quote_for
from domain.errors import BookingError
from domain.lifecycle import refusal
from domain.money import Paise, percent_of
from domain.people import Actor
from kinds.local_services.domain import commands
from kinds.local_services.domain.booking import ServiceBooking, Status
from kinds.local_services.domain.errors import FeeTooHigh, NotArrived, TooEarly
from kinds.local_services.domain.lifecycle import LIFECYCLE, Action
from kinds.local_services.domain.money import paid_with, payout_of
from kinds.local_services.domain.parts import Cause
from kinds.local_services.domain.roles import Party


@dataclass(frozen=True, slots=True)
class Quote:
    """What is kept of the price (``fee``), what goes back, and what of the fee the provider gets."""

    fee: Paise
    refund: Paise
    compensation: Paise
    allowed: bool = True
    reason: str | None = None
    cause: Cause = Cause.CANCELLED
    held_back: bool = False
    """The fee is not paid out at once: the requester may dispute it."""


def preview(booking: ServiceBooking, command: commands.Cancel, now: datetime) -> Quote:
    """What ``command`` would cost now; where it would be refused, why.

    Raises:
        FeeTooHigh: an admin asks for more than the requester would lose.
    """
    try:
        return quote(booking, command, now)
    except FeeTooHigh:
        raise
    except BookingError as refused:
        return Quote(0, 0, 0, allowed=False, reason=refused.detail)


def quote(booking: ServiceBooking, command: commands.Cancel, now: datetime) -> Quote:
    """What that cancellation costs.

    Raises:
        BookingError: it is not possible now, or not for them.
    """
    party = must_be_possible(booking, command.actor)
    if command.no_show and party in (Party.REQUESTER, Party.PROVIDER):
        return _no_show(booking, command, party, now)
    if command.no_show:
        raise refusal(booking, Action.CANCEL, "only the parties can say that the other did not come")
    if paid_with(booking) is None:
        declined = booking.status == Status.REQUESTED and party == Party.PROVIDER
        return Quote(0, 0, 0, cause=Cause.DECLINED if declined else Cause.CANCELLED)
    return _of_percent(booking, _percent(booking, command, party, now))


def free_of_charge(booking: ServiceBooking, cause: Cause) -> Quote:
    """Nothing is kept: all that was paid goes back."""
    return _of_percent(booking, 0, cause)


def requesters_percent(booking: ServiceBooking, now: datetime) -> int:
    """What the requester loses who cancels a paid booking now: by the tier, or nothing shortly after paying."""
    lead, tiers = booking.starts_at - now, booking.policy.cancel_tiers
    percent = next((tier.percent for tier in tiers if lead >= tier.before), tiers[-1].percent)
    payment = paid_with(booking)
    if payment is None or payment.captured_at is None or now > payment.captured_at + booking.policy.cancel_grace:
        return percent
    near = min((tier.before for tier in tiers if tier.before > timedelta(0)), default=timedelta(0))
    return 0 if lead >= near else percent


def must_be_possible(booking: ServiceBooking, actor: Actor) -> str:
    """The party that asks.

    Raises:
        ActionNotAllowed: the booking is not in a state for that.
        RoleRequired: it is not for them.
    """
    party = booking.party_of(actor)
    if (Status(booking.status), Action.CANCEL) in LIFECYCLE.transitions:
        if booking.disputed:
            raise refusal(booking, Action.CANCEL, "a dispute is open; it has to be decided or withdrawn")
        if booking.confirmed:
            raise refusal(booking, Action.CANCEL, "it was decided what becomes of the money")
    LIFECYCLE.after(Status(booking.status), Action.CANCEL, party)
    if booking.status == Status.IN_PROGRESS and party == Party.REQUESTER:
        raise refusal(booking, Action.CANCEL, "the work has begun; open a dispute instead")
    return party


def _no_show(booking: ServiceBooking, command: commands.Cancel, party: str, now: datetime) -> Quote:
    if booking.status != Status.ACCEPTED or paid_with(booking) is None:
        raise refusal(booking, Action.CANCEL, "a no-show is one of a paid booking that did not begin")
    policy = booking.policy
    if party == Party.REQUESTER:
        _must_have_waited(booking, policy.no_show_by_requester, now)
        return _of_percent(booking, 0, Cause.NO_SHOW)
    _must_have_waited(booking, policy.no_show_by_provider, now)
    if not command.arrived:
        raise NotArrived("say first that you have arrived")
    return _of_percent(booking, policy.no_show_fee, Cause.NO_SHOW, held_back=True)


def _must_have_waited(booking: ServiceBooking, long: timedelta, now: datetime) -> None:
    if now < booking.starts_at + long:
        raise TooEarly(f"a no-show can be told {long} after the start")


def _percent(booking: ServiceBooking, command: commands.Cancel, party: str, now: datetime) -> int:
    if booking.status == Status.IN_PROGRESS or party == Party.PROVIDER:
        return 0
    most = requesters_percent(booking, now)
    if party == Party.REQUESTER:
        return most
    asked = command.fee_percent or 0
    if asked > most:
        raise FeeTooHigh(f"the requester would lose {most} percent, not {asked}", most=most)
    return asked


def _of_percent(
    booking: ServiceBooking, percent: int, cause: Cause = Cause.CANCELLED, *, held_back: bool = False
) -> Quote:
    price = quote_for(booking, percent_of(booking.total or 0, Decimal(percent)), Decimal(0))
    compensation = payout_of(price.fee, booking.rates)
    return Quote(price.fee, price.refund, compensation, cause=cause, held_back=held_back and price.fee > 0)
