"""When the clock acts, and what waits for whom until then."""

from datetime import timedelta

import pytest

from domain.attention import all_deadlines, needs_attention, waiting_for
from domain.commands import Alert
from domain.deadlines import open_deadlines
from kinds.local_services.domain import commands
from kinds.local_services.domain.commands import CompleteByClock, ConfirmByClock, Expire, PublishReviews
from kinds.local_services.domain.kind import LOCAL_SERVICES
from tests.kinds.local_services.bookings import ADMIN, ASHA, DAY, HOUR, NOW, RAVI, SOON, START, Request, policy

MINUTE = timedelta(minutes=1)
BAD = commands.Dispute(ASHA, "bad-work", "the kitchen was not done")


def moments(request: Request) -> dict:
    """What happens when: commands by their type, reminders by whom they are for."""
    left = open_deadlines(all_deadlines(LOCAL_SERVICES, request.booking), request.booking.alerted)
    return {each.email[1] if each.email else type(each.command): each.at for each in left}


def waits(request: Request) -> tuple:
    wait = waiting_for(LOCAL_SERVICES, request.booking)
    return (wait.who, wait.what, wait.until)


@pytest.mark.parametrize(
    ("starts_in", "until"),
    [
        (3 * DAY, DAY),
        (5 * HOUR, 4 * HOUR),
        (70 * MINUTE, 15 * MINUTE),
        (10 * MINUTE, 10 * MINUTE),
    ],
)
def test_an_offer_waits_a_day_or_until_an_hour_before_the_start_and_never_after_it(starts_in, until):
    request = Request(starts_at=NOW + starts_in)
    assert moments(request)[Expire] == NOW + until
    assert waits(request) == ("provider", "to answer the offer of 1350.00", NOW + until)


def test_a_short_window_is_not_made_longer_by_the_least_one():
    own = policy(answer_window=timedelta(seconds=3), payment_window=timedelta(seconds=3))
    assert moments(Request(policy=own))[Expire] == NOW + timedelta(seconds=3)
    accepted = Request(policy=own).accepted()
    assert moments(accepted)[Expire] == accepted.at + timedelta(seconds=3)


def test_whom_an_offer_waits_for_is_reminded_four_hours_before():
    request = Request()
    assert moments(request)[RAVI.id] == NOW + 20 * HOUR
    request.asks(commands.Offer(RAVI, total=150_000))
    assert moments(request)[ASHA.id] == request.at + 20 * HOUR
    assert waits(request)[0] == "requester"
    assert RAVI.id not in moments(Request(starts_at=NOW + 4 * HOUR))


@pytest.mark.parametrize(
    ("starts_in", "until"), [(3 * DAY, 12 * HOUR), (6 * HOUR, 6 * HOUR - 31 * MINUTE), (20 * MINUTE, 15 * MINUTE)]
)
def test_payment_is_waited_for_half_a_day_or_until_half_an_hour_before_the_start(starts_in, until):
    request = Request(starts_at=NOW + starts_in).accepted()
    assert moments(request)[Expire] == request.at + until
    assert waits(request) == ("requester", "to pay 1350.00", request.at + until)


def test_the_last_look_at_the_payment_comes_before_it_is_given_up():
    [lapse] = [each for each in all_deadlines(LOCAL_SERVICES, Request().accepted().booking) if each.command]
    assert lapse.check_payment_first


def test_the_payment_window_counts_from_the_first_acceptance_also_after_another_time_was_agreed():
    request = Request(starts_at=NOW + 10 * HOUR).accepted()
    accepted_at = request.at
    request.asks(commands.Offer(RAVI, starts_at=START)).asks(commands.AcceptOffer(ASHA, 2))
    assert moments(request)[Expire] == accepted_at + 12 * HOUR


def test_both_are_reminded_a_day_before_the_start():
    request = Request().paid()
    assert (moments(request)[ASHA.id], moments(request)[RAVI.id]) == (START - DAY, START - DAY)
    assert ASHA.id not in moments(Request(starts_at=NOW + 20 * HOUR).paid())


def test_work_that_does_not_begin_calls_an_admin_and_is_given_up_a_day_after_its_end():
    request = Request().paid()
    assert (moments(request)[Alert], moments(request)[Expire]) == (START + 2 * HOUR, START + 27 * HOUR)
    [call] = [each for each in all_deadlines(LOCAL_SERVICES, request.booking) if isinstance(each.command, Alert)]
    request.when(call.at).asks(call.command)
    assert needs_attention(LOCAL_SERVICES, request.booking)
    assert Alert not in moments(request)


def answered_until(request: Request):
    deadlines = all_deadlines(LOCAL_SERVICES, request.booking)
    return next(each.at for each in deadlines if each.key.startswith("answer"))


def test_another_time_is_answered_in_a_day_or_two_hours_before_either_start():
    request = Request().paid().asks(commands.Offer(RAVI, starts_at=START + DAY))
    assert answered_until(request) == request.at + DAY
    near = Request(starts_at=NOW + 5 * HOUR).paid().asks(commands.Offer(RAVI, starts_at=START))
    assert answered_until(near) == NOW + 3 * HOUR


def test_work_counts_as_done_a_day_after_its_end_and_as_confirmed_two_days_later():
    begun = Request().begun()
    assert moments(begun)[CompleteByClock] == START + 27 * HOUR
    assert waits(begun)[0] == "provider"
    done = Request().completed()
    assert (moments(done)[ConfirmByClock], moments(done)[PublishReviews]) == (done.at + 2 * DAY, done.at + 14 * DAY)
    assert waits(done)[:2] == ("requester", "to confirm the work")


def test_by_the_clock_a_booking_is_completed_and_confirmed_in_nobody_s_name():
    request = Request().begun().when(START + 27 * HOUR).asks(CompleteByClock()).asks(ConfirmByClock(), 2 * DAY)
    done = request.booking.completion
    assert (done.completed_by.role, done.confirmed_by.role) == ("system", "system")


def test_an_open_dispute_stops_the_clock_and_calls_an_admin_each_day():
    request = Request().completed().asks(BAD)
    opened = request.at
    assert moments(request).keys() == {Alert, PublishReviews}
    assert waits(request) == ("admin", "to decide the dispute", opened + 3 * DAY)
    for day in range(3):
        assert moments(request)[Alert] == opened + (3 + day) * DAY
        [call] = open_deadlines(
            (each for each in all_deadlines(LOCAL_SERVICES, request.booking) if isinstance(each.command, Alert)),
            request.booking.alerted,
        )
        request.when(call.at - SOON).asks(call.command)
    assert needs_attention(LOCAL_SERVICES, request.booking)


def test_what_is_left_at_the_end_is_a_refund_and_then_nothing():
    request = Request().paid().asks(commands.Cancel(ADMIN))
    assert waits(request) == ("gateway", "to process the refund of 1350.00", None)
    assert waiting_for(LOCAL_SERVICES, request.refunded().booking) is None


def test_confirmed_work_waits_for_reviews_and_says_whose():
    request = Request().completed().asks(commands.Confirm(ASHA))
    assert waits(request)[:2] == ("gateway", "to move the provider's share")
    assert waits(request.paid_out())[:2] == ("both", "to review each other")
    assert waits(request.asks(commands.Review(ASHA, 5)))[:2] == ("provider", "to review the other")


def test_the_fee_of_a_claimed_no_show_waits_for_an_objection():
    command = commands.Cancel(RAVI, no_show=True, arrived=True)
    request = Request().paid().when(START + HOUR).asks(command, timedelta(0))
    assert moments(request) == {ConfirmByClock: START + HOUR + 2 * DAY}
    assert waits(request)[0] == "requester"
