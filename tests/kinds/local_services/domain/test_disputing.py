from datetime import timedelta

import pytest

from domain.closing import totals
from domain.errors import ActionNotAllowed, AmountMismatch, Duplicate, RoleRequired
from kinds.local_services.domain import commands
from kinds.local_services.domain.commands import CompleteByClock, ConfirmByClock, DecideDispute, WithdrawDispute
from kinds.local_services.domain.errors import TooLate
from kinds.local_services.domain.kind import LOCAL_SERVICES
from kinds.local_services.domain.money import kept, payout_of
from kinds.local_services.domain.parts import Outcome
from kinds.local_services.domain.payment_status import payment_status
from kinds.local_services.domain.windows import confirm_until, hold_until
from tests.kinds.local_services.bookings import ADMIN, ASHA, DAY, HOUR, RAVI, START, Request

BAD = commands.Dispute(ASHA, "bad-work", "the kitchen was not done")
T = 100_000


def disputed() -> Request:
    return Request(total=T).completed().asks(BAD)


@pytest.mark.parametrize(
    ("decision", "back", "stays", "word"),
    [
        (DecideDispute(ADMIN, Outcome.RELEASE), 0, T, "paid"),
        (DecideDispute(ADMIN, Outcome.REFUND_ALL, against="provider"), T, 0, "refunded"),
        (DecideDispute(ADMIN, Outcome.REFUND_PART, 50_000), 50_000, 50_000, "partially_refunded"),
    ],
)
def test_an_admin_decides_what_goes_back_and_the_rest_is_the_provider_s(decision, back, stays, word):
    request = disputed().asks(decision).refunded()
    booking = request.booking
    assert (sum(each.amount for each in booking.refunds), kept(booking)) == (back, stays)
    assert (booking.confirmed, booking.completion.confirmed_by, payment_status(booking)) == (True, ADMIN, word)
    assert (totals(LOCAL_SERVICES, booking).total, totals(LOCAL_SERVICES, booking).due) == (stays, 0)
    assert payout_of(kept(booking), booking.rates) == {T: 82_300, 0: 0, 50_000: 41_150}[stays]
    with pytest.raises(ActionNotAllowed):
        request.asks(decision)


@pytest.mark.parametrize("part", [None, 99, T, T + 1])
def test_a_part_is_at_least_one_rupee_and_less_than_all(part):
    with pytest.raises(AmountMismatch):
        disputed().asks(DecideDispute(ADMIN, Outcome.REFUND_PART, part))


def test_while_it_is_open_nothing_is_confirmed_or_cancelled_and_the_clock_decides_nothing():
    request = disputed()
    for command in (commands.Confirm(ASHA), commands.Complete(ASHA), ConfirmByClock(), commands.Cancel(ADMIN)):
        with pytest.raises(ActionNotAllowed):
            request.asks(command, 10 * DAY)


def test_work_can_be_done_while_a_dispute_is_open_and_that_confirms_nothing():
    request = Request().begun().asks(BAD)
    with pytest.raises(ActionNotAllowed):
        request.asks(commands.Cancel(RAVI))
    done = request.asks(commands.Complete(ASHA)).booking
    assert (done.status, done.confirmed, done.disputed) == ("COMPLETED", False, True)


def test_decided_while_the_work_goes_on_the_status_stays_and_no_later_move_changes_money():
    request = Request(total=T).begun().asks(BAD).asks(DecideDispute(ADMIN, Outcome.REFUND_PART, 40_000))
    assert (request.booking.status, request.booking.confirmed) == ("IN_PROGRESS", True)
    with pytest.raises(ActionNotAllowed):
        request.asks(commands.Cancel(RAVI))
    done = request.asks(CompleteByClock(), 2 * DAY).booking
    assert (done.status, kept(done), done.completion.confirmed_by) == ("COMPLETED", 60_000, ADMIN)


def test_whoever_opened_it_withdraws_it_and_the_time_to_object_begins_anew():
    request = disputed().when(START + 2 * DAY)
    for actor in (RAVI, ADMIN):
        with pytest.raises(RoleRequired):
            request.asks(WithdrawDispute(actor))
    withdrawn = request.asks(WithdrawDispute(ASHA)).booking
    assert confirm_until(withdrawn) == request.at + 2 * DAY
    with pytest.raises(Duplicate):
        request.asks(BAD)
    assert request.asks(commands.Confirm(ASHA)).booking.confirmed


def test_once_confirmed_it_is_too_late_and_a_second_one_is_a_duplicate():
    with pytest.raises(TooLate):
        Request().completed().asks(commands.Confirm(ASHA)).asks(BAD)
    with pytest.raises(Duplicate):
        disputed().asks(commands.Dispute(RAVI, "other", "he was rude to me"))


def test_only_an_admin_decides_and_only_what_is_disputed():
    with pytest.raises(RoleRequired):
        disputed().asks(DecideDispute(RAVI, Outcome.RELEASE))
    with pytest.raises(ActionNotAllowed):
        Request().completed().asks(DecideDispute(ADMIN, Outcome.RELEASE))


class TestAClaimedNoShow:
    def claimed(self) -> Request:
        command = commands.Cancel(RAVI, no_show=True, arrived=True)
        return Request(total=T).paid().when(START + HOUR).asks(command, timedelta(0))

    def test_it_may_be_disputed_until_its_hold_ends(self):
        disputed = self.claimed().asks(commands.Dispute(ASHA, "no-show", "I was there all the time"))
        assert disputed.booking.disputed
        late = self.claimed().asks(ConfirmByClock(), 2 * DAY)
        with pytest.raises(TooLate):
            late.asks(commands.Dispute(ASHA, "no-show", "I was there all the time"))

    def test_decided_for_the_requester_the_fee_goes_back_as_well(self):
        request = self.claimed().asks(commands.Dispute(ASHA, "no-show", "I was there all the time"))
        done = request.asks(DecideDispute(ADMIN, Outcome.REFUND_ALL, against="provider")).refunded().booking
        assert (kept(done), done.cancellation.compensation, payment_status(done)) == (0, 0, "refunded")
        assert done.closed_at is not None

    def test_withdrawn_the_hold_begins_anew(self):
        request = self.claimed().asks(commands.Dispute(ASHA, "no-show", "I was there all the time"), DAY)
        assert hold_until(request.asks(WithdrawDispute(ASHA)).booking) == request.at + 2 * DAY
