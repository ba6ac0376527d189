"""When a provider works: windows of wall-clock time by weekday, other windows on single dates, and how they become UTC.

A time that a clock change skips moves forward by the length of the gap (02:30 is 03:30); one that comes twice is its
first. Windows that meet are one, over midnight as well.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from domain.errors import Invalid
from domain.timezones import timezone

DAY = 24 * 60
"""Minutes; as the end of a window it is "24:00"."""
MOST_WINDOWS, MOST_EXCEPTIONS = 70, 400
LONGEST_BUFFER = timedelta(minutes=240)
LONGEST_NOTICE = timedelta(hours=168)
LONGEST_HORIZON = timedelta(days=180)


class Span(NamedTuple):
    """From a moment (inclusive) to a later one (exclusive), both aware UTC."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, order=True)
class WeeklyWindow:
    """A window of every such weekday (1 is Monday); ``start`` and ``end`` are minutes since midnight, DAY at most."""

    weekday: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class DayException:
    """A window of one date instead of that weekday's; without ``start`` and ``end`` the date is closed."""

    date: date
    start: int | None = None
    end: int | None = None

    @property
    def closed(self) -> bool:
        """Nothing is offered on that date."""
        return self.start is None


_EVERY_DAY = tuple(WeeklyWindow(weekday, 8 * 60, 20 * 60) for weekday in range(1, 8))


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A provider's schedule, the same for all their listings. ``timezone`` is a name of the IANA list.

    A booking begins at least ``min_notice`` after it is asked for, at most ``horizon``; ``buffer`` is kept free after
    its end. The defaults are those of a provider who has set nothing.

    Raises:
        Invalid: it contradicts itself.
    """

    timezone: str = "Asia/Kolkata"
    weekly: tuple[WeeklyWindow, ...] = _EVERY_DAY
    exceptions: tuple[DayException, ...] = ()
    min_notice: timedelta = timedelta(hours=2)
    buffer: timedelta = timedelta(minutes=30)
    horizon: timedelta = timedelta(days=60)

    def __post_init__(self) -> None:
        timezone(self.timezone)
        if len(self.weekly) > MOST_WINDOWS or len(self.exceptions) > MOST_EXCEPTIONS:
            raise Invalid(f"a schedule has at most {MOST_WINDOWS} windows and {MOST_EXCEPTIONS} exceptions")
        for weekday in range(1, 8):
            windows = [(each.start, each.end) for each in self.weekly if each.weekday == weekday]
            _must_not_overlap(windows, f"weekday {weekday}")
        for day, entries in self._by_date().items():
            if any(each.closed for each in entries) and len(entries) > 1:
                raise Invalid(f"{day.isoformat()} is closed: nothing else can be said of it")
            _must_not_overlap([_minutes(each) for each in entries if not each.closed], day.isoformat())

    def windows(self, first: date, last: date) -> Iterator[Span]:
        """The windows that begin on these dates (of its zone, both inclusive), those that meet as one, by time."""
        special, pending = self._by_date(), None
        for day in _days(first, last):
            entries = special.get(day)
            minutes = self._usual(day) if entries is None else [_minutes(each) for each in entries if not each.closed]
            spans = (Span(self.moment(day, start), self.moment(day, end)) for start, end in minutes)
            for span in sorted(
                each for each in spans if each.start < each.end
            ):  # of some a clock change leaves nothing
                if pending is None or span.start > pending.end:
                    if pending is not None:
                        yield pending
                    pending = span
                else:
                    pending = Span(min(pending.start, span.start), max(pending.end, span.end))
        if pending is not None:
            yield pending

    def moment(self, day: date, minute: int) -> datetime:
        """When the clock shows that minute of the day (DAY: midnight after it)."""
        local = datetime.combine(day, time()) + timedelta(minutes=minute)
        return local.replace(tzinfo=ZoneInfo(self.timezone), fold=0).astimezone(UTC)

    def date_of(self, moment: datetime) -> date:
        """The date that its calendar shows then."""
        return moment.astimezone(ZoneInfo(self.timezone)).date()

    def _usual(self, day: date) -> list[tuple[int, int]]:
        return [(each.start, each.end) for each in self.weekly if each.weekday == day.isoweekday()]

    def _by_date(self) -> dict[date, list[DayException]]:
        found: dict[date, list[DayException]] = {}
        for each in self.exceptions:
            found.setdefault(each.date, []).append(each)
        return found


def minutes_of(clock: str) -> int:
    """Minutes since midnight: "09:30" is 570, "24:00" is DAY.

    Raises:
        Invalid: it is no such time.
    """
    if len(clock) == 5 and clock.isascii() and clock[2] == ":" and (clock[:2] + clock[3:]).isdigit():
        hours, minutes = int(clock[:2]), int(clock[3:])
        if minutes < 60 and hours * 60 + minutes <= DAY:
            return hours * 60 + minutes
    raise Invalid(f"{clock[:20]!r} is no time of a day between 00:00 and 24:00")


def clock_of(minutes: int) -> str:
    """The other way round."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _minutes(entry: DayException) -> tuple[int, int]:
    return entry.start or 0, entry.end or 0


def _must_not_overlap(windows: Iterable[tuple[int, int]], where: str) -> None:
    latest = 0
    for start, end in sorted(windows):
        if not 0 <= start < end <= DAY:
            raise Invalid(f"a window on {where} ends before it begins")
        if start < latest:
            raise Invalid(f"two windows on {where} overlap")
        latest = end


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)
