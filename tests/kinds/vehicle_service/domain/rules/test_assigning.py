from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.billing.records import Method
from domain.errors import ActionNotAllowed, RoleRequired
from kinds.vehicle_service.domain.commands import Assign
from kinds.vehicle_service.domain.errors import MechanicAbsent, NotQualified
from kinds.vehicle_service.domain.parts import Absence, Job
from kinds.vehicle_service.domain.rules.assigning import JOB_OF
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
from tests.kinds.vehicle_service.people import ADMIN, ALL_ROUNDER, ASHA, BRAKES, LATA, MEENA, OIL, PETER, RAVI, actor

NOBODY = ALL_ROUNDER.__class__("MEC000099", "Novice")


def test_assigning_the_pickup_sends_the_mechanic_on_the_way():
    booking = booked().pickup_assigned().booking
    assignment = booking.active(Job.PICKUP)
    assert booking.status == "pickup"
    assert (assignment.mechanic, assignment.job, assignment.active) == (RAVI, Job.PICKUP, True)
    assert booking.event.note == f"pickup: {RAVI.id}"


def test_the_note_of_an_assignment_is_kept():
    booking = booked().asks(Assign(ADMIN, Job.PICKUP, RAVI, "ring twice")).booking
    assert (booking.active().note, booking.event.note) == ("ring twice", "ring twice")


@pytest.mark.parametrize(
    ("builder", "job", "status"),
    [
        (booked, Job.PICKUP, "pickup"),
        (lambda: booked().pickup_assigned(), Job.PICKUP, "pickup"),
        (received, Job.ANALYSIS, "analysis"),
        (in_analysis, Job.ANALYSIS, "analysis"),
        (lambda: estimate_ready().paid_online(), Job.SERVICE, "in-progress"),
        (completed, Job.DROP, "out-for-delivery"),
        (out_for_delivery, Job.DROP, "out-for-delivery"),
        (lambda: estimate_ready().cancelled(), Job.DROP, "cancelled"),
    ],
)
def test_each_state_has_the_one_job_that_can_be_assigned(builder, job, status):
    for other in set(Job) - {job}:
        with pytest.raises(ActionNotAllowed, match=f"only {job} can be assigned"):
            builder().asks(Assign(ADMIN, other, ALL_ROUNDER))
    booking = builder().asks(Assign(ADMIN, job, ALL_ROUNDER)).booking
    assert booking.status == status
    assert booking.active(job).mechanic == ALL_ROUNDER


def _away(booking, first: int, last: int) -> tuple[Absence, ...]:
    """Away from so many days after the pickup's date until so many."""
    return (Absence(booking.pickup.date + timedelta(days=first), booking.pickup.date + timedelta(days=last)),)


@pytest.mark.parametrize(("first", "last", "refused"), [(-3, -1, False), (-1, 0, True), (0, 5, True), (1, 9, False)])
def test_a_pickup_is_not_given_to_who_is_away_on_its_day(first, last, refused):
    builder = booked()
    command = Assign(ADMIN, Job.PICKUP, RAVI, absences=_away(builder.booking, first, last))
    if refused:
        with pytest.raises(MechanicAbsent, match=f"{RAVI.id} is away on {builder.booking.pickup.date}"):
            builder.asks(command)
    else:
        assert builder.asks(command).booking.active(Job.PICKUP).mechanic == RAVI


@pytest.mark.parametrize("builder", [received, lambda: estimate_ready().cancelled()])
def test_work_in_the_shop_and_a_return_are_not_given_to_who_is_away_today(builder):
    told = builder()
    job, today = JOB_OF[told.booking.status], told.now.astimezone(ZoneInfo(told.booking.policy.timezone)).date()
    with pytest.raises(MechanicAbsent):
        told.asks(Assign(ADMIN, job, ALL_ROUNDER, absences=(Absence(today, today),)))
    tomorrow = today + timedelta(days=1)
    told.asks(Assign(ADMIN, job, ALL_ROUNDER, absences=(Absence(tomorrow, tomorrow),)))


def test_a_second_assignment_replaces_the_first():
    booking = booked().pickup_assigned(RAVI).pickup_assigned(ALL_ROUNDER).booking
    first, second = booking.assignments
    assert (first.active, first.replaced) == (False, True)
    assert (second.active, second.mechanic) == (True, ALL_ROUNDER)


def test_assigning_the_same_mechanic_again_does_not_take_the_booking_from_them():
    first, second = booked().pickup_assigned(RAVI).pickup_assigned(RAVI).booking.assignments
    assert (first.active, second.active, second.replaced) == (False, True, False)


def test_a_mechanic_who_was_assigned_twice_is_replaced_for_good():
    builder = booked().pickup_assigned(RAVI).pickup_assigned(RAVI).pickup_assigned(ALL_ROUNDER)
    assert [each.replaced for each in builder.booking.assignments] == [True, True, False]


@pytest.mark.parametrize(
    ("builder", "job", "mechanic"),
    [
        (booked, Job.PICKUP, LATA),
        (received, Job.ANALYSIS, RAVI),
        (lambda: estimate_ready().paid_online(), Job.SERVICE, RAVI),
        (completed, Job.DROP, MEENA),
        (lambda: estimate_ready().cancelled(), Job.DROP, LATA),
    ],
)
def test_a_job_goes_only_to_the_qualified(builder, job, mechanic):
    with pytest.raises(NotQualified) as refusal:
        builder().asks(Assign(ADMIN, job, mechanic))
    assert refusal.value.data == {"mechanic_id": mechanic.id}


def test_a_service_mechanic_needs_a_category_of_the_work_that_is_left():
    builder = in_progress().work_reported(OIL).work_validated()
    with pytest.raises(NotQualified):
        builder.service_assigned(PETER)  # only knows oil, and that is done
    assert builder.service_assigned(MEENA).booking.active(Job.SERVICE).mechanic == MEENA


def test_a_declined_service_qualifies_nobody():
    with pytest.raises(NotQualified):
        estimate_ready().cash_agreed(BRAKES).service_assigned(PETER)


def test_the_analysis_is_assigned_only_after_the_pickup_report_is_validated():
    with pytest.raises(ActionNotAllowed, match="not validated yet"):
        booked().pickup_assigned().collected().analysis_assigned()
    with pytest.raises(ActionNotAllowed, match="not validated yet"):
        booked().pickup_assigned().collected().report_sent_back().analysis_assigned()


@pytest.mark.parametrize(
    ("builder", "job"),
    [
        (lambda: booked(WALK_IN), Job.PICKUP),
        (lambda: completed(Method.ONLINE, WALK_IN), Job.DROP),
        (lambda: estimate_ready(WALK_IN).cancelled(), Job.DROP),
    ],
)
def test_a_walk_in_has_no_pickup_and_no_drop(builder, job):
    with pytest.raises(ActionNotAllowed, match="a walk-in booking has no"):
        builder().asks(Assign(ADMIN, job, ALL_ROUNDER))


def test_a_cancelled_booking_whose_car_is_not_with_us_needs_nobody():
    with pytest.raises(ActionNotAllowed, match="not with us"):
        booked().pickup_assigned().cancelled().drop_assigned()


def test_only_an_admin_assigns():
    for somebody in (ASHA, actor(RAVI)):
        with pytest.raises(RoleRequired):
            booked().asks(Assign(somebody, Job.PICKUP, RAVI))


@pytest.mark.parametrize("builder", [estimate_ready, delivered])
def test_where_there_is_no_job_nobody_is_assigned(builder):
    with pytest.raises(ActionNotAllowed):
        builder().asks(Assign(ADMIN, Job.DROP, ALL_ROUNDER))


def test_one_mechanic_at_most_is_at_work_at_any_time():
    for _, booking in delivered().moves:
        assert sum(assignment.active for assignment in booking.assignments) <= 1
