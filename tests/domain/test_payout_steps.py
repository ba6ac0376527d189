"""What is to be done next about a share, judged from what is wished and what was done."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.billing.payout_steps import Doing, payout_steps, refund_must_wait
from domain.billing.payouts import MOST_PAYOUTS, PayoutWish
from domain.billing.provider import ProviderDispute
from domain.closing import is_settled
from domain.commands import Cancel, Command, RecordDispute, RecordRelease, RecordReversal, RecordTransfer
from domain.errors import Duplicate, NotFound, RoleRequired
from domain.kind import BookingKind
from tests.kinds.table_reservation.domain.kind import TABLE_RESERVATION
from tests.kinds.table_reservation.reservations import GUEST, HOST, NOON, Reservation
from tests.kinds.table_reservation.test_domain import paid

LATER = NOON + timedelta(hours=1)
PAID = 52_500


def _nothing_to_issue(booking: Any) -> tuple[()]:
    return ()


class Share:
    """A reservation whose deposit was paid, and a wish about it."""

    def __init__(self, amount: int, *, release: bool = False) -> None:
        self.table = paid(Reservation(share=80).ordered())
        self.wish = PayoutWish(HOST.id, self.table.booking.payments[0].id, amount, release)

    def wishes(self, amount: int, *, release: bool = False) -> "Share":
        self.wish = replace(self.wish, amount=amount, release=release)
        return self

    @property
    def kind(self) -> BookingKind[Any]:
        return replace(TABLE_RESERVATION, payouts=lambda booking: (self.wish,))

    def is_transferred(self, key: str = "po-7-1", **given: Any) -> "Share":
        made = {"amount": self.wish.amount, "transfer_id": f"trf_{key}", "account_id": "acc_1", **given}
        return self.records(RecordTransfer(key, HOST.id, self.wish.payment_row, **made))

    def records(self, command: Command) -> "Share":
        self.table.asks(command)
        return self

    def next(self) -> list[tuple[str, str, int]]:
        return [(str(each.doing), each.key, each.amount) for each in payout_steps(self.kind, self.table.booking)]


def test_a_share_is_transferred_once_and_only_of_money_that_is_in():
    assert Share(42_000).next() == [("transfer", "po-7-1", 42_000)]
    assert Share(42_000).is_transferred().next() == []
    unpaid = Share(42_000)
    unpaid.table = Reservation(share=80).ordered()
    assert unpaid.next() == []


@pytest.mark.parametrize(("wanted", "steps"), [(99, []), (100, [("transfer", "po-7-1", 100)])])
def test_less_than_a_rupee_is_not_paid_out(wanted: int, steps: list[Any]):
    assert Share(wanted).next() == steps


@pytest.mark.parametrize(
    ("wanted", "back"), [(41_901, 0), (41_900, 100), (20_000, 22_000), (100, 41_900), (99, 42_000), (0, 42_000)]
)
def test_a_share_is_cut_to_what_is_wished_but_by_no_less_than_a_rupee(wanted: int, back: int):
    share = Share(42_000).is_transferred().wishes(wanted)
    assert share.next() == ([("reverse", "po-7-1", back)] if back else [])
    if back:
        share.records(RecordReversal("po-7-1", "rv-7-1", "rvrsl_1", back))
        [payout] = share.table.booking.payouts
        assert (payout.kept, payout.state) == (42_000 - back, "reversed" if back == 42_000 else "partly_reversed")
        assert share.next() == []


def test_it_is_cut_before_the_rest_is_released_and_never_made_larger():
    share = Share(42_000).is_transferred().wishes(20_000, release=True)
    assert share.next() == [("reverse", "po-7-1", 22_000)]
    share.records(RecordReversal("po-7-1", "rv-7-1", "rvrsl_1", 22_000))
    assert share.next() == [("release", "po-7-1", 20_000)]
    assert share.records(RecordRelease("po-7-1")).table.booking.payouts[0].state == "released"
    assert share.wishes(42_000, release=True).next() == []


def test_what_is_the_payees_for_good_already_is_not_put_on_hold():
    share = Share(42_000, release=True).is_transferred(on_hold=False)
    assert (share.next(), share.table.booking.payouts[0].state) == ([], "released")


def test_a_failed_transfer_has_moved_nothing_and_the_next_try_waits_ever_longer_and_ends():
    share, waits = Share(42_000), []
    for number in range(1, MOST_PAYOUTS + 1):
        [step] = payout_steps(share.kind, share.table.booking)
        waits.append(step.before)
        assert step.key == f"po-7-{number}"
        share.is_transferred(step.key, failed=True, note="the bank says no")
    assert share.next() == []
    assert waits == sorted(waits)
    assert waits[-1] - waits[1] > timedelta(hours=5)
    assert "tried again" not in share.table.booking.attention[-1]


def test_one_that_waits_and_is_not_wished_for_any_more_is_looked_for_once_and_given_up():
    share = Share(42_000).is_transferred(transfer_id=None, note="no account")
    assert share.next() == [("transfer", "po-7-1", 42_000)]
    assert share.wishes(0).next() == [("abandon", "po-7-1", 0)]
    share.is_transferred(transfer_id=None, failed=True, amount=0, note="nothing is to be paid out")
    assert (share.next(), share.table.booking.payouts[0].kept, share.table.booking.attention) == ([], 0, [])


def test_a_refund_waits_for_the_reversal_for_as_long_as_the_booking_says():
    share = Share(42_000).is_transferred()
    share.records(Cancel(GUEST, "ill")).wishes(0)
    [refund] = share.table.booking.refunds
    steps = payout_steps(share.kind, share.table.booking)
    ends = refund.requested_at + timedelta(minutes=15)
    assert [refund_must_wait(share.table.booking, refund, steps, {}, at) for at in (NOON, ends)] == [True, False]
    assert not refund_must_wait(share.table.booking, refund, (), {}, NOON)


def test_a_refund_waits_for_a_transfer_only_until_the_payee_was_found_without_an_account():
    share = Share(42_000)
    share.records(Cancel(GUEST, "ill")).wishes(20_000)
    [refund] = share.table.booking.refunds
    steps = payout_steps(share.kind, share.table.booking)

    def waits(looked: dict[str, Any]) -> bool:
        return refund_must_wait(share.table.booking, refund, steps, looked, refund.requested_at)

    assert waits({})
    assert waits({"po-7-1": refund.requested_at - timedelta(seconds=1)})
    assert not waits({"po-7-1": refund.requested_at})


def test_nothing_moves_of_a_payment_that_the_bank_was_asked_for():
    share = Share(42_000).is_transferred()
    opened = ProviderDispute("disp_1", "pay_1", PAID, 0, "open", "chargeback", None, None)
    share.records(RecordDispute(opened)).wishes(42_000, release=True)
    [step] = payout_steps(share.kind, share.table.booking)
    assert (step.doing, step.frozen) == (Doing.RELEASE, True)
    share.records(RecordDispute(replace(opened, status="won")))
    assert [each.frozen for each in payout_steps(share.kind, share.table.booking)] == [False]


def test_a_booking_is_not_over_while_a_share_is_under_way():
    share = Share(42_000).is_transferred()
    share.table.booking.closed_at = LATER
    assert is_settled(replace(share.kind, documents=_nothing_to_issue), share.table.booking)
    assert not is_settled(replace(share.wishes(0).kind, documents=_nothing_to_issue), share.table.booking)


def test_what_is_recorded_already_and_what_is_of_no_booking_is_refused():
    share = Share(42_000).is_transferred()
    taken = RecordReversal("po-7-1", "rv-7-1", "rvrsl_1", 500)
    share.records(taken)
    for again in (taken, RecordTransfer("po-7-1", HOST.id, 1, 42_000, transfer_id="trf_1")):
        with pytest.raises(Duplicate):
            share.records(again)
    share.records(RecordRelease("po-7-1"))
    with pytest.raises(Duplicate):
        share.records(RecordRelease("po-7-1"))
    with pytest.raises(NotFound):
        share.records(RecordRelease("po-7-9"))
    with pytest.raises(RoleRequired):
        share.records(RecordRelease("po-7-1", actor=HOST))
