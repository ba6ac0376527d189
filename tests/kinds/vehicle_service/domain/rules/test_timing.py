from datetime import date

import pytest

from domain.commands import Alert
from domain.errors import ActionNotAllowed, Invalid, RoleRequired
from domain.people import SYSTEM
from kinds.vehicle_service.domain.commands import Reschedule
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
from tests.kinds.vehicle_service.people import ADMIN, ASHA, RAVI, actor, leg

THURSDAY, FRIDAY, SATURDAY = (leg(date(2026, 11, day)) for day in (26, 27, 28))


def test_a_booking_can_move_both_ways_before_the_car_is_collected():
    booking = booked().asks(Reschedule(ASHA, THURSDAY, FRIDAY)).booking
    assert (booking.status, booking.pickup, booking.drop) == ("booked", THURSDAY, FRIDAY)


def test_a_changed_pickup_releases_the_mechanic_who_was_on_the_way():
    booking = booked().pickup_assigned().asks(Reschedule(ASHA, THURSDAY, FRIDAY)).booking
    assert booking.status == "booked"
    assert booking.active() is None


def test_a_changed_drop_leaves_the_mechanic_on_the_way():
    booking = booked().pickup_assigned().asks(Reschedule(ASHA, drop=FRIDAY)).booking
    assert (booking.status, booking.active().mechanic, booking.drop) == ("pickup", RAVI, FRIDAY)


@pytest.mark.parametrize("builder", [received, in_analysis, estimate_ready, in_progress, completed])
def test_once_the_car_is_collected_only_the_drop_moves(builder):
    with pytest.raises(ActionNotAllowed, match="only the drop can move"):
        builder().asks(Reschedule(ASHA, THURSDAY, FRIDAY))
    before = builder().booking
    after = builder().asks(Reschedule(ASHA, drop=FRIDAY)).booking
    assert (after.drop, after.status, after.pickup) == (FRIDAY, before.status, before.pickup)


@pytest.mark.parametrize("builder", [out_for_delivery, delivered, lambda: booked().cancelled()])
def test_from_out_for_delivery_on_nothing_moves(builder):
    with pytest.raises(ActionNotAllowed):
        builder().asks(Reschedule(ADMIN, drop=FRIDAY))


def test_rescheduling_leaves_an_open_order_alone():
    builder = estimate_ready().order_opened()
    payments, until = builder.booking.payments, builder.booking.decision_until
    booking = builder.asks(Reschedule(ASHA, drop=FRIDAY)).booking
    assert (booking.payments, booking.decision_until) == (payments, until)


def test_the_working_days_that_the_services_need_lie_between_the_dates():
    with pytest.raises(Invalid, match="1 day"):
        booked().asks(Reschedule(ASHA, THURSDAY, THURSDAY))
    with pytest.raises(Invalid):
        booked().asks(Reschedule(ASHA, pickup=THURSDAY))
    builder = booked()
    builder.booking.working_days = 2
    with pytest.raises(Invalid, match=r"2 working day\(s\)"):
        builder.asks(Reschedule(ASHA, THURSDAY, FRIDAY))
    assert builder.asks(Reschedule(ASHA, THURSDAY, SATURDAY)).booking.drop == SATURDAY


def test_a_request_that_changes_nothing_is_refused():
    with pytest.raises(Invalid, match="nothing to reschedule"):
        booked().asks(Reschedule(ASHA))


def test_a_mechanic_does_not_reschedule():
    with pytest.raises(RoleRequired):
        booked().asks(Reschedule(actor(RAVI), drop=FRIDAY))


def test_a_walk_in_can_move_its_dates_too():
    assert booked(WALK_IN).asks(Reschedule(ASHA, THURSDAY, FRIDAY)).booking.pickup == THURSDAY


def test_an_alert_is_an_entry_by_the_system_that_keeps_the_status():
    booking = booked().asks(Alert("unassigned", "nobody is assigned")).booking
    assert (booking.status, booking.alerted, booking.attention) == ("booked", ["unassigned"], [])
    assert (booking.event.action, booking.event.by, booking.event.note) == ("alert", SYSTEM, "nobody is assigned")


def test_a_lasting_alert_stays_until_somebody_clears_it():
    assert booked().asks(Alert("k", "money is in doubt", lasting=True)).booking.attention == ["money is in doubt"]


def test_people_do_not_alert():
    with pytest.raises(RoleRequired):
        booked().asks(Alert("k", "n", actor=ADMIN))
