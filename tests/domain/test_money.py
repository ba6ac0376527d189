from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Invalid
from domain.money import paise, percent_of, rupees, to_whole_rupee

amounts = st.integers(0, 10**11)
percents = st.decimals(0, 50, places=2)


@given(amounts)
def test_an_amount_that_is_written_and_read_again_is_the_same(amount):
    assert paise(rupees(amount)) == amount


@given(st.integers(1, 10**11))
def test_a_negative_amount_is_written_with_its_sign(amount):
    assert rupees(-amount) == "-" + rupees(amount)


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("1650.00", 165000),
        ("1650.5", 165050),
        ("1650", 165000),
        (1650, 165000),
        (1650.5, 165050),
        (0.1, 10),
        (Decimal("0.01"), 1),
        ("0", 0),
        (" 12.00 ", 1200),
    ],
)
def test_rupees_are_read_as_clients_write_them(written, amount):
    assert paise(written) == amount


@pytest.mark.parametrize(
    "written",
    [
        "",
        "-1",
        "+1",
        "1e3",
        "1.005",
        "1.",
        ".5",
        "1,000",
        "NaN",
        "Infinity",
        "12345678901",
        "१२",
        True,
        0.1 + 0.2,
        1e22,
    ],
)
def test_anything_else_is_no_amount(written):
    with pytest.raises(Invalid):
        paise(written)


@given(amounts, percents)
def test_a_percentage_is_the_nearest_paisa_and_half_a_paisa_goes_up(amount, percent):
    exact = amount * percent / 100
    difference = percent_of(amount, percent) - exact
    assert Decimal("-0.5") < difference <= Decimal("0.5")


@pytest.mark.parametrize(
    ("amount", "percent", "expected"),
    [(165000, "9", 14850), (50, "9", 5), (49, "9", 4), (5, "10", 1), (100, "0", 0), (10, "2.5", 0), (20, "2.5", 1)],
)
def test_percentages_by_example(amount, percent, expected):
    assert percent_of(amount, Decimal(percent)) == expected


@given(amounts)
def test_rounding_to_the_rupee_moves_at_most_fifty_paise_and_ends_on_a_rupee(amount):
    step = to_whole_rupee(amount)
    assert (amount + step) % 100 == 0
    assert -49 <= step <= 50
