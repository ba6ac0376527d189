"""Moving an appointment."""

from datetime import date, datetime

from domain.errors import Invalid
from domain.lifecycle import Transition, refusal
from kinds.vehicle_service.domain.commands import Reschedule
from kinds.vehicle_service.domain.lifecycle import LIFECYCLE, Action, VisitStatus
from kinds.vehicle_service.domain.parts import Job
from kinds.vehicle_service.domain.rules.mechanics import end_assignments
from kinds.vehicle_service.domain.visit import VisitBooking

_BEFORE_COLLECTION = frozenset({VisitStatus.BOOKED, VisitStatus.PICKUP})


def reschedule(booking: VisitBooking, command: Reschedule, now: datetime) -> Transition:
    """New times. A changed pickup releases the mechanic who was assigned to it; the payment is untouched."""
    to = LIFECYCLE.after(booking.status, Action.RESCHEDULE, command.actor.role)
    if command.pickup is None and command.drop is None:
        raise Invalid("nothing to reschedule: give a new pickup or drop date, slot or address")
    if command.pickup is not None:
        if booking.status not in _BEFORE_COLLECTION:
            raise refusal(booking, Action.RESCHEDULE, "the vehicle is collected; only the drop can move")
        booking.pickup = command.pickup
        end_assignments(booking, Job.PICKUP)
        to = VisitStatus.BOOKED
    booking.drop = command.drop or booking.drop
    must_fit_working_days(booking)
    return Transition(Action.RESCHEDULE, to)


def must_fit_working_days(booking: VisitBooking) -> None:
    """The working days that the services need lie between the two dates.

    Raises:
        Invalid: they do not.
    """
    must_leave_working_days(booking.pickup.date, booking.drop.date, booking.working_days)


def must_leave_working_days(pickup: date, drop: date, working_days: int) -> None:
    """So many days lie between the two.

    Raises:
        Invalid: they do not.
    """
    if (drop - pickup).days < working_days:
        raise Invalid(
            f"the services need {working_days} working day(s); "
            f"the drop date can be {working_days} day(s) after the pickup date at the earliest"
        )
