"""Disputes between the parties: opened, withdrawn, decided."""

from dataclasses import replace
from datetime import datetime

from domain.billing.balance import refundable
from domain.billing.refunds import refund_up_to
from domain.errors import AmountMismatch, Duplicate, RoleRequired
from domain.lifecycle import Transition, refusal
from domain.money import Paise, rupees
from kinds.local_services.domain import commands
from kinds.local_services.domain.booking import ServiceBooking, Status
from kinds.local_services.domain.commands import DecideDispute, WithdrawDispute
from kinds.local_services.domain.errors import TooLate
from kinds.local_services.domain.lifecycle import Action
from kinds.local_services.domain.money import kept, payout_of
from kinds.local_services.domain.parts import Cause, Completion, Decision, Outcome, ServiceDispute
from kinds.local_services.domain.prices import LOWEST
from kinds.local_services.domain.roles import Party
from kinds.local_services.domain.rules.common import granted, must_be_current


def open_dispute(booking: ServiceBooking, command: commands.Dispute, now: datetime) -> Transition:
    """A party is not content: the provider's share stays where it is until this is withdrawn or decided."""
    before = booking.status in (Status.REQUESTED, Status.ACCEPTED)
    if before or (booking.status == Status.CANCELLED and not _claimed(booking)):
        raise refusal(booking, Action.DISPUTE, "no money of this booking is held back")
    opened = granted(booking, Action.DISPUTE, command.actor, command.reason)
    must_be_current(booking, command)
    if booking.dispute is not None:
        raise Duplicate("there was a dispute of this booking already")
    if booking.confirmed or (booking.status == Status.CANCELLED and not _held_back(booking)):
        raise TooLate("the provider's share is his already")
    booking.dispute = ServiceDispute(command.actor, command.reason, command.description, command.media_urls, now)
    return opened


def withdraw(booking: ServiceBooking, command: WithdrawDispute, now: datetime) -> Transition:
    """Whoever opened it gives it up: the time to object begins anew."""
    dispute = booking.dispute
    if dispute is None or not dispute.open:
        raise refusal(booking, Action.WITHDRAW, "no dispute is open")
    withdrawn = granted(booking, Action.WITHDRAW, command.actor)
    if dispute.by.id != command.actor.id:
        raise RoleRequired("only who opened the dispute can withdraw it")
    must_be_current(booking, command)
    booking.dispute = replace(dispute, withdrawn_at=now)
    if booking.completion is not None and booking.completion.confirm_from is not None:
        booking.completion = replace(booking.completion, confirm_from=now)
    if booking.cancellation is not None and _held_back(booking):
        booking.cancellation.hold_from = now
    return withdrawn


def decide(booking: ServiceBooking, command: DecideDispute, now: datetime) -> Transition:
    """An admin decides what goes back and what is paid out; after that no move changes the money."""
    dispute = booking.dispute
    if dispute is None or not dispute.open:
        raise refusal(booking, Action.DECIDE, "no dispute is open")
    decided = granted(booking, Action.DECIDE, command.actor, command.note)
    must_be_current(booking, command)
    back = _refund(booking, command)
    made = Decision(command.outcome, back, command.against, command.note, command.actor, now)
    booking.dispute = replace(dispute, decision=made)
    booking.kept = kept(booking) - back
    if booking.cancellation is None:
        done = booking.completion or Completion()
        booking.completion = replace(done, confirmed_at=now, confirmed_by=command.actor)
    else:
        booking.cancellation.hold_from = None
        booking.cancellation.fee = booking.kept
        booking.cancellation.refund += back
        booking.cancellation.compensation = payout_of(booking.kept, booking.rates)
    if back:
        refund_up_to(booking, min(back, refundable(booking)), "a dispute was decided", now)
    return decided


def _refund(booking: ServiceBooking, command: DecideDispute) -> Paise:
    rest = kept(booking)
    match command.outcome:
        case Outcome.RELEASE:
            return 0
        case Outcome.REFUND_ALL:
            return rest
        case Outcome.REFUND_PART:
            wanted = command.refund or 0
            if not LOWEST <= wanted < rest:
                raise AmountMismatch(f"a part is 1.00 to less than {rupees(rest)}", most=rupees(rest))
            return wanted


def _claimed(booking: ServiceBooking) -> bool:
    """The provider said that the requester did not come."""
    done = booking.cancellation
    return done is not None and done.cause is Cause.NO_SHOW and booking.party_of(done.by) == Party.PROVIDER


def _held_back(booking: ServiceBooking) -> bool:
    return booking.cancellation is not None and booking.cancellation.hold_from is not None
