"""What a booking says of the people in it."""

from datetime import timedelta

import pytest

from kinds.local_services.domain import commands
from kinds.local_services.domain.conduct import answer, dispute_lost_by, let_down
from kinds.local_services.domain.parts import Outcome
from tests.kinds.local_services.bookings import ADMIN, ASHA, DAY, HOUR, RAVI, START, Request


def test_who_gives_an_accepted_booking_up_lets_the_other_down_twice_at_short_notice():
    early = let_down(Request().paid().asks(commands.Cancel(RAVI)).booking)
    late = let_down(Request().paid().when(START - DAY).asks(commands.Cancel(ASHA), HOUR).booking)
    assert early is not None
    assert late is not None
    assert (early.by, early.points) == (RAVI.id, 1)
    assert (late.by, late.points) == (ASHA.id, 2)


@pytest.mark.parametrize(("by", "guilty"), [(RAVI, ASHA), (ASHA, RAVI)])
def test_of_a_no_show_the_one_who_did_not_come_is_guilty(by, guilty):
    told = commands.Cancel(by, no_show=True, arrived=True)
    failure = let_down(Request().paid().when(START).asks(told, timedelta(minutes=45)).booking)
    assert failure is not None
    assert (failure.by, failure.points) == (guilty.id, 2)


def test_an_unpaid_booking_is_the_requesters_and_one_that_nobody_began_the_providers():
    unpaid = Request().accepted().when(START - HOUR).asks(commands.Expire(), HOUR).booking
    forgotten = Request().paid().when(START + 3 * HOUR).asks(commands.Expire(), DAY).booking
    assert [failure and failure.by for failure in map(let_down, (unpaid, forgotten))] == [ASHA.id, RAVI.id]


def test_nobody_is_let_down_before_the_acceptance_nor_by_an_admin():
    assert let_down(Request().asks(commands.Cancel(ASHA)).booking) is None
    assert let_down(Request().asks(commands.Cancel(RAVI)).booking) is None
    assert let_down(Request().paid().asks(commands.Cancel(ADMIN)).booking) is None
    assert let_down(Request().paid().booking) is None


def test_acceptance_decline_and_counter_offer_are_answers():
    countered = Request().asks(commands.Offer(RAVI, total=150_000))
    for booking in (
        Request().accepted().booking,
        Request().asks(commands.DeclineOffer(RAVI, 1)).booking,
        Request().asks(commands.Cancel(RAVI)).booking,
        countered.asks(commands.Cancel(ASHA)).booking,
    ):
        said = answer(booking)
        assert said is not None
        assert said.given


def test_silence_is_the_providers_only_where_the_request_waited_for_him():
    silent = answer(Request().asks(commands.Expire(), 2 * DAY).booking)
    assert silent is not None
    assert not silent.given
    ignored = answer(Request().asks(commands.Offer(RAVI, total=150_000)).asks(commands.Expire(), 2 * DAY).booking)
    assert ignored is not None
    assert ignored.given


def test_a_request_that_is_open_or_taken_back_in_time_says_nothing_of_its_provider():
    assert answer(Request().booking) is None
    assert answer(Request().asks(commands.Cancel(ASHA)).booking) is None


@pytest.mark.parametrize(("against", "lost_by"), [("provider", RAVI.id), ("requester", ASHA.id), ("nobody", None)])
def test_a_dispute_is_lost_by_the_party_that_it_was_decided_against(against, lost_by):
    disputed = Request().completed().asks(commands.Dispute(ASHA, "bad-work", "the windows are as they were"))
    assert dispute_lost_by(disputed.booking) is None
    decided = disputed.asks(commands.DecideDispute(ADMIN, Outcome.RELEASE, against=against))
    assert dispute_lost_by(decided.booking) == lost_by
