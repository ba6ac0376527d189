"""The host's share of a deposit: transferred on hold, released, or taken back before the guest has the money again."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from temporalio.client import Client

from domain.billing.ledger import entries
from domain.billing.payouts import PayoutTerms
from domain.billing.transfers import AccountStatus
from domain.commands import Cancel
from tests.fakes.transfers import FakeTransfers
from tests.kinds.table_reservation.domain.booking import Bill, PayDeposit, Seat, TableBooking
from tests.kinds.table_reservation.domain.kind import TABLE_RESERVATION
from tests.kinds.table_reservation.reservations import DEPOSIT, GUEST, HOST
from tests.kinds.table_reservation.running import Rows, RunningReservation, both_kinds_working, new_reservation
from tests.kinds.table_reservation.workflow import TableReservationWorkflow
from tests.workflows.engine import Engine
from tests.workflows.running_booking import eventually
from tests.workflows.servers import namespace_of_its_own
from workflows.booking.messages import Start

WITH_GST = DEPOSIT * 105 // 100
SHARE = 42_000
"""80 % of it."""
SOON = PayoutTerms(timedelta(minutes=15), timedelta(minutes=15), timedelta(milliseconds=50))
_NUMBERS = iter(range(900, 1000))


@pytest.fixture(scope="module")
async def working(client: Client) -> AsyncIterator[tuple[Engine, Rows]]:
    """In a namespace of their own: in another, workers of visits alone may take their tasks."""
    async with both_kinds_working(await namespace_of_its_own(client, "tables")) as both:
        yield both


class Shared(RunningReservation):
    """A reservation of whose deposit the host has a share."""

    @property
    def provider(self) -> FakeTransfers:
        return self.engine.transfers

    def moved(self) -> list[tuple[str, int, int]]:
        """What was asked of the provider for this booking, with what was refunded by then."""
        return self.provider.told

    async def is_paid(self) -> None:
        await self.opens()
        await self.asks(PayDeposit(GUEST))
        await self.pays()

    async def payout(self, state: str) -> Any:
        await eventually(lambda: self.booking.payouts and self.booking.payouts[-1].state == state)
        return self.booking.payouts[-1]

    async def tells(self, about: str) -> None:
        await self.handle.signal(TableReservationWorkflow.payout_reported, about)


@pytest.fixture
def table(working: tuple[Engine, Rows]) -> Shared:
    engine, rows = working
    engine.transfers.__init__(engine.gateway)  # type: ignore[misc]
    return Shared(engine, rows, with_terms(SOON))


def with_terms(terms: PayoutTerms) -> TableBooking:
    made = new_reservation(next(_NUMBERS), DEPOSIT, share=80)
    return replace(made, policy=replace(made.policy, payouts=terms))


def in_ledger(booking: TableBooking) -> list[tuple[str, int]]:
    return [(str(entry.kind), entry.amount) for entry in entries(booking) if entry.kind in ("transfer", "reversal")]


async def test_a_share_is_on_hold_until_the_guests_have_left_and_then_the_hosts_for_good(table: Shared):
    account = table.provider.opens_account(TABLE_RESERVATION.name, HOST.id)
    await table.is_paid()
    held = await table.payout("held")
    assert (held.amount, held.account_id, held.key) == (SHARE, account, f"po-{table.new.id}-1")
    await table.asks(Seat(HOST))
    await table.asks(Bill(HOST, DEPOSIT))
    await table.payout("released")
    await table.handle.result()
    assert table.moved() == [("transfer", SHARE, 0), ("release", SHARE, 0)]
    assert in_ledger(table.booking) == [("transfer", -SHARE)]


async def test_all_of_it_is_taken_back_before_a_cancelled_guest_is_refunded(table: Shared):
    table.provider.opens_account(TABLE_RESERVATION.name, HOST.id)
    await table.is_paid()
    await table.payout("held")
    await table.asks(Cancel(GUEST, "ill"))
    await table.handle.result()
    assert table.moved() == [("transfer", SHARE, 0), ("reverse", SHARE, 0)]
    assert (table.booking.payouts[0].state, table.booking.refunds[0].status) == ("reversed", "processed")
    assert in_ledger(table.booking) == [("transfer", -SHARE), ("reversal", SHARE)]


async def test_a_share_is_cut_to_the_paisa_when_a_part_goes_back_and_the_rest_is_released(table: Shared):
    table.provider.opens_account(TABLE_RESERVATION.name, HOST.id)
    await table.is_paid()
    await table.payout("held")
    await table.asks(Seat(HOST))
    await table.asks(Bill(HOST, 30_001))
    await table.handle.result()
    kept = 25_201  # 80 % of 315.01 (with GST), half a paisa up
    assert table.moved()[:2] == [("transfer", SHARE, 0), ("reverse", SHARE - kept, 0)]
    assert [what for what, *_ in table.moved()[2:]] == ["release"]
    [payout] = table.booking.payouts
    assert (payout.kept, payout.state) == (kept, "released")


@pytest.mark.parametrize("lost", [1, 2])
async def test_a_transfer_or_reversal_whose_answer_was_lost_is_made_once(table: Shared, lost: int):
    table.provider.opens_account(TABLE_RESERVATION.name, HOST.id)
    table.provider.lose = 1
    await table.is_paid()
    await table.payout("held")
    table.provider.lose = lost - 1
    await table.asks(Cancel(GUEST, "ill"))
    await table.handle.result()
    assert [what for what, *_ in table.moved()] == ["transfer", "reverse"]
    assert [(each.kept, each.state) for each in table.booking.payouts] == [(0, "reversed")]


async def test_a_guest_who_cancels_while_the_answer_is_missing_leaves_nothing_with_the_host(table: Shared):
    table.provider.opens_account(TABLE_RESERVATION.name, HOST.id)
    table.provider.lose = 1
    waits = replace(SOON, settle=timedelta(seconds=1))
    table.new = replace(table.new, policy=replace(table.new.policy, payouts=waits))
    await table.is_paid()
    await table.payout("pending")
    await table.asks(Cancel(GUEST, "ill"))
    await table.handle.result()
    assert table.moved() == [("transfer", SHARE, 0), ("reverse", SHARE, 0)]


async def test_without_an_account_it_waits_and_is_made_when_there_is_one(table: Shared):
    await table.is_paid()
    assert "none" in (await table.payout("pending")).note
    table.provider.opens_account(TABLE_RESERVATION.name, HOST.id, AccountStatus.UNDER_REVIEW)
    await table.tells("acc_news")
    await eventually(lambda: "under_review" in table.booking.payouts[0].note)
    table.provider.opens_account(TABLE_RESERVATION.name, HOST.id)
    await table.tells("acc_news")
    assert (await table.payout("held")).key == f"po-{table.new.id}-1"
    assert [what for what, *_ in table.moved()] == ["transfer"]
    await table.asks(Cancel(GUEST, "ill"))
    await table.handle.result()


async def test_a_share_that_was_kept_is_paid_after_a_refund_when_the_account_comes_late(table: Shared):
    await table.is_paid()
    await table.payout("pending")
    await table.asks(Seat(HOST))
    await table.asks(Bill(HOST, 30_001))
    await eventually(lambda: table.booking.refunds and table.booking.refunds[0].status == "processed")
    table.provider.opens_account(TABLE_RESERVATION.name, HOST.id)
    await table.tells("acc_news")
    await table.handle.result()
    assert table.moved() == [("transfer", 25_201, 0)]
    [made] = table.provider.made.values()
    assert (made.source, made.on_hold) == ("acc_ours", False)
    assert [(each.kept, each.state) for each in table.booking.payouts] == [(25_201, "released")]


async def test_nothing_is_left_to_pay_out_where_all_went_back_before_there_was_an_account(table: Shared):
    await table.is_paid()
    await table.payout("pending")
    await table.asks(Cancel(GUEST, "ill"))
    await table.handle.result()
    assert (table.moved(), table.booking.payouts[0].state) == ([], "failed")
    assert table.booking.attention == []


async def test_a_guest_does_not_wait_for_ever_for_a_host_who_has_spent_it(table: Shared):
    table.provider.opens_account(TABLE_RESERVATION.name, HOST.id)
    patient = replace(SOON, patience=timedelta(seconds=1))
    table.new = replace(table.new, policy=replace(table.new.policy, payouts=patient))
    await table.is_paid()
    await table.payout("held")
    table.provider.payees_are_short = True
    await table.asks(Cancel(GUEST, "ill"))
    await eventually(lambda: table.booking.refunds[0].status == "processed")
    assert table.moved() == [("transfer", SHARE, 0)]
    [told] = await eventually(lambda: table.booking.attention)
    assert "reverse 420.00" in told
    table.provider.payees_are_short = False
    await table.handle.result()
    assert table.moved()[1:] == [("reverse", SHARE, WITH_GST)]
    assert table.booking.payouts[0].state == "reversed"


async def test_a_transfer_that_fails_is_tried_anew_under_another_key(table: Shared):
    table.provider.opens_account(TABLE_RESERVATION.name, HOST.id)
    table.provider.fail = 1
    await table.is_paid()
    held = await table.payout("held")
    assert [(each.key[-2:], each.state) for each in table.booking.payouts] == [("-1", "failed"), ("-2", "held")]
    table.provider.fails(held.transfer_id)
    await table.tells(held.transfer_id)
    await eventually(lambda: len(table.booking.payouts) == 3)
    assert (await table.payout("held")).key[-2:] == "-3"
    assert in_ledger(table.booking) == [("transfer", -SHARE)]
    assert len(table.booking.attention) == 2
    await table.asks(Cancel(GUEST, "ill"))
    await table.handle.result()


async def test_a_later_run_gives_what_the_one_before_may_have_asked_for_time_to_settle(table: Shared):
    waits = replace(SOON, settle=timedelta(seconds=1))
    table.new = replace(table.new, policy=replace(table.new.policy, payouts=waits))
    await table.is_paid()
    await table.payout("pending")
    await table.handle.terminate()
    table.provider.opens_account(TABLE_RESERVATION.name, HOST.id)
    carried_over = Start(table.booking, GUEST)
    name, queue = TableReservationWorkflow.run, table.queue
    await table.engine.client.start_workflow(name, carried_over, id=table.handle.id, task_queue=queue)
    held = await table.payout("held")
    assert held.transferred_at >= (await table.handle.describe()).start_time + waits.settle
    await table.asks(Cancel(GUEST, "ill"))
    await table.handle.result()


async def test_a_chargeback_freezes_a_share_that_is_on_hold(table: Shared):
    table.provider.opens_account(TABLE_RESERVATION.name, HOST.id)
    await table.is_paid()
    await table.payout("held")
    payment_id = table.booking.payments[0].payment_id
    assert payment_id is not None
    dispute = table.engine.gateway.dispute(payment_id)
    await table.handle.signal(TableReservationWorkflow.dispute_reported, dispute.dispute_id)
    await eventually(lambda: table.booking.disputes)
    await table.asks(Seat(HOST))
    await table.asks(Bill(HOST, DEPOSIT))
    table.engine.gateway.dispute(payment_id, "won")
    assert [what for what, *_ in table.moved()] == ["transfer"]
    await table.handle.signal(TableReservationWorkflow.dispute_reported, dispute.dispute_id)
    await table.handle.result()
    assert [what for what, *_ in table.moved()] == ["transfer", "release"]
