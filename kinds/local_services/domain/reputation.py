"""How reliable somebody is: a number from 0 to 100 of what they did in the last 365 days, on either side of bookings.

    100 x (0.70 B + 0.20 K + 0.10 A) - 5 D, never below 0, to one decimal

B is how they were rated, K how many of their bookings they kept, A how many requests they answered, D the disputes that
were decided against them. B, K and A begin with a few good ones that nobody gave, so that the first bad one does not
decide; a newcomer has 82.5.
"""

from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

WINDOW = timedelta(days=365)
"""What was longer ago does not count."""
SHORT_NOTICE = timedelta(hours=24)
"""Who lets somebody down so shortly before the start has done it twice."""

_RATINGS_ASSUMED, _RATING_ASSUMED, _BEST = 5, 4, 5
_BOOKINGS_ASSUMED = 3


@dataclass(frozen=True, slots=True)
class Record:
    """What counts of a person, within the window.

    ``ratings``: the published ones that they received, and were not hidden. ``done``: bookings that were completed with
    them. ``let_down``: bookings that they gave up after the acceptance, did not pay or did not come to, those at short
    notice counted twice. ``answered``, ``unanswered``: requests to them; a decline is an answer.
    """

    ratings: int = 0
    sum_of_ratings: int = 0
    done: int = 0
    let_down: int = 0
    answered: int = 0
    unanswered: int = 0
    disputes_lost: int = 0


def reputation(record: Record) -> Decimal:
    """The number, half up to one decimal; who was never asked for anything has answered everything."""
    rated = Fraction(_RATINGS_ASSUMED * _RATING_ASSUMED + record.sum_of_ratings, _RATINGS_ASSUMED + record.ratings)
    good = (rated - 1) / (_BEST - 1)
    kept = _share(record.done, record.let_down)
    answered = _share(record.answered, record.unanswered)
    points = 70 * good + 20 * kept + 10 * answered - 5 * record.disputes_lost
    return _rounded(max(points, Fraction(0)), "0.1")


def rating_average(ratings: int, sum_of_ratings: int) -> Decimal | None:
    """The mean of ratings, half up to two decimals; None without any."""
    return _rounded(Fraction(sum_of_ratings, ratings), "0.01") if ratings else None


def _share(good: int, bad: int) -> Fraction:
    return Fraction(_BOOKINGS_ASSUMED + good, _BOOKINGS_ASSUMED + good + bad)


def _rounded(number: Fraction, to: str) -> Decimal:
    step = Decimal(to)
    return (Decimal(number.numerator) / Decimal(number.denominator)).quantize(step, rounding=ROUND_HALF_UP)


NEWCOMER = reputation(Record())
"""The reputation of somebody of whom nothing is known."""
