"""When a refund is retried, and when an admin is called: all of it.

* The provider does not accept it (no balance, no answer): an admin is called at once, and the same attempt is sent
  again after each of ``RETRY_PAUSES``, then weekly. An admin's retry ends the pause.
* The provider shows an open dispute of the payment, or one that was lost and that the booking has not recorded: the
  booking is told, and the attempt waits until it names that dispute as decided, or is sent again after each of
  ``RETRY_PAUSES``.
* The provider refuses it for good: that attempt has failed, an admin is called.
* The bank has not decided: its state is fetched after each of ``FETCH_PAUSES``, then weekly, and an admin is called
  when these are over. A webhook or an admin's retry ends the pause; webhooks that bring nothing new, ever later.
* It was given up, but the provider made it: it counts, and the attempts after it are given up instead. Should
  one of these find the same refund, by an earlier key, that changes nothing.
* The bank failed it: the next attempt begins, with a key of its own and what is owed still (``owed``); after
  ``AUTOMATIC_ATTEMPTS`` an admin is called, whose retry begins another.
* Somebody refunded by hand, or too little is left beside what the bank took: only the rest is sent, and an admin reads
  so.
* The bank failed what was refunded by hand: an admin is told that the money is here again. What is owed of it, for we
  never wanted it or the booking was cancelled, is sent under a key of its own.

"An admin is called" is ``Refund.needs_help`` (``domain.attention``); ``workflows.refund`` runs one attempt.
"""

from datetime import datetime, timedelta

from domain.billing.balance import SMALLEST_REFUND
from domain.billing.owed import goal_is_known, has_left, next_attempt, payment_of, settle_with, still_owed
from domain.billing.provider import RefundStatus
from domain.billing.records import Refund
from domain.billing.refund_attempts import base_and_tries
from domain.booking import Booking
from domain.commands import RecordRefund, RetryRefund
from domain.errors import NotFound, NothingPending
from domain.lifecycle import EngineAction, Transition, must_have_role, refusal
from domain.money import Paise, rupees

AUTOMATIC_ATTEMPTS = 3
"""So many attempts are made for the same money before an admin is called."""

RETRY_PAUSES = (
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=6),
    *(timedelta(days=1) for _ in range(7)),
)
"""Between sending an attempt that the provider did not accept and sending it again."""

FETCH_PAUSES = (
    timedelta(minutes=1),
    timedelta(hours=1),
    timedelta(hours=6),
    *(timedelta(days=1) for _ in range(10)),
)
"""Between looks at a refund that the bank has not decided; an admin is called when they are over."""

_WEEKLY = timedelta(days=7)


def pause_after(pauses: tuple[timedelta, ...], ended: int) -> timedelta:
    """The next pause when so many have ended: these, then weekly ones for ever, for money that is owed is never given
    up."""
    return pauses[ended] if ended < len(pauses) else _WEEKLY


def record_refund(booking: Booking, command: RecordRefund, now: datetime) -> Transition:
    """What became of a refund; one that the bank failed is tried again under a new key, a few times by itself."""
    must_have_role(EngineAction.REFUND, command.actor)
    refund = _refund(booking, command.refund_row)
    reported = (command.status, command.needs_help, command.refund_id or refund.refund_id)
    exists = command.refund_id is not None and command.status is not RefundStatus.FAILED
    known = _belongs_to_another(booking, refund, command.refund_id)
    if known or (refund.replaced and not exists) or reported == (refund.status, refund.needs_help, refund.refund_id):
        raise refusal(booking, EngineAction.REFUND, "that is known already")
    for other in booking.refunds:
        if other is not refund and other.refund_id is not None and other.refund_id == command.refund_id:
            other.refund_id = None  # an attempt before this one was made after all, and counts as this one
    refund.status, refund.needs_help, refund.refund_id = reported
    refund.processed_at = now if command.status is RefundStatus.PROCESSED else None
    note = command.note or f"refund of {rupees(refund.amount)} {command.status}"
    if refund.replaced:
        note = _made_after_all(booking, refund, note)
    if command.status is RefundStatus.FAILED:
        note = _after_a_failure(booking, refund, command, now) or note
    return Transition(EngineAction.REFUND, booking.status, note)


def _belongs_to_another(booking: Booking, refund: Refund, refund_id: str | None) -> bool:
    """Whether another attempt, that counts, has that refund: a later attempt finds it as well, by the earlier keys."""
    others = [other for other in booking.refunds if other is not refund and not other.replaced]
    return refund_id is not None and any(other.refund_id == refund_id for other in others)


def retry_refund(booking: Booking, command: RetryRefund, now: datetime) -> Transition:
    """An admin wants it tried now. What the provider is still asked for goes on; what was given up begins anew."""
    must_have_role(EngineAction.RETRY_REFUND, command.actor)
    refund = latest_attempt(booking, command.refund_row)
    if not refund.unsettled:
        raise NothingPending(f"refund {command.refund_row} is not pending")
    if booking.on_hold(refund.payment_id):
        raise NothingPending(f"refund {command.refund_row} waits until the dispute of its payment is decided")
    note = f"refund of {rupees(refund.amount)}"
    if refund.status is RefundStatus.FAILED:
        owed = still_owed(booking, refund)
        next_attempt(booking, refund, owed, now)
        note = note if owed == refund.amount else f"{note}, of which {rupees(owed)} is owed still"
    return Transition(EngineAction.RETRY_REFUND, booking.status, note)


def latest_attempt(booking: Booking, refund_row: int) -> Refund:
    """The newest attempt for the money of that refund."""
    refund = _refund(booking, refund_row)
    base, _ = base_and_tries(refund.key)
    same_money = [each for each in booking.refunds if base_and_tries(each.key)[0] == base]
    return same_money[-1] if refund.replaced and same_money else refund


def _made_after_all(booking: Booking, refund: Refund, note: str) -> str:
    """An attempt that was given up was made at the provider: what was to replace it must not be sent as well."""
    refund.replaced = False
    base, tries = base_and_tries(refund.key)
    later = [each for each in booking.refunds if base_and_tries(each.key)[0] == base and each.tries > tries]
    for attempt in later:
        if attempt.refund_id is None:
            attempt.status, attempt.replaced, attempt.needs_help = RefundStatus.FAILED, True, False
    if sent := [attempt.refund_id for attempt in later if attempt.refund_id and attempt.status != RefundStatus.FAILED]:
        booking.attention.append(f"{refund.refund_id} was made after all, beside {', '.join(sent)}: refunded twice")
    return f"{note}; it had been given up"


def _after_a_failure(booking: Booking, refund: Refund, command: RecordRefund, now: datetime) -> str | None:
    """Try again by itself, or settle with what was refunded by somebody else; else an admin is needed."""
    if refund.by_hand:
        what = f"the refund by hand of {rupees(refund.amount)} of {refund.payment_id}"
        sent = _send_again(booking, refund, now)
        note = f"the bank failed {what}: {'it is refunded by us' if sent else 'the money is ours again'}"
        booking.attention.append(note)
        return note
    if command.left is not None and command.left < refund.amount:
        return _refund_the_rest(booking, refund, command.left, now)
    owed = still_owed(booking, refund)
    note = f"the bank failed the refund of {rupees(refund.amount)}"
    if owed < SMALLEST_REFUND:
        next_attempt(booking, refund, owed, now)
        return f"{note}; the customer has the money already"
    if command.again and refund.tries < AUTOMATIC_ATTEMPTS:
        next_attempt(booking, refund, owed, now)
        less = "" if owed == refund.amount else f" with the {rupees(owed)} that are owed still"
        return f"{note}; it is tried again{less}"
    refund.needs_help = True
    return None


def _refund_the_rest(booking: Booking, refund: Refund, left: Paise, now: datetime) -> str:
    """Somebody else gave money of this payment back: only what is missing is still owed.

    ``left``: without what the bank took for disputes that are recorded.
    """
    payment, taken = payment_of(booking, refund), booking.charged_back(refund.payment_id)
    sent = [each for each in booking.refunds if each.payment_row == payment.id and not each.by_hand and has_left(each)]
    by_hand = payment.amount - left - taken - sum(each.amount for each in sent)
    rest = min(left, still_owed(booking, refund, by_hand))
    gone = "went back by hand, or the bank took it" if taken else "went back by hand"
    note = f"only {rupees(max(0, left))} of {refund.payment_id} can be refunded, the rest {gone}"
    booking.attention.append(note)
    next_attempt(booking, refund, rest, now)
    return note


def _send_again(booking: Booking, failed: Refund, now: datetime) -> bool:
    """Money that came back to us and is owed is sent, whoever tried first; False where it is ours, or on its way.

    Under a new key: an attempt that followed the earlier ones would find what these have sent beside it.
    """
    payment = payment_of(booking, failed)
    if payment.superseded or (booking.policy.failed_by_hand_is_sent and goal_is_known(booking, payment)):
        return settle_with(booking, payment, -failed.amount, now, "the refund by hand failed")
    return False


def _refund(booking: Booking, refund_row: int) -> Refund:
    refund = next((refund for refund in booking.refunds if refund.id == refund_row), None)
    if refund is None:
        raise NotFound(f"there is no refund {refund_row}")
    return refund
