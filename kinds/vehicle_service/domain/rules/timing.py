"""Time and care: moving an appointment, calling an admin, and what the admin or the engine puts right."""

from datetime import datetime

from domain.commands import Alert, ClearAttention, Repair
from domain.errors import Invalid
from kinds.vehicle_service.domain.commands import Reschedule
from kinds.vehicle_service.domain.lifecycle import LIFECYCLE, Action, State
from kinds.vehicle_service.domain.parts import Job
from kinds.vehicle_service.domain.rules.transition import Transition, refusal, release
from kinds.vehicle_service.domain.visit import VisitBooking

_BEFORE_COLLECTION = frozenset({State.BOOKED, State.PICKUP})


def reschedule(booking: VisitBooking, command: Reschedule, now: datetime) -> Transition:
    """New times. A changed pickup releases the mechanic who was assigned to it; the payment is untouched."""
    to = LIFECYCLE.after(booking.status, Action.RESCHEDULE, command.actor.role)
    if command.pickup is None and command.drop is None:
        raise Invalid("nothing to reschedule: give a new pickup or drop date, slot or address")
    if command.pickup is not None:
        if booking.status not in _BEFORE_COLLECTION:
            raise refusal(booking, Action.RESCHEDULE, "the vehicle is collected; only the drop can move")
        booking.pickup = command.pickup
        release(booking, Job.PICKUP)
        to = State.BOOKED
    booking.drop = command.drop or booking.drop
    must_fit_working_days(booking)
    return Transition(Action.RESCHEDULE, to)


def must_fit_working_days(booking: VisitBooking) -> None:
    """The working days that the services need lie between the two dates.

    Raises:
        Invalid: they do not.
    """
    days = (booking.drop.date - booking.pickup.date).days
    if days < booking.working_days:
        raise Invalid(
            f"the services need {booking.working_days} working day(s); "
            f"the drop date can be {booking.working_days} day(s) after the pickup date at the earliest"
        )


def alert(booking: VisitBooking, command: Alert, now: datetime) -> Transition:
    """Call an admin, once per reason."""
    to = LIFECYCLE.after(booking.status, Action.ALERT, command.actor.role)
    booking.alerted.append(command.key)
    if command.lasting:
        booking.attention.append(command.note)
    return Transition(Action.ALERT, to, command.note)


def clear_attention(booking: VisitBooking, command: ClearAttention, now: datetime) -> Transition:
    """An admin has seen to what asked for it; a refund or a dispute that is still stuck goes on asking."""
    to = LIFECYCLE.after(booking.status, Action.CLEAR_ATTENTION, command.actor.role)
    if not booking.attention:
        raise refusal(booking, Action.CLEAR_ATTENTION, "nothing asks for attention that could be cleared")
    booking.attention = []
    return Transition(Action.CLEAR_ATTENTION, to, command.note)


def repair(booking: VisitBooking, command: Repair, now: datetime) -> Transition:
    """The same state, one version further: it overwrites the rows of a move that was lost."""
    to = LIFECYCLE.after(booking.status, Action.REPAIR, command.actor.role)
    return Transition(Action.REPAIR, to, "a step that was lost in a crash was taken back; please repeat it")
