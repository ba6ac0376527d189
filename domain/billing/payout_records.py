"""What became of payouts, as the booking records it."""

from datetime import datetime

from domain.billing.payouts import MOST_PAYOUTS, Payout, Reversal
from domain.booking import Booking
from domain.commands import RecordRelease, RecordReversal, RecordTransfer
from domain.errors import Duplicate, NotFound
from domain.lifecycle import EngineAction, Transition, must_have_role
from domain.money import rupees


def record_transfer(booking: Booking, command: RecordTransfer, now: datetime) -> Transition:
    """A share was transferred, has to wait for an account, or has failed.

    Raises:
        Duplicate: it is recorded already.
    """
    must_have_role(EngineAction.PAYOUT, command.actor)
    known = next((each for each in booking.payouts if each.key == command.key), None)
    if known is None:
        known = Payout(command.key, command.payee, command.payment_row, command.amount, now)
        booking.payouts.append(known)
    elif known.failed_at is not None or (known.made and not command.failed) or _still_waits(known, command):
        raise Duplicate(f"payout {command.key} is recorded already")
    known.note, known.details = command.note, dict(command.details)
    if known.transfer_id is None and command.amount:
        known.amount = command.amount
    if command.account_id is not None:
        known.account_id = command.account_id
    if command.transfer_id is not None and known.transfer_id is None:
        known.transfer_id, known.transferred_at = command.transfer_id, now
        known.on_hold = command.on_hold
        known.released_at = None if command.on_hold else now
    if command.failed:
        known.failed_at = now
        if known.transfer_id is not None:
            booking.attention.append(_failed(booking, known))
    known.follow_state()
    return _transition(booking, known, command.note)


def record_release(booking: Booking, command: RecordRelease, now: datetime) -> Transition:
    """A payout is the payee's for good.

    Raises:
        Duplicate: it is recorded already.
        NotFound: it is not of this booking.
    """
    must_have_role(EngineAction.PAYOUT, command.actor)
    payout = _payout(booking, command.key)
    if not payout.on_hold:
        raise Duplicate(f"payout {command.key} is released already")
    payout.on_hold, payout.released_at, payout.details = False, now, dict(command.details)
    payout.follow_state()
    return _transition(booking, payout, None)


def record_reversal(booking: Booking, command: RecordReversal, now: datetime) -> Transition:
    """A part of a payout was taken back, by us or by staff in the provider's dashboard.

    Raises:
        Duplicate: it is recorded already.
        NotFound: the payout is not of this booking.
    """
    must_have_role(EngineAction.PAYOUT, command.actor)
    payout = _payout(booking, command.payout)
    if any(each.reversal_id == command.reversal_id for each in payout.reversals):
        raise Duplicate(f"reversal {command.reversal_id} is recorded already")
    payout.reversals.append(Reversal(command.key, command.reversal_id, command.amount, now))
    payout.details = dict(command.details)
    payout.follow_state()
    return _transition(booking, payout, f"{rupees(command.amount)} taken back")


def _payout(booking: Booking, key: str) -> Payout:
    found = next((each for each in booking.payouts if each.key == key), None)
    if found is None:
        raise NotFound(f"payout {key} is not of this booking")
    return found


def _still_waits(known: Payout, command: RecordTransfer) -> bool:
    same = (known.note, known.amount) == (command.note, command.amount)
    return same and known.transfer_id is None and command.transfer_id is None and not command.failed


def _failed(booking: Booking, payout: Payout) -> str:
    again = "; it is tried again" if len(booking.payouts) < MOST_PAYOUTS else ""
    return f"the transfer {payout.key} of {rupees(payout.amount)} has failed: {payout.note or 'no reason given'}{again}"


def _transition(booking: Booking, payout: Payout, note: str | None) -> Transition:
    told = f"payout {payout.key} of {rupees(payout.kept or payout.amount)}: {payout.state}"
    return Transition(EngineAction.PAYOUT, booking.status, f"{told} ({note})" if note else told)
