"""How often people may ask one booking for the same sort of thing: senseless repetition is refused by name.

What is granted is counted in the booking's state, for each role by itself, so that nobody's repetition keeps others
from their work. A refusal writes nothing. The engine's own commands are not counted, nor is whatever ends a booking.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.booking import Booking, HourlyCount
from domain.commands import Command, RetryRefund
from domain.errors import TooMany

HOUR = timedelta(hours=1)

MOST_ORDERS = 10
"""An order is a call at the payment provider, whose quota is everybody's; who cannot decide makes a handful."""


@dataclass(frozen=True, slots=True)
class HourlyLimit:
    """At most so many of these commands an hour by people of one role; ``what`` is their name in the plural."""

    what: str
    most: int
    commands: tuple[type[Command], ...]


REFUND_RETRIES = HourlyLimit("retries of refunds", 20, (RetryRefund,))
"""The provider is asked each time, and one that was given up begins a new attempt with an id of the booking's own."""


def count(booking: Booking, what: str, most: int, role: str, now: datetime) -> None:
    """Count one more in the state; an hour begins with the first that is counted.

    Raises:
        TooMany: it was ``most`` within this hour; ``retry_after`` has the seconds that are left of it.
    """
    current = {key: each for key, each in booking.hourly_counts.items() if now - each.since < HOUR}
    key = f"{what} by {role}"
    known = current.get(key, HourlyCount(now, 0))
    if known.count >= most:
        left = math.ceil((known.since + HOUR - now).total_seconds())
        raise TooMany(
            f"booking {booking.id} had {most} {what} within an hour; the next one has to wait", retry_after=left
        )
    booking.hourly_counts = {**current, key: HourlyCount(known.since, known.count + 1)}
