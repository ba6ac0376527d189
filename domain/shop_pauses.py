"""What a shop takes a rest from: new bookings, or new payments online. What is under way goes on meanwhile.

A pause may have an end, and ends then by itself: whoever asks compares it with the clock.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from domain.errors import BookingsPaused, Invalid, PaymentsPaused, Unavailable

LONGEST = timedelta(days=366)
ASK_AGAIN = timedelta(minutes=10)
"""After which time it is worth asking again, where nobody knows when a pause ends."""
LONGEST_TO_WAIT = timedelta(days=1)


class Paused(StrEnum):
    """What can be paused."""

    BOOKINGS = "bookings"
    PAYMENTS = "payments"


_REFUSALS: dict[Paused, type[Unavailable]] = {
    Paused.BOOKINGS: BookingsPaused,
    Paused.PAYMENTS: PaymentsPaused,
}
_BEGINNINGS = {
    Paused.BOOKINGS: "we take no new bookings",
    Paused.PAYMENTS: "we take no new payments online",
}
_STILL = {
    Paused.BOOKINGS: "bookings that were made go on as agreed",
    Paused.PAYMENTS: "you can pay in cash, and what was paid already counts",
}


@dataclass(frozen=True, slots=True)
class Pause:
    """``until`` None: until somebody ends it. The ``reason``, "" for none, is said to customers."""

    what: Paused
    since: datetime
    until: datetime | None
    reason: str

    def sentence(self, timezone: str) -> str:
        """What customers are told, with the end by the shop's clock."""
        because = f" ({self.reason})" if self.reason else ""
        return f"{_BEGINNINGS[self.what]} {self._end(timezone)}{because}; {_STILL[self.what]}"

    def retry_after(self, now: datetime) -> int:
        """Seconds after which asking again makes sense: a day at the most."""
        left = ASK_AGAIN if self.until is None else min(self.until - now, LONGEST_TO_WAIT)
        return max(1, math.ceil(left.total_seconds()))

    def refusal(self, now: datetime, timezone: str) -> Unavailable:
        """With what it is refused."""
        until = None if self.until is None else self.until.isoformat()
        return _REFUSALS[self.what](self.sentence(timezone), retry_after=self.retry_after(now), until=until)

    def _end(self, timezone: str) -> str:
        if self.until is None:
            return "for the time being"
        end = self.until.astimezone(ZoneInfo(timezone))
        return f"until {end.day} {end:%B %Y, %H:%M}"


def must_end_in_time(until: datetime, now: datetime) -> None:
    """Raises Invalid for an end that is over, or so far away that it cannot be meant."""
    if until <= now:
        raise Invalid(f"{until.isoformat(' ', 'minutes')} is over")
    if until > now + LONGEST:
        raise Invalid(f"a pause ends within {LONGEST.days} days; without an end it lasts until it is ended")
