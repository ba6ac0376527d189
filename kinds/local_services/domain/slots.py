"""Which starts a provider's calendar leaves free: the schedule, without the time that bookings hold.

A booking must fit into one window. What is held reaches to the end of its buffer, and a new booking needs its own
buffer free as well; the buffer need not fit into the window. Starts lie on a grid of ``step``, counted from the full
hour of the provider's clock.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import islice
from zoneinfo import ZoneInfo

from domain.kind import Json
from kinds.local_services.domain.schedules import Schedule, Span

STEP = timedelta(minutes=15)
LONGEST = timedelta(hours=24)
OFFERED = 5
"""So many slots are told to whoever wanted one that is not free."""
MOST_SLOTS = 2000
MOST_DAYS = timedelta(days=31)
_LEAST = timedelta(microseconds=1)


def duration_of(hours: Decimal | float) -> timedelta:
    """Hours as a client writes them; to the whole second, for a third of an hour has no last decimal."""
    return timedelta(seconds=int((Decimal(str(hours)) * 3600).quantize(Decimal(1), rounding=ROUND_HALF_UP)))


def is_duration(duration: timedelta, step: timedelta = STEP) -> bool:
    """Whether a booking may last that long: from two steps to 24 hours, in steps."""
    return 2 * step <= duration <= LONGEST and not duration % step


def on_grid(moment: datetime, timezone: str, step: timedelta = STEP) -> bool:
    """Whether a booking may begin then, by the provider's clock."""
    return not _beyond_grid(moment, ZoneInfo(timezone), step)


def is_offered(schedule: Schedule, start: datetime, duration: timedelta, now: datetime) -> bool:
    """Whether the schedule takes a booking of that time, asked for now; what others hold is another question."""
    if not now + schedule.min_notice <= start <= now + schedule.horizon:
        return False
    windows = schedule.windows(*_dates(schedule, start, start + duration))
    return any(each.start <= start and start + duration <= each.end for each in windows)


def free_slots(
    schedule: Schedule,
    held: Iterable[Span],
    since: datetime,
    until: datetime,
    duration: timedelta,
    now: datetime,
    step: timedelta = STEP,
) -> Iterator[Span]:
    """Every slot of that length which begins from ``since`` (inclusive) to ``until`` (exclusive) and would be granted
    to somebody who asks for it now, the earliest first. ``held`` is what bookings hold around that time, each to the
    end of its buffer, in any order."""
    first, last = max(since, now + schedule.min_notice), min(until, now + schedule.horizon + _LEAST)
    if first >= last:
        return
    blocked = _joined(Span(each.start - schedule.buffer, each.end) for each in held)
    zone = ZoneInfo(schedule.timezone)
    for window in schedule.windows(*_dates(schedule, first, last + duration)):
        if window.start >= last:
            return
        for gap in _gaps(window, blocked):
            start = _next_on_grid(max(gap.start, first), zone, step)
            while start < last and start + duration <= gap.end:
                yield Span(start, start + duration)
                start = _next_on_grid(start + step, zone, step)


def next_free_slots(
    schedule: Schedule,
    held: Iterable[Span],
    wanted: datetime,
    duration: timedelta,
    now: datetime,
    step: timedelta = STEP,
    most: int = OFFERED,
) -> list[Span]:
    """The first free slots that begin at the wanted time or later, as far as the horizon reaches."""
    end = now + schedule.horizon + _LEAST
    return list(islice(free_slots(schedule, held, wanted, end, duration, now, step), most))


def held_leg(provider: str, starts_at: datetime, duration: timedelta, buffer: timedelta) -> Json:
    """What a booking reserves of its provider's time, as plain JSON: from its start to the end of the buffer that
    follows its own end. With ``step`` and ``notice``, seconds, it also says by what to look for free time instead."""
    ends = starts_at + duration
    moments = {"from": starts_at, "ends": ends, "until": ends + buffer}
    return {"provider": provider, **{name: moment.isoformat() for name, moment in moments.items()}}


def in_steps(duration: timedelta, step: timedelta) -> timedelta:
    """The shortest duration that a booking may have and that is not shorter than this."""
    return max(2 * step, -(-duration // step) * step)


def _dates(schedule: Schedule, start: datetime, end: datetime) -> tuple[date, date]:
    """The dates of all windows that may have to do with that time: one that began the day before may meet today's."""
    day = timedelta(days=1)
    return schedule.date_of(start) - day, schedule.date_of(end) + day


def _joined(spans: Iterable[Span]) -> list[Span]:
    found: list[Span] = []
    for span in sorted(spans):
        if found and span.start <= found[-1].end:
            found[-1] = Span(found[-1].start, max(found[-1].end, span.end))
        else:
            found.append(span)
    return found


def _gaps(window: Span, blocked: Sequence[Span]) -> Iterator[Span]:
    """What is left of a window; ``blocked`` are apart from each other, by time."""
    free = window.start
    at = bisect_right(blocked, free, key=lambda each: each.end)
    for span in islice(blocked, at, None):
        if span.start >= window.end:
            break
        if free < span.start:
            yield Span(free, span.start)
        free = span.end
    if free < window.end:
        yield Span(free, window.end)


def _next_on_grid(moment: datetime, zone: ZoneInfo, step: timedelta) -> datetime:
    beyond = _beyond_grid(moment, zone, step)
    return moment + (step - beyond) if beyond else moment


def _beyond_grid(moment: datetime, zone: ZoneInfo, step: timedelta) -> timedelta:
    local = moment.astimezone(zone)
    return timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond) % step
