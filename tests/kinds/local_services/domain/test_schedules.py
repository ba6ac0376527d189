"""A provider's week, holidays and clock changes: which UTC times are windows."""

from datetime import UTC, date, datetime, timedelta

import pytest

from domain.errors import Invalid
from kinds.local_services.domain.schedules import (
    DayException,
    Schedule,
    WeeklyWindow,
    clock_of,
    minutes_of,
)

SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)
"""Sundays on which the clocks of Berlin change."""
SUNDAY = 7


def utc(day: int, hour: int, minute: int = 0, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def window(start: str, end: str, weekday: int = SUNDAY) -> WeeklyWindow:
    return WeeklyWindow(weekday, minutes_of(start), minutes_of(end))


def berlin(*windows: WeeklyWindow, exceptions: tuple[DayException, ...] = ()) -> Schedule:
    return Schedule(timezone="Europe/Berlin", weekly=windows, exceptions=exceptions)


def spans(schedule: Schedule, first: date, last: date | None = None) -> list[tuple[datetime, datetime]]:
    return [tuple(each) for each in schedule.windows(first, last or first)]


def test_who_has_set_nothing_works_from_eight_to_eight_by_the_clock_of_india():
    assert spans(Schedule(), date(2026, 12, 12)) == [(utc(12, 2, 30, month=12), utc(12, 14, 30, month=12))]


def test_a_window_is_an_hour_earlier_in_utc_after_the_clocks_go_forward():
    schedule = berlin(window("09:00", "17:00"), window("09:00", "17:00", weekday=6))
    assert spans(schedule, date(2026, 3, 28), SPRING) == [(utc(28, 8), utc(28, 16)), (utc(29, 7), utc(29, 15))]


def test_a_skipped_time_moves_forward_by_the_length_of_the_gap():
    assert spans(berlin(window("02:30", "05:00")), SPRING) == [(utc(29, 1, 30), utc(29, 3))]
    assert spans(berlin(window("00:00", "02:30")), SPRING) == [(utc(28, 23), utc(29, 1, 30))]


def test_a_window_within_the_skipped_hour_ends_as_far_forward_as_it_begins():
    assert spans(berlin(window("02:10", "02:40")), SPRING) == [(utc(29, 1, 10), utc(29, 1, 40))]


def test_of_a_window_from_the_skipped_hour_to_just_after_it_nothing_is_left():
    assert spans(berlin(window("02:15", "03:10")), SPRING) == []


def test_a_doubled_time_is_its_first():
    assert spans(berlin(window("02:30", "05:00")), AUTUMN) == [(utc(25, 0, 30, month=10), utc(25, 4, month=10))]
    assert spans(berlin(window("00:00", "02:30")), AUTUMN) == [(utc(24, 22, month=10), utc(25, 0, 30, month=10))]


def test_a_whole_day_has_23_hours_in_spring_and_25_in_autumn():
    for day, hours in ((SPRING, 23), (AUTUMN, 25)):
        ((start, end),) = spans(berlin(window("00:00", "24:00")), day)
        assert end - start == timedelta(hours=hours)


def test_windows_that_meet_are_one_over_midnight_too():
    schedule = berlin(
        window("22:00", "24:00"), window("00:00", "01:00", weekday=1), window("01:00", "02:00", weekday=1)
    )
    assert spans(schedule, date(2026, 5, 3), date(2026, 5, 4)) == [(utc(3, 20, month=5), utc(4, 0, month=5))]


def test_an_exception_replaces_the_windows_of_its_date_and_of_no_other():
    special = DayException(SPRING, minutes_of("12:00"), minutes_of("13:00"))
    schedule = berlin(window("09:00", "17:00"), exceptions=(special,))
    assert spans(schedule, SPRING) == [(utc(29, 10), utc(29, 11))]
    assert spans(schedule, date(2026, 4, 5)) == [(utc(5, 7, month=4), utc(5, 15, month=4))]


def test_several_exceptions_of_a_date_stand_beside_each_other():
    morning, evening = (DayException(SPRING, start * 60, start * 60 + 60) for start in (8, 18))
    assert len(spans(berlin(window("09:00", "17:00"), exceptions=(evening, morning)), SPRING)) == 2


def test_a_date_can_be_closed():
    assert spans(berlin(window("09:00", "17:00"), exceptions=(DayException(SPRING),)), SPRING) == []


@pytest.mark.parametrize(
    ("weekly", "exceptions"),
    [
        ([window("09:00", "12:00"), window("11:00", "13:00")], ()),
        ([window("12:00", "09:00")], ()),
        ([window("12:00", "12:00")], ()),
        ([], (DayException(SPRING, 60, 120), DayException(SPRING, 90, 180))),
        ([], (DayException(SPRING), DayException(SPRING, 90, 180))),
        ([], (DayException(SPRING), DayException(SPRING))),
        ([], tuple(DayException(SPRING + timedelta(days=number)) for number in range(401))),
    ],
)
def test_a_schedule_that_contradicts_itself_is_refused(weekly, exceptions):
    with pytest.raises(Invalid):
        berlin(*weekly, exceptions=exceptions)


@pytest.mark.parametrize("zone", ["Asia/Pune", "", "../etc/passwd", "asia/kolkata"])
def test_a_time_zone_has_a_name_of_the_iana_list(zone):
    with pytest.raises(Invalid, match="IANA"):
        Schedule(timezone=zone)


@pytest.mark.parametrize("clock", ["24:01", "9:00", "09:60", "0900", "ab:cd", "٠٩:٠٠", "-1:00"])
def test_what_is_no_time_of_a_day_is_refused(clock):
    with pytest.raises(Invalid):
        minutes_of(clock)


def test_times_of_a_day_are_written_as_they_were_read():
    assert [clock_of(minutes_of(clock)) for clock in ("00:00", "09:05", "24:00")] == ["00:00", "09:05", "24:00"]
