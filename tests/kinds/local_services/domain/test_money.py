from datetime import timedelta
from decimal import Decimal

import pytest

from kinds.local_services.domain.errors import PriceOutOfRange
from kinds.local_services.domain.money import list_price, must_be_payable, payout_of, split, tax_case
from kinds.local_services.domain.parts import Listing, Option, PricingUnit, Rates, TaxCase
from tests.kinds.local_services.bookings import CLEANING, HOUR, RATES


def rates(case: str) -> Rates:
    return Rates(Decimal(18), Decimal(15), Decimal("0.5"), TaxCase(case))


@pytest.mark.parametrize(("case", "payout"), [("provider", 81_876), ("platform", 67_046), ("none", 82_300)])
def test_of_a_thousand_rupees_the_provider_gets_what_his_tax_case_leaves(case, payout):
    assert payout_of(100_000, rates(case)) == payout


def test_commission_its_gst_and_what_is_withheld_are_each_rounded_half_up():
    shares = split(100_000, rates("provider"))
    assert (shares.commission, shares.gst_on_commission) == (15_000, 2_700)
    assert (shares.value, shares.tcs, shares.gst_withheld) == (84_746, 424, 0)
    assert split(100_000, rates("platform")).gst_withheld == 100_000 - 84_746


def test_below_one_rupee_nothing_is_paid_out():
    assert (payout_of(120, rates("none")), payout_of(121, rates("none"))) == (0, 100)


@pytest.mark.parametrize(
    ("gstin", "platform_pays", "case"),
    [("27AAPFU0939F1ZV", True, "provider"), (None, True, "platform"), (None, False, "none")],
)
def test_a_registered_provider_owes_his_gst_himself_and_for_some_categories_the_platform_owes_it(
    gstin, platform_pays, case
):
    assert tax_case(provider_gstin=gstin, platform_pays_gst=platform_pays) == case


@pytest.mark.parametrize(
    ("unit", "minutes", "least", "price"),
    [
        ("HOUR", 180, None, 135_000),
        ("HOUR", 30, "2", 90_000),
        ("HOUR", 75, None, 56_250),
        ("FIXED", 600, None, 45_000),
    ],
)
def test_an_hourly_listing_is_paid_by_the_hour_and_a_fixed_one_as_a_whole(unit, minutes, least, price):
    listing = Listing(1, "Clean", PricingUnit(unit), 45_000, Decimal(least) if least else None, 3, "Home", "998533")
    assert list_price(listing, timedelta(minutes=minutes)) == price


def test_chosen_options_are_added_and_a_quote_has_no_price():
    with_options = Listing(
        1, "Clean", PricingUnit.FIXED, 45_000, None, 3, "Home", "998533", options=(Option(1, "Oven", 5_000),)
    )
    quote = Listing(1, "Move", PricingUnit.QUOTE, None, None, 3, "Home", "998533")
    assert (list_price(with_options, HOUR), list_price(quote, HOUR)) == (50_000, None)


def test_a_third_of_a_paisa_is_rounded_to_the_nearest():
    odd = Listing(1, "Clean", PricingUnit.HOUR, 10_001, None, 3, "Home", "998533")
    assert list_price(odd, timedelta(minutes=30)) == 5_001


@pytest.mark.parametrize("price", [99, 100_000_001])
def test_a_price_is_between_one_rupee_and_a_million(price):
    with pytest.raises(PriceOutOfRange):
        must_be_payable(price)


def test_the_listing_of_these_tests_costs_what_the_contract_says():
    assert (list_price(CLEANING, 3 * HOUR), RATES.tax_case) == (135_000, "none")
