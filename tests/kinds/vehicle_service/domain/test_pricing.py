from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.billing.records import Method
from domain.billing.totals import Charge, gst, price
from domain.money import percent_of
from kinds.vehicle_service.domain.pricing import is_paid, of_lines, totals
from tests.kinds.vehicle_service.bookings import (
    BookingBuilder,
    analysed,
    booked,
    completed,
    delivered,
    estimate_ready,
    in_analysis,
    out_for_delivery,
)
from tests.kinds.vehicle_service.people import BOTH_WITH_GST, BRAKES, FILTER, OIL, POLICY, requested

amounts = st.integers(0, 10**9)
rates = st.decimals(0, 50, places=2)
BOOKED = booked().booking


def charges_of(*amounts: int) -> list[Charge]:
    return [Charge("service", "a service", "998714", 1, amount) for amount in amounts]


@given(amounts, rates)
def test_within_the_state_both_halves_of_the_gst_are_equal(amount, rate):
    tax = gst(amount, rate)
    assert tax.cgst == tax.sgst == percent_of(amount, rate / 2)
    assert (tax.igst, tax.total) == (0, 2 * tax.cgst)


@given(amounts, rates)
def test_across_states_the_gst_is_one_amount(amount, rate):
    tax = gst(amount, rate, same_state=False)
    assert (tax.cgst, tax.sgst, tax.igst, tax.total) == (0, 0, percent_of(amount, rate), percent_of(amount, rate))


@given(st.lists(amounts, max_size=8), rates, st.booleans(), st.booleans())
def test_the_total_is_the_sum_of_what_is_printed_above_it(lines, rate, same_state, rounding):
    policy = replace(POLICY, same_state=same_state, round_to_rupee=rounding)
    sums = price(charges_of(*lines), replace(BOOKED, gst_percent=rate, policy=policy))
    assert sums.total == sums.subtotal + sums.cgst + sums.sgst + sums.igst + sums.round_off
    assert sums.subtotal == sum(lines)
    assert sums.cgst == sums.sgst
    assert sums.total % 100 == 0 if rounding else sums.round_off == 0


@given(st.lists(amounts, max_size=8), st.lists(st.integers(1, 10**10), max_size=3))
def test_what_is_due_is_never_negative(lines, payments):
    paid = completed().booking
    rows = [replace(paid.payments[0], amount=amount) for amount in payments]
    sums = price(charges_of(*lines), replace(paid, payments=rows))
    assert sums.due == max(0, sums.total - sum(payments))


def test_a_whole_sample():
    builder = BookingBuilder.doorstep(requested(BRAKES)).pickup_assigned().collected().pickup_validated()
    builder.analysis_assigned().analysis_submitted(recommending=()).estimate_validated()
    sums = totals(builder.booking)
    assert (sums.subtotal, sums.cgst, sums.sgst, sums.igst, sums.total) == (165000, 14850, 14850, 0, 194700)
    assert (sums.paid, sums.refunded, sums.due) == (0, 0, 194700)


def test_the_gst_is_rounded_for_every_line_by_itself():
    sums = price(charges_of(5, 5, 5), BOOKED)
    assert (sums.cgst, sums.sgst) == (0, 0)
    assert price(charges_of(6, 6, 6), BOOKED).cgst == 3
    assert price(charges_of(18), BOOKED).cgst == 2


def test_estimate_quote_and_price_are_per_unit():
    builder = BookingBuilder.doorstep(requested(OIL, quantity=3))
    assert totals(builder.booking).subtotal == 3 * 80000
    builder.pickup_assigned().collected().pickup_validated().analysis_assigned().analysis_submitted(recommending=())
    assert totals(builder.booking).subtotal == 3 * 85000


def test_the_totals_count_price_else_quote_else_estimate_without_declined_lines():
    assert totals(in_analysis().booking).subtotal == 150000 + 80000
    assert totals(estimate_ready().booking).subtotal == 165000 + 85000 + 60000
    assert totals(estimate_ready().cash_agreed(FILTER).booking).subtotal == 60000


def test_the_rate_is_frozen_when_the_estimate_is_validated():
    assert totals(analysed().booking).gst_percent == 18
    assert totals(analysed().estimate_validated(Decimal(5)).booking).gst_percent == 5


@pytest.mark.parametrize(("percent", "total"), [("0", 250000), ("5", 262500), ("18", BOTH_WITH_GST), ("50", 375000)])
def test_what_an_order_costs(percent, total):
    booking = analysed().estimate_validated(Decimal(percent)).booking
    assert of_lines(booking.lines_of([BRAKES, OIL]), booking) == total


def test_rounding_to_the_rupee_is_a_line_of_its_own():
    builder = in_analysis(policy=replace(POLICY, round_to_rupee=True))
    builder.analysis_submitted({BRAKES: 16551, OIL: 8549}, recommending=()).estimate_validated().cash_agreed()
    sums = totals(builder.booking)
    assert sums.subtotal + sums.cgst + sums.sgst == 29618
    assert (sums.round_off, sums.total) == (-18, 29600)
    assert builder.booking.payments[0].amount == sums.due


def test_a_cancelled_booking_costs_its_fee():
    sums = totals(estimate_ready().cancelled().booking)
    assert (sums.subtotal, sums.cgst, sums.sgst, sums.total) == (10000, 900, 900, 11800)
    assert totals(booked().cancelled().booking).total == 0


def test_the_fee_of_a_cancelled_booking_is_not_rounded_so_nothing_stays_due():
    builder = in_analysis(policy=replace(POLICY, round_to_rupee=True))
    builder.analysis_submitted({BRAKES: 165000, OIL: 12345}).estimate_validated().paid_online()
    builder.service_assigned().work_reported(OIL).work_validated().cancelled().refunds_processed()
    assert is_paid(builder.booking)


def test_cash_settles_a_booking_when_it_is_verified():
    assert not is_paid(completed(Method.OFFLINE).booking)
    assert not is_paid(out_for_delivery(Method.OFFLINE).collection_opened().booking)
    assert is_paid(out_for_delivery(Method.OFFLINE).cash_verified().booking)
    assert is_paid(delivered().booking)
