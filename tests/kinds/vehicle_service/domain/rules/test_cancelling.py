from datetime import timedelta
from decimal import Decimal

import pytest

from domain.billing.records import Method
from domain.errors import ActionNotAllowed, RoleRequired
from domain.people import SYSTEM
from kinds.vehicle_service.domain.cancellation_fee import cancellation_quote
from kinds.vehicle_service.domain.commands import Cancel, LapseDecision
from kinds.vehicle_service.domain.pricing import totals
from tests.kinds.vehicle_service.bookings import (
    WALK_IN,
    analysed,
    booked,
    completed,
    delivered,
    estimate_ready,
    in_analysis,
    in_progress,
    out_for_delivery,
    received,
)
from tests.kinds.vehicle_service.people import ADMIN, ASHA, BOTH_WITH_GST, OIL, RAVI, actor
from tests.kinds.vehicle_service.situations import SITUATIONS
from tests.of_every import of_every


@pytest.mark.parametrize("builder", [booked, lambda: booked().pickup_assigned(), lambda: booked(WALK_IN)])
def test_giving_up_before_the_car_is_collected_is_free_and_ends_it_at_once(builder):
    booking = builder().cancelled("sold it").booking
    done = booking.cancellation
    assert (booking.status, booking.with_us) == ("cancelled", False)
    assert (done.fee, done.gst_on_fee, done.refund, done.returns_car) == (0, 0, 0, False)
    assert (done.reason, done.by) == ("sold it", ASHA)
    assert booking.active() is None
    assert booking.closed_at == done.at


@pytest.mark.parametrize(
    "builder",
    [
        lambda: booked().pickup_assigned().collected(),
        received,
        in_analysis,
        analysed,
        estimate_ready,
        lambda: in_progress(Method.OFFLINE),
    ],
)
def test_after_the_car_is_collected_the_inspection_fee_is_due_and_the_car_goes_home(builder):
    booking = builder().cancelled().booking
    done = booking.cancellation
    assert (done.fee, done.gst_on_fee, done.refund, done.returns_car) == (10000, 1800, 0, True)
    assert (totals(booking).total, totals(booking).due) == (11800, 11800)
    assert booking.with_us
    assert booking.closed_at is None


def test_what_was_paid_goes_back_less_the_fee():
    booking = in_progress().cancelled("too slow").booking
    (refund,) = booking.refunds
    assert refund.amount == booking.cancellation.refund == BOTH_WITH_GST - 11800
    assert (refund.payment_id, refund.reason, refund.status) == ("pay_1", "too slow", "pending")
    assert totals(booking).due == 0


def test_work_that_is_done_is_paid_for():
    booking = in_progress().work_reported(OIL).work_validated().cancelled().booking
    assert booking.cancellation.fee == 85000
    assert booking.cancellation.refund == BOTH_WITH_GST - 100300


def test_an_open_order_is_closed_with_the_booking():
    booking = estimate_ready().order_opened().cancelled().booking
    assert booking.live_order() is None
    assert (booking.payments[0].status, booking.payments[0].superseded) == ("failed", True)


def test_the_rate_of_the_moment_holds_while_none_is_frozen_and_a_rate_of_nothing_too():
    assert received().cancelled(percent=Decimal(12)).booking.cancellation.gst_on_fee == 1200
    assert received().cancelled(percent=Decimal(0)).booking.cancellation.gst_on_fee == 0
    free_of_tax = received().cancelled(percent=Decimal(0)).booking
    assert (totals(free_of_tax).total, free_of_tax.rate) == (10000, 0)
    assert estimate_ready().cancelled(percent=Decimal(12)).booking.cancellation.gst_on_fee == 1800


@pytest.mark.parametrize("builder", [completed, out_for_delivery, delivered, lambda: received().cancelled()])
def test_once_the_work_is_completed_or_the_booking_given_up_it_cannot_be_cancelled(builder):
    with pytest.raises(ActionNotAllowed):
        builder().cancelled()


def test_a_mechanic_does_not_cancel_and_an_admin_may():
    with pytest.raises(RoleRequired):
        booked().pickup_assigned().asks(Cancel(actor(RAVI)))
    assert booked().asks(Cancel(ADMIN)).booking.cancellation.by == ADMIN


@of_every(SITUATIONS, [None, Decimal(0), Decimal("12.5")])
def test_cancelling_costs_exactly_what_the_preview_said(situation, percent):
    builder = SITUATIONS[situation]()
    price = cancellation_quote(builder.booking, percent)
    if not price.allowed:
        with pytest.raises(ActionNotAllowed):
            builder.cancelled(percent=percent)
        return
    done = builder.cancelled(percent=percent).booking.cancellation
    assert (done.fee, done.gst_on_fee, done.refund, done.returns_car) == (
        price.fee,
        price.gst_on_fee,
        price.refund,
        price.returns_car,
    )
    assert totals(builder.booking).total == price.total


def test_an_unanswered_estimate_is_cancelled_by_the_system_with_the_inspection_fee():
    booking = estimate_ready().decision_lapsed().booking
    assert (booking.status, booking.event.action, booking.event.by) == ("cancelled", "expire", SYSTEM)
    assert (booking.cancellation.fee, booking.cancellation.returns_car) == (10000, True)
    assert booking.cancellation.reason == "the estimate was not answered in time"


def test_an_order_that_is_not_paid_at_the_deadline_counts_as_no_answer():
    booking = estimate_ready().order_opened().decision_lapsed().booking
    assert booking.status == "cancelled"
    assert booking.payments[0].superseded


def test_the_deadline_does_not_come_early():
    builder = estimate_ready()
    builder.now = builder.booking.decision_until - timedelta(seconds=1)
    with pytest.raises(ActionNotAllowed, match="still open"):
        builder.asks(LapseDecision())
    with pytest.raises(ActionNotAllowed, match="still open"):
        analysed().asks(LapseDecision())


@pytest.mark.parametrize("builder", [booked, in_analysis, in_progress, completed])
def test_the_deadline_does_not_touch_a_booking_that_was_answered(builder):
    with pytest.raises(ActionNotAllowed):
        builder().asks(LapseDecision())


def test_people_cannot_let_the_deadline_pass():
    with pytest.raises(RoleRequired):
        estimate_ready().asks(LapseDecision(actor=ADMIN))


def test_late_money_after_the_deadline_goes_back_in_full_and_the_fee_stays_due():
    builder = estimate_ready().order_opened().decision_lapsed().money_returned("the booking was cancelled")
    assert builder.booking.refunds[0].amount == BOTH_WITH_GST
    assert totals(builder.booking).due == 11800
    assert totals(builder.refunds_processed().booking).due == 11800
