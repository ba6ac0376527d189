"""What customers are told of a pause, and when it ends."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.errors import BookingsPaused, Invalid, PaymentsPaused
from domain.shop_pauses import Pause, Paused
from operations.pauses import end_of_pause, pauses_text, reason_of_pause

NOW = datetime(2026, 12, 1, 6, 0, tzinfo=UTC)
ZONE = "Asia/Kolkata"


def test_a_pause_says_until_when_by_the_clock_of_the_shop_and_why():
    pause = Pause(Paused.BOOKINGS, NOW, NOW + timedelta(days=1), "we move")
    assert pause.sentence(ZONE) == (
        "we take no new bookings until 2 December 2026, 11:30 (we move); bookings that were made go on as agreed"
    )
    endless = Pause(Paused.PAYMENTS, NOW, None, "")
    assert endless.sentence(ZONE) == (
        "we take no new payments online for the time being; you can pay in cash, and what was paid already counts"
    )
    assert pauses_text([pause], ZONE) == f"bookings: {pause.sentence(ZONE)}"
    assert pauses_text([], ZONE) == "nothing is paused"


@pytest.mark.parametrize(
    ("left", "seconds"), [(None, 600), (timedelta(seconds=30), 30), (timedelta(days=9), 86_400), (timedelta(0), 1)]
)
def test_it_says_after_how_many_seconds_asking_again_makes_sense(left: timedelta | None, seconds: int):
    pause = Pause(Paused.PAYMENTS, NOW, None if left is None else NOW + left, "")
    assert pause.retry_after(NOW) == pause.refusal(NOW, ZONE).data["retry_after"] == seconds
    assert isinstance(pause.refusal(NOW, ZONE), PaymentsPaused)
    assert isinstance(Pause(Paused.BOOKINGS, NOW, None, "").refusal(NOW, ZONE), BookingsPaused)


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("90m", NOW + timedelta(minutes=90)),
        ("3d", NOW + timedelta(days=3)),
        ("2026-12-24T18:00", datetime(2026, 12, 24, 12, 30, tzinfo=UTC)),
        ("2026-12-24T18:00+00:00", datetime(2026, 12, 24, 18, 0, tzinfo=UTC)),
        ("2026-12-24T18:00:00Z", datetime(2026, 12, 24, 18, 0, tzinfo=UTC)),
        (None, None),
    ],
)
def test_an_end_is_a_moment_by_the_clock_of_the_shop_or_a_time_from_now(text: str | None, end: datetime | None):
    assert end_of_pause(text, NOW, ZONE) == end


@pytest.mark.parametrize("text", ["soon", "", "2026-11-30T18:00", "2026-12-01T11:30", "400d", "999999999999d", "0s"])
def test_an_end_that_is_over_or_nowhere_near_is_refused(text: str):
    with pytest.raises(Invalid):
        end_of_pause(text, NOW, ZONE)


def test_a_reason_is_one_line_of_two_hundred_characters():
    assert reason_of_pause(" we move ") == "we move"
    assert reason_of_pause(None) == ""
    for wrong in ("x" * 201, "two\nlines", "turned\u202e"):
        with pytest.raises(Invalid):
            reason_of_pause(wrong)
