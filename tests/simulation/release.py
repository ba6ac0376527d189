"""A worker of another release: cancelling costs more. ``python -m tests.simulation.release [role]``.

The other rule is for bookings of the simulation alone, so that a stack that is shared stays as it is for others.
"""

import sys
from dataclasses import replace
from datetime import datetime

import worker
from domain.lifecycle import Transition
from domain.money import Paise
from kinds.vehicle_service.domain.commands import Cancel
from kinds.vehicle_service.domain.rules import RULES
from kinds.vehicle_service.domain.visit import VisitBooking
from tests.simulation.visits import NOTE

NEW_FEE: Paise = 150000
_cancel_of_today = RULES[Cancel]


def _cancel(booking: VisitBooking, command: Cancel, now: datetime) -> Transition:
    terms = booking.policy
    if booking.notes == NOTE:
        booking.policy = replace(terms, inspection_fee=NEW_FEE)
    transition = _cancel_of_today(booking, command, now)
    booking.policy = terms
    return transition


def main() -> None:
    """The product's worker, with the other rule in it."""
    RULES[Cancel] = _cancel  # type: ignore[index]  # a dictionary, which nobody else changes
    worker.main(sys.argv[1:])


if __name__ == "__main__":
    main()
