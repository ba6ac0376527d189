"""Deadlines of a visit: when they come, and that each has an outcome."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.attention import waiting_for
from domain.deadlines import Deadline, due_deadline, open_deadlines
from domain.decide import decide
from domain.emails import deadline_email
from kinds.vehicle_service.domain.commands import LapseDecision
from kinds.vehicle_service.domain.deadlines import deadlines, reminder_times
from kinds.vehicle_service.domain.kind import VEHICLE_SERVICE
from kinds.vehicle_service.domain.lifecycle import VisitStatus
from tests.kinds.vehicle_service.bookings import (
    WALK_IN,
    analysed,
    booked,
    estimate_ready,
    in_progress,
    in_status,
)
from tests.kinds.vehicle_service.people import OIL, POLICY
from tests.kinds.vehicle_service.situations import SITUATIONS
from tests.of_every import of_every

HOUR = timedelta(hours=1)


def earliest(booking):
    """The earliest deadline that was not applied."""
    return next(iter(open_deadlines(deadlines(booking), booking.alerted)), None)


def outcome(deadline) -> str:
    """What happens at a deadline: the command's name, or the slug of the e-mail."""
    return type(deadline.command).__name__ if deadline.command else deadline.email[0]


def test_a_pickup_that_nobody_is_assigned_to_calls_an_admin_two_hours_before_the_slot():
    booking = booked().booking
    until = datetime(2026, 11, 24, 0, 30, tzinfo=UTC)
    assert outcome(earliest(booking)) == "Alert"
    assert earliest(booking).at == until
    assert (waiting_for(VEHICLE_SERVICE, booking).until, waiting_for(VEHICLE_SERVICE, booking).then) == (
        until,
        "an admin is alerted",
    )


def test_a_walk_in_needs_nobody_to_fetch_it_so_nobody_is_called():
    assert earliest(booked(WALK_IN).booking) is None


def test_an_assigned_pickup_calls_nobody():
    assert earliest(booked().pickup_assigned().booking) is None


@pytest.mark.parametrize(
    "builder", [lambda: booked().pickup_assigned().collected(), lambda: in_progress().work_reported(OIL), analysed]
)
def test_what_waits_for_an_admin_calls_one_after_four_hours(builder):
    told = builder()
    deadline = earliest(told.booking)
    assert (outcome(deadline), deadline.at) == ("Alert", told.timeline[-1].at + 4 * HOUR)
    assert waiting_for(VEHICLE_SERVICE, told.booking).until == deadline.at


def test_an_estimate_reminds_a_day_and_four_hours_before_it_lapses():
    booking = estimate_ready().booking
    until = booking.decision_until
    assert reminder_times(booking) == [until - 24 * HOUR, until - 4 * HOUR]
    standing = [(outcome(deadline), deadline.at) for deadline in open_deadlines(deadlines(booking), ())]
    reminders = [("decision-reminder", until - 24 * HOUR), ("decision-reminder", until - 4 * HOUR)]
    assert standing == [*reminders, ("LapseDecision", until)]
    assert outcome(earliest(booking)) == "decision-reminder"
    assert (waiting_for(VEHICLE_SERVICE, booking).until, "cancelled" in waiting_for(VEHICLE_SERVICE, booking).then) == (
        until,
        True,
    )


def test_the_second_reminder_follows_the_first_and_then_only_the_deadline_is_left():
    booking = estimate_ready().booking
    booking.alerted.append("reminder 1")
    assert earliest(booking).at == booking.decision_until - 4 * HOUR
    booking.alerted.append("reminder 2")
    assert outcome(earliest(booking)) == "LapseDecision"


@pytest.mark.parametrize(
    ("window", "kept"),
    [(timedelta(hours=48), [24, 4]), (timedelta(hours=24), [4]), (timedelta(hours=5), [4]), (timedelta(seconds=3), [])],
)
def test_reminders_longer_than_the_window_are_dropped(window, kept):
    booking = estimate_ready(policy=replace(POLICY, decision_window=window)).booking
    assert reminder_times(booking) == [booking.decision_until - hours * HOUR for hours in kept]


def test_reminders_come_in_the_order_of_time_however_they_are_set():
    policy = replace(POLICY, decision_reminders=(HOUR, 5 * HOUR, 2 * HOUR))
    times = reminder_times(estimate_ready(policy=policy).booking)
    assert times == sorted(times)
    assert len(times) == 3


def test_an_estimate_that_is_not_validated_reminds_nobody():
    assert reminder_times(analysed().booking) == []
    assert [outcome(deadline) for deadline in deadlines(analysed().booking)] == ["Alert"]


def test_an_open_order_has_a_deadline_of_its_own_before_the_decision():
    builder = estimate_ready().order_opened()
    deadline = earliest(builder.booking)
    assert (outcome(deadline), deadline.at) == ("LapseOrder", builder.live_order.expires_at)
    waiting = waiting_for(VEHICLE_SERVICE, builder.booking)
    assert (waiting.until, waiting.then) == (
        builder.live_order.expires_at,
        "the order lapses and the estimate must be confirmed again",
    )
    assert outcome(earliest(builder.order_lapsed().booking)) == "decision-reminder"


def test_an_order_as_long_as_the_decision_ends_with_it():
    builder = estimate_ready()
    builder.now = builder.booking.decision_until - HOUR / 6
    booking = builder.order_opened().booking
    assert "LapseOrder" not in {outcome(deadline) for deadline in deadlines(booking)}
    assert waiting_for(VEHICLE_SERVICE, booking).until == booking.decision_until
    assert "cancelled" in waiting_for(VEHICLE_SERVICE, booking).then


def test_the_earliest_deadline_comes_first():
    for situation in SITUATIONS.values():
        booking = situation().booking
        standing = list(deadlines(booking))
        if standing:
            assert earliest(booking).at == min(deadline.at for deadline in standing)


def test_no_two_deadlines_of_a_booking_have_the_same_key():
    for situation in SITUATIONS.values():
        keys = [deadline.key for deadline in deadlines(situation().booking)]
        assert len(keys) == len(set(keys))


@pytest.mark.parametrize(
    "status", [s for s in VisitStatus if s not in {VisitStatus.BOOKED, VisitStatus.ANALYSED}], ids=str
)
def test_statuses_without_a_deadline_set_no_timer(status):
    assert earliest(in_status(status).booking) is None


@of_every(SITUATIONS)
def test_every_deadline_of_every_situation_does_something_and_then_stands_no_more(situation):
    for deadline in deadlines(SITUATIONS[situation]().booking):
        booking = SITUATIONS[situation]().booking
        if deadline.command is not None:
            after = decide(VEHICLE_SERVICE, booking, deadline.command, deadline.at)
            assert after.version == booking.version + 1
            assert deadline.key not in {each.key for each in open_deadlines(deadlines(after), after.alerted)}
        else:
            assert deadline_email(VEHICLE_SERVICE, booking, *deadline.email, deadline.at)


def test_a_deadline_cannot_be_written_without_an_outcome_or_with_two():
    at = datetime(2026, 11, 24, tzinfo=UTC)
    with pytest.raises(ValueError, match="either a command or an e-mail"):
        Deadline(at=at, key="none", summary="nothing happens")
    with pytest.raises(ValueError, match="either a command or an e-mail"):
        Deadline(
            at=at, key="both", summary="both happen", command=LapseDecision(), email=("decision-reminder", "CST000001")
        )


def test_of_two_deadlines_that_were_reached_the_one_that_changes_the_booking_comes_first():
    booking = estimate_ready().booking
    left = open_deadlines(deadlines(booking), booking.alerted)
    assert outcome(due_deadline(left, booking.decision_until)) == "LapseDecision"
    assert outcome(due_deadline(left, booking.decision_until - HOUR)) == "decision-reminder"
    assert due_deadline(left, booking.created_at) is None
