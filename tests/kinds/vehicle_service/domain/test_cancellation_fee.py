from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.billing.balance import SMALLEST_REFUND, refundable
from domain.billing.records import Method
from domain.billing.totals import gst
from kinds.vehicle_service.domain.cancellation_fee import cancellation_quote
from kinds.vehicle_service.domain.commands import EditProgress
from kinds.vehicle_service.domain.parts import LineStatus
from kinds.vehicle_service.domain.pricing import is_paid, totals
from tests.kinds.vehicle_service.bookings import (
    WALK_IN,
    BookingBuilder,
    booked,
    completed,
    delivered,
    estimate_ready,
    in_progress,
    received,
)
from tests.kinds.vehicle_service.people import ADMIN, BOTH_WITH_GST, BRAKES, OIL, POLICY, requested

PAID = in_progress().booking


def paid_booking(amount, fee, rate, same_state=True):
    """A booking in progress for which ``amount`` was captured and giving up costs ``fee``."""
    booking = replace(
        PAID,
        policy=replace(POLICY, inspection_fee=fee, same_state=same_state),
        gst_percent=rate,
        payments=[replace(PAID.payments[0], amount=amount)],
    )
    assert refundable(booking) == amount
    return booking


@pytest.mark.parametrize(
    ("builder", "fee", "tax", "refund", "returns_car"),
    [
        (booked, 0, 0, 0, False),
        (lambda: booked().pickup_assigned(), 0, 0, 0, False),
        (lambda: booked(WALK_IN), 0, 0, 0, False),
        (lambda: booked().pickup_assigned().collected(), 10000, 1800, 0, True),
        (received, 10000, 1800, 0, True),
        (lambda: received(WALK_IN), 10000, 1800, 0, True),
        (estimate_ready, 10000, 1800, 0, True),
        (lambda: in_progress(Method.OFFLINE), 10000, 1800, 0, True),
        (in_progress, 10000, 1800, BOTH_WITH_GST - 11800, True),
        (lambda: in_progress().work_reported(OIL), 85000, 15300, BOTH_WITH_GST - 100300, True),
        (lambda: in_progress().work_reported(), 250000, 45000, 0, True),
        (lambda: in_progress().work_reported(OIL).report_sent_back(), 10000, 1800, BOTH_WITH_GST - 11800, True),
        (lambda: in_progress().work_reported(OIL).work_validated(), 85000, 15300, BOTH_WITH_GST - 100300, True),
    ],
)
def test_the_price_of_giving_up_by_example(builder, fee, tax, refund, returns_car):
    price = cancellation_quote(builder().booking)
    assert price.allowed
    assert (price.fee, price.gst_on_fee, price.refund, price.returns_car) == (fee, tax, refund, returns_car)
    assert price.total == fee + tax


def test_the_fee_for_work_is_at_least_the_inspection_fee():
    builder = BookingBuilder.doorstep(requested(OIL), requested(BRAKES), policy=replace(POLICY, inspection_fee=90000))
    builder.pickup_assigned().collected().pickup_validated().analysis_assigned().analysis_submitted()
    builder.estimate_validated().cash_agreed().service_assigned().work_reported(OIL).work_validated()
    assert cancellation_quote(builder.booking).fee == 90000


@pytest.mark.parametrize("builder", [completed, delivered, lambda: booked().cancelled()])
def test_where_cancelling_is_refused_the_preview_says_why(builder):
    booking = builder().booking
    price = cancellation_quote(booking)
    assert not price.allowed
    assert price.reason == f"the booking is {booking.status}"
    assert (price.fee, price.refund) == (0, 0)


@given(st.integers(100, 10**9), st.integers(0, 10**6), st.decimals(0, 50, places=2), st.booleans())
def test_a_refund_is_nothing_or_at_least_a_rupee_and_never_more_than_came(amount, fee, rate, same_state):
    price = cancellation_quote(paid_booking(amount, fee, rate, same_state))
    assert price.refund == 0 or SMALLEST_REFUND <= price.refund <= amount
    assert 0 <= price.fee <= fee
    assert price.gst_on_fee == gst(price.fee, rate, same_state=same_state).total
    if price.refund:
        assert price.fee + price.gst_on_fee + price.refund == amount
    else:
        assert price.fee + price.gst_on_fee >= amount or price.fee == fee


@given(st.integers(100, 10**6), st.decimals(0, 50, places=2), st.booleans(), st.integers(1, 99))
def test_a_remainder_under_a_rupee_lowers_the_fee_no_further_than_it_must(amount, rate, same_state, remainder):
    fee = amount - remainder
    tax = gst(fee, rate, same_state=same_state).total
    price = cancellation_quote(paid_booking(amount + tax, fee, rate, same_state))
    assert price.refund >= SMALLEST_REFUND
    assert price.fee < fee
    one_more = price.fee + 1
    assert one_more + gst(one_more, rate, same_state=same_state).total > amount + tax - SMALLEST_REFUND


@pytest.mark.parametrize(
    ("amount", "fee", "rate", "expected"),
    [
        (11850, 10000, 18, (9958, 1792, 100)),
        (11801, 10000, 18, (9916, 1784, 101)),
        (11900, 10000, 18, (10000, 1800, 100)),
        (11800, 10000, 18, (10000, 1800, 0)),
        (5000, 10000, 18, (10000, 1800, 0)),
        (112, 50, 8, (12, 0, 100)),
    ],
)
def test_lowered_fees_by_example(amount, fee, rate, expected):
    price = cancellation_quote(paid_booking(amount, fee, Decimal(rate)))
    assert (price.fee, price.gst_on_fee, price.refund) == expected


@given(st.integers(100, 10**7), st.integers(0, 10**6), st.decimals(0, 50, places=2), st.booleans(), st.booleans())
def test_after_the_refund_of_a_cancelled_booking_nothing_more_is_due_than_the_fee_did_not_cover(
    amount, fee, rate, same_state, rounding
):
    booking = paid_booking(amount, fee, rate, same_state)
    builder = in_progress()
    builder.booking = replace(booking, policy=replace(booking.policy, round_to_rupee=rounding))
    builder.cancelled()
    missing = max(0, builder.booking.cancellation.fee + builder.booking.cancellation.gst_on_fee - amount)
    assert totals(builder.booking).due == missing
    builder.refunds_processed()
    assert totals(builder.booking).due == missing
    assert is_paid(builder.booking) == (missing == 0)


def test_work_costs_the_same_from_its_report_on_until_it_is_validated():
    builder = in_progress().work_reported(OIL)
    assert all(line.state is not LineStatus.DONE for line in builder.booking.lines)
    reported = cancellation_quote(builder.booking)
    assert cancellation_quote(builder.work_validated().booking) == reported


def test_reports_of_one_service_count_it_once():
    builder = in_progress().work_reported(OIL).work_reported(OIL)
    assert cancellation_quote(builder.booking).fee == 85000
    assert cancellation_quote(builder.work_validated().booking).fee == 85000


def test_work_that_is_taken_out_of_a_waiting_report_does_not_count():
    builder = in_progress().work_reported(OIL, BRAKES)
    waiting = builder.booking.open_report()
    assert cancellation_quote(builder.asks(EditProgress(ADMIN, waiting.id, service_ids=(OIL,))).booking).fee == 85000
