"""Time and care: moving an appointment, calling an admin, and what the admin or the engine puts right."""

from datetime import datetime

from domain.errors import Invalid
from domain.kinds.vehicle_service.booking import Booking, Job
from domain.kinds.vehicle_service.life import LIFECYCLE, Action, State
from domain.kinds.vehicle_service.requests import Alert, ClearAttention, Repair, Reschedule
from domain.kinds.vehicle_service.rules.outcome import Outcome, refuse, release

_BEFORE_COLLECTION = frozenset({State.BOOKED, State.PICKUP})


def reschedule(draft: Booking, request: Reschedule, now: datetime) -> Outcome:
    """New times. A changed pickup releases the mechanic who was assigned to it; the payment is untouched."""
    to = LIFECYCLE.after(draft.status, Action.RESCHEDULE, request.actor.role)
    if request.pickup is None and request.drop is None:
        raise Invalid("nothing to reschedule: give a new pickup or drop date, slot or address")
    if request.pickup is not None:
        if draft.status not in _BEFORE_COLLECTION:
            raise refuse(draft, Action.RESCHEDULE, "the vehicle is collected; only the drop can move")
        draft.pickup = request.pickup
        release(draft, Job.PICKUP)
        to = State.BOOKED
    draft.drop = request.drop or draft.drop
    fits(draft)
    return Outcome(Action.RESCHEDULE, to)


def fits(booking: Booking) -> None:
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


def alert(draft: Booking, request: Alert, now: datetime) -> Outcome:
    """Call an admin, once per reason."""
    to = LIFECYCLE.after(draft.status, Action.ALERT, request.actor.role)
    draft.alerted.append(request.key)
    if request.lasting:
        draft.attention.append(request.note)
    return Outcome(Action.ALERT, to, request.note)


def clear_attention(draft: Booking, request: ClearAttention, now: datetime) -> Outcome:
    """An admin has seen to what asked for it; a refund or a dispute that is still stuck goes on asking."""
    to = LIFECYCLE.after(draft.status, Action.CLEAR_ATTENTION, request.actor.role)
    if not draft.attention:
        raise refuse(draft, Action.CLEAR_ATTENTION, "nothing asks for attention that could be cleared")
    draft.attention = []
    return Outcome(Action.CLEAR_ATTENTION, to, request.note)


def repair(draft: Booking, request: Repair, now: datetime) -> Outcome:
    """The same state, one version further: it overwrites the rows of a move that was lost."""
    to = LIFECYCLE.after(draft.status, Action.REPAIR, request.actor.role)
    return Outcome(Action.REPAIR, to, "a step that was lost in a crash was taken back; please repeat it")
