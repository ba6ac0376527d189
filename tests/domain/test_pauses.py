from datetime import timedelta

import pytest

from domain.pauses import growing_pause

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def test_a_pause_doubles_until_it_is_as_long_as_it_may_be():
    assert [growing_pause(SECOND, MINUTE, times) for times in range(8)] == [
        timedelta(seconds=seconds) for seconds in (1, 2, 4, 8, 16, 32, 60, 60)
    ]


@pytest.mark.parametrize("times", [47, 1_000, 1_000_000])
@pytest.mark.parametrize("first", [timedelta(milliseconds=1), MINUTE, timedelta(days=30)])
def test_after_any_number_of_tries_it_is_the_longest(first, times):
    assert growing_pause(first, timedelta(days=30), times) == timedelta(days=30)


def test_a_first_pause_beyond_the_longest_is_the_longest_and_none_stays_none():
    assert growing_pause(MINUTE, SECOND, 0) == SECOND
    assert growing_pause(timedelta(0), MINUTE, 5) == timedelta(0)
