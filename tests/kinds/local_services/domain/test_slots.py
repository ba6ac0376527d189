"""Which starts are free beside what bookings hold."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from kinds.local_services.domain.schedules import Schedule, Span, WeeklyWindow
from kinds.local_services.domain.slots import (
    STEP,
    duration_of,
    free_slots,
    held_leg,
    in_steps,
    is_duration,
    is_offered,
    next_free_slots,
    on_grid,
)

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
NOW = datetime(2026, 12, 11, 3, tzinfo=UTC)
"""08:30 in India, a Friday."""


def at(hour: int, minute: int = 0, day: int = 12) -> datetime:
    """By the clock of India."""
    return datetime(2026, 12, day, hour, minute, tzinfo=UTC) - timedelta(hours=5, minutes=30)


DAWN, NIGHT = at(0), at(23)


def starts(held=(), since=DAWN, until=NIGHT, duration=2 * HOUR, now=NOW, step=STEP, **schedule) -> list[datetime]:
    return [slot.start for slot in free_slots(Schedule(**schedule), held, since, until, duration, now, step)]


def quarters(first: datetime, last: datetime) -> list[datetime]:
    return [first + number * STEP for number in range((last - first) // STEP + 1)]


def test_every_quarter_hour_at_which_the_booking_fits_into_the_window_is_a_start():
    assert starts() == quarters(at(8), at(18))


def test_what_is_held_and_its_buffer_are_not_free_and_neither_is_time_without_room_for_the_own_buffer():
    held = [Span(at(12), at(14, 30))]  # two hours and a buffer
    assert starts(held) == [*quarters(at(8), at(9, 30)), *quarters(at(14, 30), at(18))]


def test_the_buffer_need_not_fit_into_the_window():
    assert starts(buffer=4 * HOUR)[-1] == at(18)


def test_bookings_without_a_buffer_may_meet():
    held = [Span(at(14), at(16)), Span(at(8), at(12))]
    assert starts(held, buffer=timedelta(0)) == [at(12), *quarters(at(16), at(18))]


def test_a_start_stays_on_the_grid_after_time_that_ends_off_it():
    assert starts([Span(at(8), at(12, 40))])[0] == at(12, 45)


def test_the_notice_is_kept_from_now():
    assert starts(since=at(0, day=11), until=at(23, day=11), now=at(9, 10, day=11))[0] == at(11, 15, day=11)


def test_nothing_begins_beyond_the_horizon():
    found = starts(since=at(0), until=at(0, day=20), horizon=timedelta(days=1, hours=1))
    assert found[-1] == NOW + timedelta(days=1, hours=1)


def test_a_booking_may_last_over_midnight_where_windows_meet():
    every_hour = tuple(WeeklyWindow(day, 0, 24 * 60) for day in range(1, 8))
    assert starts(weekly=every_hour, since=at(20), until=at(20, 1), duration=24 * HOUR) == [at(20)]


def test_a_zone_with_three_quarters_of_an_hour_has_its_own_full_hours():
    assert starts(timezone="Asia/Kathmandu", step=HOUR, duration=2 * HOUR)[0] == at(7, 45)


def test_the_end_of_what_is_asked_for_is_exclusive():
    assert starts(since=at(10), until=at(10, 15)) == [at(10)]
    assert starts(since=at(10), until=at(10)) == []


def test_five_slots_of_the_wanted_length_are_offered_instead_from_the_wanted_time_on():
    held = [Span(at(10), at(19))]
    found = next_free_slots(Schedule(), held, at(10), 2 * HOUR, NOW)
    assert found == [Span(start, start + 2 * HOUR) for start in quarters(at(8, day=13), at(9, day=13))]


def test_fewer_are_offered_where_the_horizon_ends():
    schedule = Schedule(horizon=at(9) - NOW)
    assert [slot.start for slot in next_free_slots(schedule, [], at(8, 30), 2 * HOUR, NOW)] == quarters(
        at(8, 30), at(9)
    )


def test_nothing_is_offered_before_the_notice():
    assert next_free_slots(Schedule(), [], at(0, day=10), HOUR, at(10, day=11))[0].start == at(12, day=11)


@pytest.mark.parametrize(
    ("start", "offered"),
    [
        (at(8), True),
        (at(18), True),
        (at(18, 15), False),
        (at(7, 45), False),
        (NOW + 2 * HOUR, True),
        (NOW + 2 * HOUR - MINUTE, False),
        (NOW - HOUR, False),
        (at(10) + timedelta(days=58), True),
        (at(10) + timedelta(days=60), False),
    ],
)
def test_a_schedule_takes_what_fits_into_a_window_between_notice_and_horizon(start, offered):
    assert is_offered(Schedule(), start, 2 * HOUR, NOW) is offered


def test_every_free_slot_is_one_that_the_schedule_offers():
    schedule = Schedule(timezone="Europe/Berlin", weekly=tuple(WeeklyWindow(day, 60, 300) for day in range(1, 8)))
    now = datetime(2026, 10, 23, 12, tzinfo=UTC)
    found = list(free_slots(schedule, [], now, now + timedelta(days=4), 2 * HOUR, now))
    assert all(is_offered(schedule, slot.start, 2 * HOUR, now) for slot in found)
    days = [schedule.date_of(slot.end) for slot in found]
    assert [sum(each.day == day for each in days) for day in (24, 25, 26)] == [9, 13, 9], "one night has 25 hours"


def test_starts_lie_on_the_grid_of_the_full_hour():
    assert on_grid(at(9, 45), "Asia/Kolkata")
    assert not on_grid(at(9, 50), "Asia/Kolkata")
    assert not on_grid(at(9, 45) + timedelta(microseconds=1), "Asia/Kolkata")
    assert not on_grid(at(9, 30), "Asia/Kolkata", HOUR)
    assert on_grid(at(9), "Asia/Kolkata", HOUR)


@pytest.mark.parametrize(
    ("hours", "fits"),
    [("0.5", True), ("24", True), ("0.25", False), ("24.25", False), ("1.1", False), ("0", False), ("-1", False)],
)
def test_a_booking_lasts_half_an_hour_to_a_day_in_quarters(hours, fits):
    assert is_duration(duration_of(Decimal(hours))) is fits


def test_hours_without_a_last_decimal_are_whole_seconds():
    assert duration_of(0.0333333) == 2 * MINUTE
    assert is_duration(duration_of(0.0333333), MINUTE)


def test_a_length_is_rounded_up_to_one_that_can_be_booked():
    assert in_steps(HOUR, STEP) == HOUR
    assert in_steps(timedelta(minutes=50), STEP) == HOUR
    assert in_steps(MINUTE, STEP) == 2 * STEP


def test_a_booking_reserves_its_time_and_the_buffer_after_it():
    assert held_leg("USR000009", at(9), 2 * HOUR, 30 * MINUTE) == {
        "provider": "USR000009",
        "from": "2026-12-12T03:30:00+00:00",
        "ends": "2026-12-12T05:30:00+00:00",
        "until": "2026-12-12T06:00:00+00:00",
    }
