"""Senseless repetition is refused by name: counted in the state, for each role by itself, and nothing is written."""

from copy import deepcopy
from datetime import timedelta

import pytest

from domain.billing.provider import ProviderOrder
from domain.billing.records import Method
from domain.commands import Alert, CommandWithOrder, EngineCommand
from domain.decide import decide
from domain.errors import ActionNotAllowed, TooMany
from domain.limits import HOUR, MOST_ORDERS
from kinds.vehicle_service.domain import commands
from kinds.vehicle_service.domain.kind import VEHICLE_SERVICE
from kinds.vehicle_service.domain.limits import LIMITS
from kinds.vehicle_service.domain.parts import Job
from kinds.vehicle_service.domain.rules import RULES
from kinds.vehicle_service.domain.rules.paying import chosen_amount
from tests.kinds.vehicle_service.bookings import BookingBuilder, booked, estimate_ready, in_progress
from tests.kinds.vehicle_service.people import ADMIN, ASHA, BRAKES, MEENA, OIL, RAVI, actor, leg

NOT_COUNTED = {commands.VerifyCash, commands.Cancel}
MOST = {limit.what: limit.most for limit in LIMITS}


def choose(builder: BookingBuilder, *service_ids: int, by=ASHA) -> BookingBuilder:
    """An online choice with its order, at once: no time passes."""
    before = builder.now
    choice = commands.ConfirmServices(by, service_ids, Method.ONLINE)
    amount = chosen_amount(builder.booking, choice)
    order = ProviderOrder(f"order_{builder.booking.version}", amount, "INR", "created", None)
    builder.asks(commands.ConfirmServices(by, service_ids, Method.ONLINE, order=order)).now = before
    return builder


def refused(builder: BookingBuilder, command) -> TooMany:
    """The refusal of a command; it changes nothing."""
    before = deepcopy(builder.booking)
    with pytest.raises(TooMany) as refusal:
        decide(VEHICLE_SERVICE, builder.booking, command, builder.now)
    assert builder.booking == before
    return refusal.value


def test_a_thousand_changes_of_a_choice_make_ten_orders():
    builder, refusals = estimate_ready(), []
    for number in range(1000):
        try:
            choose(builder, *((BRAKES,) if number % 2 else (BRAKES, OIL)))
        except TooMany as refusal:
            refusals.append((refusal.detail, refusal.data))
    assert len(builder.booking.payments) == MOST_ORDERS
    said = "booking 1021 had 10 orders within an hour; the next one has to wait"
    assert refusals == [(said, {"retry_after": 3600})] * 990


def test_an_hour_after_the_first_one_they_are_granted_again():
    builder = estimate_ready()
    for _ in range(MOST_ORDERS):
        choose(builder, BRAKES)
    choice = commands.ConfirmServices(ASHA, (OIL,), Method.ONLINE)
    builder.now += timedelta(minutes=59, seconds=59, milliseconds=500)
    assert refused(builder, choice).data["retry_after"] == 1
    builder.now += timedelta(milliseconds=500)
    assert len(choose(builder, OIL).booking.payments) == MOST_ORDERS + 1


def test_whoever_repeats_themselves_keeps_nobody_else_from_acting():
    builder = estimate_ready()
    for _ in range(MOST_ORDERS):
        choose(builder, BRAKES)
    refused(builder, commands.ConfirmServices(ASHA, (OIL,), Method.ONLINE))
    assert choose(builder, OIL, by=ADMIN).live_order.service_ids == (OIL,)


def test_cash_needs_no_order_and_giving_up_is_never_refused():
    for last in (commands.ConfirmServices(ASHA, (OIL,), Method.OFFLINE), commands.Cancel(ASHA)):
        builder = estimate_ready()
        for _ in range(MOST_ORDERS):
            choose(builder, BRAKES)
        assert builder.asks(last).booking.live_order() is None


def test_reports_are_bounded():
    builder = in_progress().waits(HOUR)
    report = commands.SubmitProgress(actor(MEENA), "still at it")
    for _ in range(MOST["reports"]):
        builder.asks(report).now -= timedelta(minutes=1)
    assert "30 reports within an hour" in refused(builder, report).detail


def test_notes_are_bounded():
    builder = booked()
    note = commands.Assign(ADMIN, Job.PICKUP, RAVI, "n" * 500)
    for _ in range(MOST["notes"]):
        builder.asks(note).now -= timedelta(minutes=1)
    assert "60 notes within an hour" in refused(builder, note).detail


def test_moves_are_bounded():
    builder = booked()
    move = commands.Reschedule(ASHA, drop=leg(builder.booking.drop.date + timedelta(days=1)))
    for _ in range(MOST["new times"]):
        builder.asks(move).now -= timedelta(minutes=1)
    assert "20 new times within an hour" in refused(builder, move).detail


def test_what_was_refused_for_another_reason_is_not_counted():
    builder = booked()
    for _ in range(100):
        with pytest.raises(ActionNotAllowed):
            builder.asks(commands.SubmitProgress(actor(RAVI), "on my way"))
    assert builder.booking.hourly_counts == {}


def test_the_engine_is_not_counted():
    builder = booked()
    for number in range(200):
        builder.asks(Alert(f"key {number}", "look")).now -= timedelta(minutes=1)
    assert builder.booking.hourly_counts == {}


def test_what_is_older_than_an_hour_is_forgotten():
    builder = booked().pickup_assigned()
    assert set(builder.booking.hourly_counts) == {"notes by admin"}
    builder.waits(HOUR).collected()
    assert set(builder.booking.hourly_counts) == {"reports by mechanic"}


def test_every_command_of_people_is_counted_once_but_those_that_cannot_repeat():
    listed = [command for limit in LIMITS for command in limit.commands]
    assert len(listed) == len(set(listed))
    of_people = {command for command in RULES if not issubclass(command, EngineCommand)}
    assert of_people - set(listed) == NOT_COUNTED
    assert {command for command in of_people if issubclass(command, CommandWithOrder)} <= set(listed)
