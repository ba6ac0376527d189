"""How much is started again without an operator."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.errors import Conflict
from domain.recovery import BookingRef, RecoveryBounds, RecoveryState

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
MANY = [BookingRef("vehicle_service", number) for number in range(1000, 1200)]


def restarted(state: RecoveryState, wanted: list[BookingRef], now: datetime) -> int:
    allowed = state.allowed(wanted, now)
    for booking in allowed:
        state.note_restart(booking, now)
    return len(allowed)


def test_the_bounds_are_twenty_a_minute_a_hundred_at_once_and_three_an_hour_for_one_booking():
    assert RecoveryBounds() == RecoveryBounds(per_minute=20, at_once=100, per_booking=3)


def test_at_most_so_many_are_started_in_any_minute_and_the_others_later():
    state = RecoveryState()
    assert restarted(state, MANY[:15], NOW) == 15
    assert restarted(state, MANY[15:], NOW + MINUTE / 2) == 5
    assert restarted(state, MANY[20:], NOW + MINUTE / 2) == 0
    assert restarted(state, MANY[20:], NOW + MINUTE) == 15
    assert restarted(state, MANY[35:], NOW + MINUTE * 1.5) == 5


def test_a_booking_that_ends_again_and_again_is_started_three_times_an_hour_and_holds_up_no_other():
    state, [one, other] = RecoveryState(), MANY[:2]
    for number in range(3):
        assert state.allowed([one], NOW + number * MINUTE) == [one]
        state.note_restart(one, NOW + number * MINUTE)
    assert state.allowed([one, other], NOW + 10 * MINUTE) == [other]
    assert state.allowed([one, other], NOW + 60 * MINUTE) == [one, other]


def test_when_more_than_a_hundred_are_missing_at_once_it_stops_with_one_alarm():
    state = RecoveryState()
    assert not state.note_missing(100)
    assert state.allowed(MANY, NOW)
    assert state.note_missing(101)
    assert state.allowed(MANY, NOW) == []
    assert not state.note_missing(101), "it is stopped already"
    assert not state.note_missing(20), "it goes on when it is told to, not by itself"
    assert state.allowed(MANY, NOW) == []


def test_it_goes_on_when_an_operator_says_so_for_all_of_those_and_stops_at_the_next_such_loss():
    state = RecoveryState()
    with pytest.raises(Conflict):
        state.go_on()
    assert state.note_missing(200)
    state.go_on()
    assert not state.note_missing(180), "those that the operator knows of"
    assert restarted(state, MANY, NOW) == 20
    assert not state.note_missing(0)
    assert state.note_missing(101)
