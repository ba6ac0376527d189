"""What a booking costs by its listing."""

from datetime import timedelta
from decimal import Decimal

import pytest

from kinds.local_services.domain.parts import PricingUnit
from kinds.local_services.domain.prices import list_price

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("base", "duration", "least", "price"),
    [
        (450_00, 3 * HOUR, None, 1350_00),
        (450_00, HOUR, Decimal(2), 900_00),
        (450_00, 3 * HOUR, Decimal(2), 1350_00),
        (333_33, HOUR / 2, None, 166_67),
        (333_33, HOUR / 4, Decimal("0.5"), 166_67),
        (100_01, HOUR * 0.75, None, 75_01),
        (1_00, 24 * HOUR, None, 24_00),
    ],
)
def test_an_hourly_price_is_of_the_hours_but_at_least_of_the_least_and_half_a_paisa_goes_up(
    base, duration, least, price
):
    assert list_price(PricingUnit.HOUR, base, duration, least) == price


def test_a_fixed_price_is_the_same_for_any_time():
    assert [list_price(PricingUnit.FIXED, 799_00, hours * HOUR) for hours in (1, 8)] == [799_00, 799_00]


def test_chosen_options_are_added_once():
    assert list_price(PricingUnit.HOUR, 450_00, 2 * HOUR, None, [50_00, 25_50]) == 975_50
    assert list_price(PricingUnit.FIXED, 450_00, 2 * HOUR, None, [50_00]) == 500_00


def test_for_a_quote_the_provider_has_to_offer():
    assert list_price(PricingUnit.QUOTE, None, HOUR, None, [50_00]) is None
