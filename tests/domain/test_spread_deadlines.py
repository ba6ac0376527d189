"""All bookings of a slot have a deadline at one moment: what only tells somebody is spread."""

from datetime import UTC, datetime, timedelta

from domain.commands import Alert, LapseOrder
from domain.deadlines import Deadline, wake_at

NOW = datetime(2026, 11, 24, 6, 11, tzinfo=UTC)
EIGHT = NOW + timedelta(hours=20)


def alert(at: datetime = EIGHT) -> Deadline:
    return Deadline(at=at, key="unassigned", summary="unassigned", command=Alert("unassigned", "nobody is assigned"))


def lapse(at: datetime = EIGHT) -> Deadline:
    return Deadline(at=at, key="order", summary="unpaid", command=LapseOrder("order_1"))


def late(number: int, *deadlines: Deadline) -> timedelta:
    return wake_at(deadlines, f"vehicle_service-{number}", NOW) - deadlines[0].at


def test_the_alerts_of_a_slot_come_within_half_a_minute_and_in_no_second_many():
    seconds = [late(number, alert()) // timedelta(seconds=1) for number in range(1001, 2001)]
    assert set(seconds) == set(range(30))
    assert max(seconds.count(second) for second in range(30)) < 60


def test_a_booking_always_waits_as_long():
    assert late(1021, alert()) == late(1021, alert()) != late(1022, alert())


def test_what_is_due_soon_is_hardly_late():
    soon = alert(NOW + timedelta(seconds=2))
    assert all(timedelta(0) <= late(number, soon) < timedelta(milliseconds=20) for number in range(1001, 1101))


def test_what_is_overdue_is_not_late_at_all():
    assert late(1021, alert(NOW - timedelta(hours=1))) == timedelta(0)


def test_what_changes_a_booking_comes_to_the_moment_also_behind_an_alert():
    after = lapse(EIGHT + timedelta(seconds=1))
    assert {late(number, lapse()) for number in range(1001, 1101)} == {timedelta(0)}
    assert max(late(number, alert(), after) for number in range(1001, 1101)) == timedelta(seconds=1)
