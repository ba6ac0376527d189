from copy import deepcopy
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.billing.records import Method
from domain.children import CHILDREN_PER_BOOKING, booking_of
from domain.commands import Alert, ClearAttention, ReturnMoney
from domain.decide import CHILDREN_FOR_PEOPLE, NOTICEABLE_GROWTH, RECENT, STATE_BUDGET, decide, first_version
from domain.errors import BookingError, TooMany
from kinds.vehicle_service.domain.commands import Assign, Cancel, SubmitAnalysis
from kinds.vehicle_service.domain.kind import VEHICLE_SERVICE
from kinds.vehicle_service.domain.lifecycle import Action, VisitStatus
from kinds.vehicle_service.domain.parts import Job
from kinds.vehicle_service.domain.roles import Role
from tests.kinds.vehicle_service.bookings import (
    BookingBuilder,
    booked,
    captured,
    delivered,
    estimate_ready,
    in_status,
    out_for_delivery,
    received,
)
from tests.kinds.vehicle_service.people import ADMIN, ASHA, LATA, MONDAY, QUOTES, RAVI, actor
from tests.kinds.vehicle_service.situations import SITUATIONS
from tests.kinds.vehicle_service.typical_commands import open_an_order, typical_command
from tests.of_every import of_every


def every_request(booking):
    """Every action's command by every role, possible or not, and the order that comes with an online choice."""
    for role in Role:
        yield open_an_order(booking, role)
        for action in Action:
            if action is not Action.BOOK:
                yield typical_command(action, booking, role)


@of_every(SITUATIONS)
def test_deciding_leaves_the_booking_as_it_was_whether_granted_or_refused(situation):
    builder = SITUATIONS[situation]()
    before = deepcopy(builder.booking)
    granted = refused = 0
    for command in every_request(builder.booking):
        try:
            after = decide(VEHICLE_SERVICE, builder.booking, command, builder.now)
        except BookingError:
            refused += 1
        else:
            granted += 1
            assert after is not builder.booking
            assert after.version == before.version + 1
            assert after.event.version == after.version
            assert after.event.status == after.status
            assert after.updated_at == builder.now
        assert builder.booking == before
    assert refused
    assert granted


@of_every(SITUATIONS)
def test_the_timeline_counts_every_move_from_one_without_a_gap(situation):
    builder = SITUATIONS[situation]()
    assert [event.version for event in builder.timeline] == list(range(1, builder.booking.version + 1))
    assert builder.timeline[0].action == Action.BOOK
    assert builder.timeline[-1].status is builder.booking.status


@of_every(VisitStatus)
def test_the_builder_brings_a_booking_into_each_status(status):
    assert in_status(status).booking.status is status


def test_a_new_booking_begins_with_its_first_version():
    builder = booked()
    assert (builder.booking.status, builder.booking.version) == (VisitStatus.BOOKED, 1)
    assert (builder.booking.event.by, builder.booking.event.at) == (ASHA, MONDAY)
    assert builder.booking.since == MONDAY


def test_opening_does_not_touch_what_was_handed_in():
    new = booked().moves[0][0]
    assert new.version == 0
    assert first_version(VEHICLE_SERVICE, new, ASHA, MONDAY).version == 1
    assert new.version == 0
    assert new.recent == []


def test_a_booking_keeps_only_its_newest_entries():
    builder = delivered()
    assert len(builder.timeline) > RECENT
    assert builder.booking.recent == builder.timeline[-RECENT:]


def test_a_booking_knows_since_when_it_is_in_its_status():
    builder = estimate_ready()
    since = builder.booking.since
    submitted = next(event for event in builder.timeline if event.action == Action.SUBMIT_ANALYSIS)
    assert since == submitted.at, "validating keeps the status, so the time in it goes on"
    assert builder.waits(timedelta(hours=1)).asks(Alert("k", "look")).booking.since == since
    assert builder.cancelled().booking.since == builder.timeline[-1].at


def test_two_bookings_that_live_the_same_are_the_same():
    assert delivered().booking == delivered().booking


def test_the_children_of_a_booking_have_ids_of_their_own():
    booking = BookingBuilder.doorstep().booking
    ids = [booking.next_child() for _ in range(3)]
    assert ids == [1021001, 1021002, 1021003]


def overgrown(builder):
    builder.booking.attention = ["x" * STATE_BUDGET]
    return builder


def test_a_booking_over_its_budget_refuses_what_adds_much_and_grants_what_adds_little():
    builder = overgrown(received())
    builder.asks(Assign(ADMIN, Job.ANALYSIS, LATA))
    report = SubmitAnalysis(actor(LATA), "x" * NOTICEABLE_GROWTH, None, QUOTES)
    with pytest.raises(TooMany, match="grown too large"):
        decide(VEHICLE_SERVICE, builder.booking, report, builder.now)
    assert builder.asks(replace(report, description="Worn")).booking.status is VisitStatus.ANALYSED


def test_a_booking_over_its_budget_can_be_finished_by_people():
    for request in (ClearAttention(ADMIN), Cancel(ASHA, "y" * NOTICEABLE_GROWTH), Alert("k", "n" * NOTICEABLE_GROWTH)):
        builder = overgrown(booked())
        assert decide(VEHICLE_SERVICE, builder.booking, request, builder.now).version == builder.booking.version + 1
    assert (
        overgrown(out_for_delivery(Method.OFFLINE)).cash_verified().brought_home().booking.status
        is VisitStatus.DELIVERED
    )


def test_the_last_entries_of_a_booking_are_kept_for_the_engine_and_for_its_end():
    builder = received()
    builder.booking.children = CHILDREN_FOR_PEOPLE
    request = Assign(ADMIN, Job.ANALYSIS, LATA)
    with pytest.raises(TooMany, match="too many entries"):
        decide(VEHICLE_SERVICE, builder.booking, request, builder.now)
    builder.booking.children -= 1
    assert decide(VEHICLE_SERVICE, builder.booking, request, builder.now).children == CHILDREN_FOR_PEOPLE


def test_money_that_is_not_wanted_goes_back_also_where_people_can_add_nothing_any_more():
    builder = estimate_ready().order_opened()
    builder.booking.children = 950
    money = captured(builder.live_order, "pay_odd", amount=100)
    assert builder.asks(ReturnMoney(money, "wrong amount")).booking.children == 952


def test_a_booking_that_was_cancelled_has_room_for_the_way_home():
    builder = received()
    builder.booking.children = 950
    builder.cancelled()
    assert builder.asks(Assign(ADMIN, Job.DROP, RAVI)).booking.children > 950


def test_a_booking_has_at_most_999_children_so_that_their_ids_are_its_own():
    booking = booked().booking
    ids = {booking.next_child() for _ in range(CHILDREN_PER_BOOKING - 1)}
    assert {booking_of(child) for child in ids} == {booking.id}
    assert len(ids) == CHILDREN_PER_BOOKING - 1
    with pytest.raises(TooMany, match="too many entries"):
        booking.next_child()
