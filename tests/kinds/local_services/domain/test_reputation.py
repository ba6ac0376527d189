"""The reputation of people, as somebody would compute it by hand."""

from decimal import Decimal

import pytest

from kinds.local_services.domain.reputation import NEWCOMER, Record, rating_average, reputation


def test_a_newcomer_has_82_and_a_half():
    assert Decimal("82.5") == NEWCOMER


@pytest.mark.parametrize(
    ("record", "by_hand"),
    [
        (Record(ratings=1, sum_of_ratings=5), "85.4"),  # B = (25/6 - 1)/4 = 0.791666: 55.42 + 20 + 10
        (Record(ratings=1, sum_of_ratings=1), "73.8"),  # B = (21/6 - 1)/4 = 0.625: 43.75 + 30, half up
        (Record(ratings=20, sum_of_ratings=100, done=20), "96.5"),  # B = (120/25 - 1)/4 = 0.95
        (Record(let_down=1), "77.5"),  # K = 3/4
        (Record(let_down=2), "74.5"),  # one at short notice: K = 3/5
        (Record(done=7, let_down=1), "80.7"),  # K = 10/11
        (Record(unanswered=1), "80.0"),  # A = 3/4
        (Record(answered=3, unanswered=2), "80.0"),  # A = 6/8
        (Record(disputes_lost=2), "72.5"),
    ],
)
def test_it_is_the_formula_to_one_decimal(record: Record, by_hand: str):
    assert reputation(record) == Decimal(by_hand)


def test_it_is_never_below_nothing():
    assert reputation(Record(ratings=50, sum_of_ratings=50, let_down=9, disputes_lost=9)) == Decimal("0.0")


def test_one_who_is_rated_better_is_never_reputed_worse():
    by_stars = [reputation(Record(ratings=3, sum_of_ratings=3 * stars)) for stars in range(1, 6)]
    assert by_stars == sorted(by_stars)
    assert len(set(by_stars)) == 5


@pytest.mark.parametrize(
    ("ratings", "total", "average"), [(0, 0, None), (3, 14, "4.67"), (8, 33, "4.13"), (2, 9, "4.50")]
)
def test_an_average_has_two_decimals_half_up_and_is_nothing_without_ratings(ratings, total, average):
    assert rating_average(ratings, total) == (None if average is None else Decimal(average))
