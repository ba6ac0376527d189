"""Rules about the care of a booking of any kind: calling an admin, and what an admin or the engine puts right."""

from datetime import datetime

from domain.booking import Booking
from domain.commands import Alert, ClearAttention, Repair
from domain.lifecycle import EngineAction, Transition, must_have_role, refusal


def alert(booking: Booking, command: Alert, now: datetime) -> Transition:
    """Call an admin, once per reason."""
    must_have_role(EngineAction.ALERT, command.actor)
    booking.alerted.append(command.key)
    if command.lasting:
        booking.attention.append(command.note)
    return Transition(EngineAction.ALERT, booking.status, command.note)


def clear_attention(booking: Booking, command: ClearAttention, now: datetime) -> Transition:
    """An admin has seen to what asked for it; a refund or a dispute that is still stuck goes on asking."""
    must_have_role(EngineAction.CLEAR_ATTENTION, command.actor)
    if not booking.attention:
        raise refusal(booking, EngineAction.CLEAR_ATTENTION, "nothing asks for attention that could be cleared")
    booking.attention = []
    return Transition(EngineAction.CLEAR_ATTENTION, booking.status, command.note)


def repair(booking: Booking, command: Repair, now: datetime) -> Transition:
    """The same state, one version further: it overwrites the rows of a move that was lost."""
    must_have_role(EngineAction.REPAIR, command.actor)
    return Transition(
        EngineAction.REPAIR, booking.status, "a step that was lost in a crash was taken back; please repeat it"
    )
