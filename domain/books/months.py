"""Months of the shop: those of its calendar, in its time zone."""

import re
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from domain.errors import Invalid

_WRITTEN = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A month of the calendar; as text ``"2026-11"``."""

    year: int
    month: int

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"

    @property
    def next(self) -> "Month":
        """The month after."""
        return Month(self.year + self.month // 12, self.month % 12 + 1)

    def begin(self, zone: ZoneInfo) -> datetime:
        """Its first moment in that zone."""
        return datetime(self.year, self.month, 1, tzinfo=zone)


@dataclass(frozen=True, slots=True)
class BookMonth:
    """A month of which books are made: everything from ``since`` to before ``until``, days being those of ``zone``."""

    month: Month
    zone: ZoneInfo

    @property
    def since(self) -> datetime:
        """Its first moment."""
        return self.month.begin(self.zone)

    @property
    def until(self) -> datetime:
        """The first moment after it."""
        return self.month.next.begin(self.zone)


def month(written: str) -> Month:
    """Read ``"2026-11"``.

    Raises:
        Invalid: that is no month.
    """
    if not (found := _WRITTEN.fullmatch(written.strip())):
        raise Invalid(f"{written[:20]!r} is no month: write it as 2026-11")
    return Month(int(found[1]), int(found[2]))
