"""Each row of the fee table, by the preview and the act."""

from datetime import timedelta

import pytest

from domain.errors import ActionNotAllowed
from kinds.local_services.domain import commands
from kinds.local_services.domain.cancellation import preview
from kinds.local_services.domain.commands import ConfirmByClock, Expire
from kinds.local_services.domain.errors import FeeTooHigh, NotArrived, TooEarly
from kinds.local_services.domain.money import charges, kept
from kinds.local_services.domain.payment_status import payment_status
from kinds.local_services.domain.roles import Party
from kinds.local_services.domain.windows import hold_until
from tests.kinds.local_services.bookings import ADMIN, ASHA, DAY, HOUR, NOW, RAVI, START, Request, policy

MINUTE = timedelta(minutes=1)
T = 100_000


def paid() -> Request:
    return Request(total=T).paid()


@pytest.mark.parametrize(
    ("command", "before", "fee", "compensation", "cause"),
    [
        (commands.Cancel(ASHA), 25 * HOUR, 0, 0, "cancelled"),
        (commands.Cancel(ASHA), 24 * HOUR, 0, 0, "cancelled"),
        (commands.Cancel(ASHA), 24 * HOUR - MINUTE, 25_000, 20_575, "cancelled"),
        (commands.Cancel(ASHA), 2 * HOUR, 25_000, 20_575, "cancelled"),
        (commands.Cancel(ASHA), 2 * HOUR - MINUTE, 50_000, 41_150, "cancelled"),
        (commands.Cancel(ASHA), -HOUR, 50_000, 41_150, "cancelled"),
        (commands.Cancel(ASHA, no_show=True), -30 * MINUTE, 0, 0, "no-show"),
        (commands.Cancel(RAVI), 25 * HOUR, 0, 0, "cancelled"),
        (commands.Cancel(RAVI), MINUTE, 0, 0, "cancelled"),
        (commands.Cancel(RAVI, no_show=True, arrived=True), -15 * MINUTE, 50_000, 41_150, "no-show"),
        (commands.Cancel(ADMIN), HOUR, 0, 0, "cancelled"),
        (commands.Cancel(ADMIN, fee_percent=50), HOUR, 50_000, 41_150, "cancelled"),
        (commands.Cancel(ADMIN, fee_percent=10), 3 * HOUR, 10_000, 8_230, "cancelled"),
    ],
)
def test_a_paid_booking_costs_what_the_table_says_and_the_preview_knows_it(command, before, fee, compensation, cause):
    request = paid().when(START - before)
    quoted = preview(request.booking, command, request.at)
    assert (quoted.fee, quoted.refund, quoted.compensation, quoted.allowed) == (fee, T - fee, compensation, True)
    booking = request.asks(command, timedelta(0)).booking
    done = booking.cancellation
    assert (done.fee, done.refund, done.compensation, done.cause) == (fee, T - fee, compensation, cause)
    assert sum(refund.amount for refund in booking.refunds) == T - fee
    assert (kept(booking), sum(charge.amount for charge in charges(booking))) == (fee, fee)


def test_a_quarter_of_an_hour_after_paying_it_is_free_but_not_in_the_last_two_hours():
    def fee(starts_in: timedelta, after: timedelta) -> int:
        request = Request(total=T, starts_at=NOW + starts_in).paid()
        return preview(request.booking, commands.Cancel(ASHA), request.at + after).fee

    assert fee(4 * HOUR, 15 * MINUTE) == 0
    assert fee(4 * HOUR, 16 * MINUTE) == 25_000
    assert fee(2 * HOUR + 5 * MINUTE, MINUTE) == 0
    assert fee(2 * HOUR + 5 * MINUTE, 10 * MINUTE) == 50_000


def test_tiers_of_the_settings_at_the_request_count():
    from kinds.local_services.domain.policy import Tier

    own = policy(cancel_tiers=(Tier(DAY, 10), Tier(timedelta(0), 80)), cancel_grace=timedelta(0))
    request = Request(total=T, policy=own).paid()
    assert preview(request.booking, commands.Cancel(ASHA), START - 2 * DAY).fee == 10_000
    assert preview(request.booking, commands.Cancel(ASHA), START - HOUR).fee == 80_000


def test_after_another_time_was_agreed_the_tiers_follow_it():
    request = paid().asks(commands.Offer(RAVI, starts_at=START + 2 * DAY)).asks(commands.AcceptOffer(ASHA, 2))
    assert preview(request.booking, commands.Cancel(ASHA), START).fee == 0


def test_an_admin_keeps_no_more_than_the_requester_would_lose():
    request = paid().when(START - 3 * HOUR)
    with pytest.raises(FeeTooHigh):
        preview(request.booking, commands.Cancel(ADMIN, fee_percent=26), request.at)
    with pytest.raises(FeeTooHigh):
        request.asks(commands.Cancel(ADMIN, fee_percent=26))


@pytest.mark.parametrize(
    ("command", "after", "refusal"),
    [
        (commands.Cancel(ASHA, no_show=True), 29 * MINUTE, TooEarly),
        (commands.Cancel(RAVI, no_show=True, arrived=True), 14 * MINUTE, TooEarly),
        (commands.Cancel(RAVI, no_show=True), HOUR, NotArrived),
        (commands.Cancel(ADMIN, no_show=True), HOUR, ActionNotAllowed),
    ],
)
def test_a_no_show_is_told_after_a_while_and_by_a_provider_who_arrived(command, after, refusal):
    request = paid().when(START + after)
    with pytest.raises(refusal):
        request.asks(command, timedelta(0))
    quoted = preview(request.booking, command, request.at)
    assert (quoted.allowed, bool(quoted.reason)) == (False, True)


@pytest.mark.parametrize("request_of", [Request, lambda: Request().accepted(), lambda: Request().begun()])
def test_a_no_show_is_one_of_a_paid_booking_that_did_not_begin(request_of):
    with pytest.raises(ActionNotAllowed):
        request_of().asks(commands.Cancel(RAVI, no_show=True, arrived=True), 10 * DAY)


def test_work_that_has_begun_is_called_off_for_nothing_but_not_by_the_requester():
    for actor in (RAVI, ADMIN):
        done = Request(total=T).begun().asks(commands.Cancel(actor)).booking
        assert (done.cancellation.refund, kept(done)) == (T, 0)
    quoted = preview(Request().begun().booking, commands.Cancel(ASHA), START + HOUR)
    assert (quoted.allowed, "dispute" in quoted.reason) == (False, True)


def test_an_unpaid_booking_costs_nothing_to_cancel():
    done = Request().accepted().when(START).asks(commands.Cancel(ASHA, reason="ill")).booking
    assert (done.cancellation.fee, done.cancellation.reason, payment_status(done)) == (0, "ill", "none")
    assert (done.closed_at, charges(done)) == (done.cancellation.at, ())


def test_a_remainder_below_one_rupee_lowers_what_is_kept():
    own = policy(no_show_fee=100)
    request = Request(total=T, policy=own).paid().when(START + HOUR)
    assert preview(request.booking, commands.Cancel(RAVI, no_show=True, arrived=True), request.at).refund == 0
    nearly = Request(total=150, policy=policy(no_show_fee=50)).paid().when(START + HOUR)
    quoted = preview(nearly.booking, commands.Cancel(RAVI, no_show=True, arrived=True), nearly.at)
    assert (quoted.fee, quoted.refund, quoted.compensation) == (50, 100, 0)


class TestANoShowThatTheProviderClaims:
    def claimed(self) -> Request:
        return paid().when(START + HOUR).asks(commands.Cancel(RAVI, no_show=True, arrived=True), timedelta(0))

    def test_its_fee_is_held_back_for_two_days_more(self):
        request = self.claimed().refunded()
        assert hold_until(request.booking) == START + HOUR + 2 * DAY
        assert request.booking.closed_at is None
        closed = request.asks(ConfirmByClock(), 2 * DAY).settled().booking
        assert (closed.cancellation.hold_from, closed.closed_at) == (None, request.at)

    def test_a_requester_s_claim_holds_nothing_back(self):
        done = paid().when(START + HOUR).asks(commands.Cancel(ASHA, no_show=True)).booking
        assert (done.cancellation.hold_from, done.party_of(done.cancellation.by)) == (None, Party.REQUESTER)


@pytest.mark.parametrize(
    ("request_of", "at", "cause", "status"),
    [
        (Request, NOW + DAY, "unanswered", "none"),
        (lambda: Request().accepted(), NOW + DAY, "unpaid", "failed"),
        (lambda: Request().paid(), START + 28 * HOUR, "not-started", "refund_pending"),
    ],
)
def test_the_clock_ends_what_nobody_answers_pays_or_begins_and_all_money_goes_back(request_of, at, cause, status):
    request = request_of()
    with pytest.raises(ActionNotAllowed):
        request.asks(Expire())
    done = request.when(at).asks(Expire()).booking
    assert (done.status, done.cancellation.cause, payment_status(done)) == ("CANCELLED", cause, status)
    assert payment_status(request.refunded().booking) == {"refund_pending": "refunded"}.get(status, status)
    assert request.booking.closed_at is not None
