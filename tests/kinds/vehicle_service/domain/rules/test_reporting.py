from datetime import timedelta

import pytest

from domain.billing.records import Method
from domain.errors import ActionNotAllowed, Invalid, NotFound, NotYours, RoleRequired
from kinds.vehicle_service.domain.commands import EditProgress, SubmitProgress, ValidateProgress
from kinds.vehicle_service.domain.lifecycle import VisitStatus
from kinds.vehicle_service.domain.parts import Award, Job
from tests.kinds.vehicle_service.bookings import (
    WALK_IN,
    booked,
    completed,
    delivered,
    estimate_ready,
    in_analysis,
    in_progress,
    out_for_delivery,
    received,
)
from tests.kinds.vehicle_service.people import ADMIN, ALL_ROUNDER, ASHA, BRAKES, FILTER, MEENA, OIL, PETER, RAVI, actor

CASH = Method.OFFLINE


def states(booking):
    return {line.service_id: str(line.state) for line in booking.lines}


# The pickup


def test_the_pickup_report_says_the_car_is_with_us_and_waits_for_an_admin():
    booking = booked().pickup_assigned().collected("two scratches").booking
    report = booking.open_report()
    assert (booking.status, booking.with_us) == ("received", True)
    assert (report.notes, report.by, report.validated) == ("two scratches", actor(RAVI), False)


def test_validating_the_pickup_report_frees_the_mechanic_and_gives_two_points():
    booking = received().booking
    assert booking.status == "received"
    assert booking.active() is None
    assert booking.awards == [Award(RAVI.id, "pickup", 2)]


def test_a_pickup_report_that_is_sent_back_stays_with_its_mechanic():
    builder = booked().pickup_assigned().collected().report_sent_back("no photo")
    assert builder.booking.status == "received"
    assert builder.booking.reports[0].sent_back == "no photo"
    assert builder.booking.active(Job.PICKUP).mechanic == RAVI
    assert builder.collected("with a photo").pickup_validated().booking.awards == [Award(RAVI.id, "pickup", 2)]


def test_sending_back_without_a_reason_still_says_something():
    builder = booked().pickup_assigned().collected()
    report = builder.booking.open_report()
    sent_back = builder.asks(ValidateProgress(ADMIN, report.id, approved=False)).booking.reports[0].sent_back
    assert sent_back == "please look again"


def test_after_the_validated_pickup_no_other_pickup_report_comes():
    with pytest.raises(ActionNotAllowed, match="its analysis comes next"):
        received().asks(SubmitProgress(ADMIN, "again"))
    with pytest.raises(ActionNotAllowed, match="no mechanic is assigned"):
        received().asks(SubmitProgress(actor(RAVI), "again"))


def test_a_pickup_report_sent_twice_needs_one_word_and_never_waits_into_the_work():
    builder = booked().pickup_assigned().collected()
    builder.asks(SubmitProgress(actor(RAVI), "double click", service_ids=(OIL, BRAKES))).pickup_validated()
    assert builder.booking.open_report() is None
    builder.analysis_assigned().analysis_submitted().estimate_validated().cash_agreed().service_assigned()
    assert builder.booking.open_report() is None
    assert states(builder.booking) == {BRAKES: "confirmed", OIL: "confirmed", FILTER: "declined"}


def test_the_shop_receives_a_walk_in_without_anybody_validating_it():
    booking = received(WALK_IN).booking
    assert (booking.status, booking.with_us, booking.event.action) == ("received", True, "receive")
    assert booking.reports[0].validated
    assert booking.awards == []


def test_a_doorstep_car_is_not_received_before_somebody_was_sent():
    with pytest.raises(ActionNotAllowed):
        booked().asks(SubmitProgress(ADMIN, "it is here"))


# Whose report


def test_another_mechanic_cannot_report():
    with pytest.raises(NotYours):
        booked().pickup_assigned(RAVI).asks(SubmitProgress(actor(ALL_ROUNDER), "I have it"))


def test_a_replaced_mechanic_cannot_report():
    with pytest.raises(NotYours):
        in_progress().service_assigned(ALL_ROUNDER).asks(SubmitProgress(actor(MEENA), "done", service_ids=(OIL,)))


def test_a_customer_cannot_report():
    with pytest.raises(RoleRequired):
        booked().pickup_assigned().asks(SubmitProgress(ASHA, "taken"))


def test_an_admin_can_report_for_the_mechanic_at_work_who_keeps_the_points():
    builder = in_progress().asks(SubmitProgress(ADMIN, "done", service_ids=(OIL,))).work_validated()
    assert Award(MEENA.id, "service 12", 2) in builder.booking.awards
    builder = booked().pickup_assigned().asks(SubmitProgress(ADMIN, "collected")).pickup_validated()
    assert builder.booking.awards == [Award(RAVI.id, "pickup", 2)]


def test_nobody_reports_work_before_a_mechanic_is_assigned_to_it():
    for somebody in (ADMIN, actor(MEENA)):
        with pytest.raises(ActionNotAllowed, match="no mechanic is assigned to service"):
            estimate_ready().paid_online().asks(SubmitProgress(somebody, "done", service_ids=(OIL,)))


@pytest.mark.parametrize("builder", [booked, in_analysis, estimate_ready, completed, delivered])
def test_where_no_report_belongs_none_is_taken(builder):
    with pytest.raises(ActionNotAllowed):
        builder().asks(SubmitProgress(actor(RAVI), "hello"))


def test_a_report_that_names_another_state_than_it_leads_to_is_refused():
    with pytest.raises(Invalid, match="leads to received, not to delivered"):
        booked().pickup_assigned().asks(SubmitProgress(actor(RAVI), "got it", status=VisitStatus.DELIVERED))
    assert (
        booked().pickup_assigned().asks(SubmitProgress(actor(RAVI), status=VisitStatus.RECEIVED)).booking.version == 3
    )


# The work


def test_reported_services_are_in_progress_until_an_admin_says_they_are_done():
    builder = in_progress().work_reported(OIL)
    assert states(builder.booking)[OIL] == "in-progress"
    builder.work_validated()
    assert states(builder.booking) == {BRAKES: "confirmed", OIL: "done", FILTER: "declined"}
    assert builder.booking.status == "in-progress"


def test_when_every_confirmed_service_is_done_the_booking_is_completed_and_the_mechanic_free():
    booking = completed().booking
    assert booking.status == "completed"
    assert booking.active() is None
    assert states(booking) == {BRAKES: "done", OIL: "done", FILTER: "declined"}


def test_a_note_without_a_service_finishes_nothing():
    builder = in_progress().asks(SubmitProgress(actor(MEENA), "waiting for parts")).work_validated()
    assert builder.booking.status == "in-progress"
    assert states(builder.booking)[OIL] == "confirmed"


def test_a_progress_report_sent_back_keeps_the_status_and_the_mechanic():
    builder = in_progress().work_reported(OIL).report_sent_back("which oil?")
    assert (builder.booking.status, builder.booking.active().mechanic) == ("in-progress", MEENA)
    assert states(builder.booking)[OIL] == "in-progress"
    assert builder.work_reported(OIL).work_validated().booking.status == "in-progress"


def test_any_number_of_reports_may_wait_and_the_oldest_comes_first():
    builder = in_progress().work_reported(OIL).work_reported(BRAKES)
    assert builder.booking.open_report().service_ids == (OIL,)
    builder.work_validated()
    assert builder.booking.open_report().service_ids == (BRAKES,)
    assert builder.work_validated().booking.status == "completed"


def test_each_service_scores_its_difficulty_once():
    builder = in_progress().work_reported(OIL).work_reported(OIL).work_validated().work_validated()
    assert [award for award in builder.booking.awards if award.what == "service 12"] == [
        Award(MEENA.id, "service 12", 2)
    ]
    assert Award(MEENA.id, "service 45", 4) in completed().booking.awards


def test_a_mechanic_is_free_when_nothing_of_their_trade_is_left():
    builder = estimate_ready().paid_online().service_assigned(PETER).work_reported(OIL).work_validated()
    assert (builder.booking.status, builder.booking.active()) == ("in-progress", None)
    assert builder.service_assigned(MEENA).work_reported().work_validated().booking.status == "completed"


def test_a_report_speaks_only_of_confirmed_services():
    for stranger in (999, FILTER):
        with pytest.raises(Invalid, match="not a confirmed service"):
            in_progress().work_reported(stranger)


def test_a_service_that_is_done_is_not_reported_again():
    with pytest.raises(Invalid, match="done and validated already"):
        in_progress().work_reported(OIL).work_validated().work_reported(OIL)


# The admin's word


def test_an_admin_corrects_a_report_that_waits():
    builder = in_progress().work_reported(OIL)
    report = builder.booking.open_report()
    builder.asks(EditProgress(ADMIN, report.id, "both done", ("/uploads/a.jpg",), (OIL, BRAKES)))
    corrected = builder.booking.open_report()
    assert (corrected.notes, corrected.images) == ("both done", ("/uploads/a.jpg",))
    assert builder.work_validated().booking.status == "completed"


def test_a_correction_leaves_what_it_does_not_mention():
    builder = in_progress().work_reported(OIL, notes="fresh oil")
    builder.asks(EditProgress(ADMIN, builder.booking.open_report().id, images=("/uploads/a.jpg",)))
    assert (builder.booking.open_report().notes, builder.booking.open_report().service_ids) == ("fresh oil", (OIL,))


def test_correcting_a_pickup_report_starts_no_work():
    builder = booked().pickup_assigned().collected()
    builder.asks(EditProgress(ADMIN, builder.booking.open_report().id, service_ids=(OIL,)))
    assert states(builder.booking) == {BRAKES: "requested", OIL: "requested"}


def test_a_correction_speaks_only_of_confirmed_services():
    builder = in_progress().work_reported(OIL)
    with pytest.raises(Invalid):
        builder.asks(EditProgress(ADMIN, builder.booking.open_report().id, service_ids=(FILTER,)))


@pytest.mark.parametrize("request_of", [lambda i: EditProgress(ADMIN, i, "x"), lambda i: ValidateProgress(ADMIN, i)])
def test_only_a_report_that_exists_and_waits_can_be_answered(request_of):
    with pytest.raises(NotFound):
        in_progress().asks(request_of(1021999))
    done = in_progress().work_reported(OIL).work_validated()
    with pytest.raises(ActionNotAllowed, match="not waiting"):
        done.asks(request_of(done.booking.reports[-1].id))
    back = in_progress().work_reported(OIL).report_sent_back()
    with pytest.raises(ActionNotAllowed, match="not waiting"):
        back.asks(request_of(back.booking.reports[-1].id))


def test_only_an_admin_validates():
    builder = in_progress().work_reported(OIL)
    for somebody in (ASHA, actor(MEENA)):
        with pytest.raises(RoleRequired):
            builder.asks(ValidateProgress(somebody, builder.booking.open_report().id))


# Going home


def test_the_drop_report_delivers_the_car_and_needs_nobody_to_validate_it():
    builder = delivered()
    booking = builder.booking
    assert (booking.status, booking.with_us, booking.active()) == ("delivered", False, None)
    assert booking.completed_at == builder.now - timedelta(minutes=1)
    assert booking.reports[-1].validated
    assert booking.open_report() is None
    assert booking.awards[-1] == Award(RAVI.id, "drop", 2)


def test_a_cash_booking_is_not_delivered_before_the_cash_is_verified():
    with pytest.raises(ActionNotAllowed, match="cash must be verified"):
        out_for_delivery(CASH).brought_home()
    assert out_for_delivery(CASH).cash_verified().brought_home().booking.status == "delivered"


def test_money_that_only_came_to_go_back_does_not_pay_for_the_delivery():
    builder = estimate_ready().order_opened()
    order = builder.newest_order
    builder.cash_agreed().service_assigned().work_reported().work_validated().drop_assigned()
    builder.money_returned("the customer chose cash", order=order)
    with pytest.raises(ActionNotAllowed, match="cash must be verified"):
        builder.brought_home()


def test_the_shop_hands_a_walk_in_over_when_it_is_paid():
    with pytest.raises(ActionNotAllowed, match="cash must be verified"):
        completed(CASH, WALK_IN).handed_over()
    booking = completed(CASH, WALK_IN).cash_verified(ADMIN).handed_over().booking
    assert (booking.status, booking.event.action, booking.with_us) == ("delivered", "hand-over", False)
    assert all(award.what != "drop" for award in booking.awards)


def test_a_cancelled_car_is_brought_back_by_whoever_is_assigned_when_the_fee_is_in():
    builder = estimate_ready().cancelled()
    for somebody in (ADMIN, actor(RAVI)):
        with pytest.raises(ActionNotAllowed, match="no mechanic is assigned to drop"):
            builder.asks(SubmitProgress(somebody, "back home"))
    with pytest.raises(ActionNotAllowed, match="cash must be verified"):
        builder.drop_assigned().brought_home()
    booking = builder.cash_verified().brought_home().booking
    assert (booking.status, booking.with_us, booking.completed_at) == ("cancelled", False, None)
    assert booking.awards[-1] == Award(RAVI.id, "return", 2)


def test_a_cancelled_walk_in_is_fetched_in_the_shop():
    booking = estimate_ready(WALK_IN).cancelled().cash_verified(ADMIN).handed_over().booking
    assert (booking.status, booking.with_us, booking.event.action) == ("cancelled", False, "hand-over")


def test_a_car_that_is_not_with_us_is_not_brought_back():
    with pytest.raises(ActionNotAllowed, match="not with us"):
        booked(WALK_IN).cancelled().handed_over()
    with pytest.raises(ActionNotAllowed):
        booked().cancelled().asks(SubmitProgress(ADMIN, "back home"))
