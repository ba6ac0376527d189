"""The work: begun, done, confirmed."""

from dataclasses import replace
from datetime import datetime

from domain.lifecycle import Transition, refusal
from domain.people import Actor
from kinds.local_services.domain import commands
from kinds.local_services.domain.booking import ServiceBooking, Status
from kinds.local_services.domain.commands import Complete, CompleteByClock, Confirm, ConfirmByClock
from kinds.local_services.domain.errors import NotPaid, TooEarly
from kinds.local_services.domain.lifecycle import Action
from kinds.local_services.domain.money import paid_with
from kinds.local_services.domain.parts import Completion
from kinds.local_services.domain.roles import Party
from kinds.local_services.domain.rules.common import close_offers, granted, must_be_current


def start(booking: ServiceBooking, command: commands.Start, now: datetime) -> Transition:
    """The provider begins, not long before the time that was agreed."""
    started = granted(booking, Action.START, command.actor)
    must_be_current(booking, command)
    if paid_with(booking) is None:
        raise NotPaid("the requester has not paid yet")
    if now < booking.starts_at - booking.policy.start_early:
        raise TooEarly(f"work can begin {booking.policy.start_early} before the start at the earliest")
    booking.started_at = now
    close_offers(booking)
    return started


def complete(booking: ServiceBooking, command: Complete, now: datetime) -> Transition:
    """The work is done. Whoever paid for it confirms it by saying so; said of work that is done, it confirms it."""
    if booking.status == Status.COMPLETED:
        return confirm(booking, Confirm(command.actor, expected=command.expected), now)
    completed = granted(booking, Action.COMPLETE, command.actor)
    must_be_current(booking, command)
    _complete(booking, command.actor, now)
    if booking.party_of(command.actor) == Party.REQUESTER and not booking.disputed:
        _confirm(booking, command.actor, now)
    return completed


def complete_by_clock(booking: ServiceBooking, command: CompleteByClock, now: datetime) -> Transition:
    """Nobody said so in time."""
    note = "nobody said that the work is done"
    completed = granted(booking, Action.COMPLETE, command.actor, note)
    _complete(booking, command.actor, now)
    return completed


def confirm(booking: ServiceBooking, command: Confirm, now: datetime) -> Transition:
    """The requester is content: the provider's share is his."""
    if booking.status == Status.COMPLETED:
        _must_be_unconfirmed(booking)
    confirmed = granted(booking, Action.CONFIRM, command.actor)
    must_be_current(booking, command)
    _confirm(booking, command.actor, now)
    return confirmed


def confirm_by_clock(booking: ServiceBooking, command: ConfirmByClock, now: datetime) -> Transition:
    """Nobody objected in time: neither to the work, nor to a no-show that the provider claims."""
    _must_be_unconfirmed(booking)
    if booking.status == Status.CANCELLED and booking.cancellation is not None:
        booking.cancellation.hold_from = None
        return granted(booking, Action.CONFIRM, command.actor, "the no-show was not disputed")
    confirmed = granted(booking, Action.CONFIRM, command.actor, "the time to object is over")
    _confirm(booking, command.actor, now)
    return confirmed


def _must_be_unconfirmed(booking: ServiceBooking) -> None:
    if booking.disputed:
        raise refusal(booking, Action.CONFIRM, "a dispute is open; it has to be decided or withdrawn")
    if booking.confirmed:
        raise refusal(booking, Action.CONFIRM, "the work is confirmed already")


def _complete(booking: ServiceBooking, actor: Actor, now: datetime) -> None:
    known = booking.completion or Completion()
    booking.completion = replace(known, completed_at=now, completed_by=actor, confirm_from=now)
    booking.completed_at = now


def _confirm(booking: ServiceBooking, actor: Actor, now: datetime) -> None:
    booking.completion = replace(booking.completion or Completion(), confirmed_at=now, confirmed_by=actor)
