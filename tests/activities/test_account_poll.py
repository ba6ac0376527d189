"""The provider's lists are read in bounded steps, and what is news is told once, then ever less often."""

from datetime import UTC, datetime, timedelta

import pytest
from temporalio.testing import ActivityEnvironment

from activities.account_poll import NEWEST, PAGES_OF_ALL, REACH, AccountCursor, AccountPollActivities, Reading
from domain.billing.account_news import BookingMoney
from domain.billing.provider import CURRENCY, PaymentStatus, ProviderDispute, ProviderPayment, ProviderRefund
from domain.billing.records import Dispute, Method, Payment
from domain.errors import KeyRefused
from tests.activities.test_sweep_rounds import Signals

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
ORDER = Payment(1001, "service", Method.ONLINE, 500, PaymentStatus.PENDING, NOW, order_id="order_1")
DONE = Payment(2001, "service", Method.ONLINE, 500, PaymentStatus.SUCCESS, NOW, order_id="order_2", payment_id="pay_2")
DISPUTE = ProviderDispute("disp_1", "pay_2", 500, 0, "open", "chargeback", None, None)
KNOWN = Dispute("disp_1", "pay_2", 500, 0, "open", "chargeback", None, None, NOW)


def payment(number: int, order: str = "order_1", **other: object) -> ProviderPayment:
    usual = {"status": "captured", "captured": True, "amount_refunded": 0, "method": "upi", "error": None}
    return ProviderPayment(f"pay_{number}x", order, 500, CURRENCY, created_at=number, **(usual | other))


class Lists:
    """Lists of a provider; ``asked`` for which pages it was asked."""

    page_size = 10

    def __init__(self) -> None:
        self.of: dict[str, list] = {"payments": [], "refunds": [], "disputes": []}
        self.asked: list[tuple[str, timedelta, int]] = []
        self.broken: dict[str, Exception] = {}

    async def payments(self, since: datetime, until: datetime, skip: int) -> list[ProviderPayment]:
        return self._page("payments", since, until, skip)

    async def refunds(self, since: datetime, until: datetime, skip: int) -> list[ProviderRefund]:
        return self._page("refunds", since, until, skip)

    async def disputes(self, since: datetime, until: datetime, skip: int) -> list[ProviderDispute]:
        return self._page("disputes", since, until, skip)

    def _page(self, name: str, since: datetime, until: datetime, skip: int) -> list:
        self.asked.append((name, until - since, skip))
        if name in self.broken:
            raise self.broken[name]
        return self.of[name][skip : skip + self.page_size]


class Rows:
    """Two bookings: one waits for its money, the other has it."""

    def __init__(self) -> None:
        self.disputes: list[Dispute] = []

    async def money_of(self, orders, payments) -> list[BookingMoney]:
        known = [BookingMoney("visit", 1, [ORDER]), BookingMoney("visit", 2, [DONE], disputes=self.disputes)]
        return [each for each in known if {each.payments[0].order_id} & {*orders} or {"pay_2"} & {*payments}]


@pytest.fixture
def poll():
    return Poll()


class Poll:
    """A poll every minute, and what it has told."""

    def __init__(self) -> None:
        self.lists, self.rows, self.signals, self.now = Lists(), Rows(), Signals(), NOW
        self.activities = AccountPollActivities(self.lists, self.rows, self.signals, MINUTE)
        self.cursor = AccountCursor()

    async def looks(self, times: int = 1) -> AccountCursor:
        for _ in range(times):
            self.cursor = await ActivityEnvironment().run(self.activities.poll_account, self.cursor, self.now)
            self.now = self.cursor.due
        return self.cursor


async def test_the_first_look_reads_everything_within_reach_and_the_next_ones_what_is_new(poll):
    await poll.looks(2)
    assert poll.lists.asked[:3] == [(name, REACH[name], 0) for name in ("disputes", "refunds", "payments")]
    assert poll.lists.asked[3:] == [(name, NEWEST, 0) for name in ("disputes", "refunds", "payments")]
    assert poll.now == NOW + 2 * MINUTE


async def test_everything_is_read_again_once_an_hour(poll):
    await poll.looks(62)
    whole = [name for name, span, _ in poll.lists.asked if span in REACH.values()]
    assert whole == ["disputes", "refunds", "payments"] * 2


async def test_a_long_list_is_read_some_pages_in_each_look_and_none_of_its_entries_is_left_out(poll):
    poll.lists.of["payments"] = [payment(number) for number in range(98)]
    await poll.looks()
    pages = [skip for name, _, skip in poll.lists.asked if name == "payments"]
    assert pages == [number * 10 for number in range(PAGES_OF_ALL)]
    assert poll.cursor.reading == {"payments": Reading(NOW, 50)}
    await poll.looks()
    assert poll.cursor.reading == {}
    assert len(poll.signals.heard) == 98


async def test_a_restarted_worker_goes_on_where_the_lists_were(poll):
    poll.lists.of["refunds"] = [ProviderRefund(f"rfnd_{n}", "pay_2", 1, "processed") for n in range(98)]
    cursor = await poll.looks()
    again = Poll()
    again.lists.of, again.cursor, again.now = poll.lists.of, cursor, poll.now
    await again.looks()
    assert ("refunds", REACH["refunds"], 50) in again.lists.asked


async def test_what_is_news_is_told_once_and_again_when_it_changes(poll):
    poll.lists.of["disputes"] = [DISPUTE]
    poll.lists.of["payments"] = [payment(1), payment(2, "order_2", status="failed", captured=False)]
    await poll.looks(3)
    assert sorted(poll.signals.heard) == ["disp_1", "order_1"]
    poll.rows.disputes = [KNOWN]
    poll.lists.of["disputes"] = [ProviderDispute("disp_1", "pay_2", 500, 500, "lost", "chargeback", None, None)]
    await poll.looks(2)
    assert sorted(poll.signals.heard) == ["disp_1", "disp_1", "order_1"]


async def test_what_our_bookings_know_and_what_is_not_ours_is_told_to_nobody(poll):
    poll.rows.disputes = [KNOWN]
    poll.lists.of["disputes"] = [DISPUTE, ProviderDispute("disp_9", "pay_9", 1, 0, "open", None, None, None)]
    poll.lists.of["payments"] = [
        payment(1, "order_9"),
        payment(2, "order_1", status="created", captured=False),
        payment(3, "order_1", status="refunded", amount_refunded=500),
        ProviderPayment("pay_2", "order_2", 500, CURRENCY, "captured", True, 0, "upi", None, 1),
    ]
    await poll.looks(2)
    assert poll.signals.heard == []


async def test_a_list_that_cannot_be_read_holds_up_no_other(poll):
    poll.lists.broken = {"disputes": TimeoutError()}
    poll.lists.of["payments"] = [payment(1)]
    await poll.looks(3)
    assert poll.signals.heard == ["order_1"]


async def test_after_an_outage_of_hours_the_next_look_is_a_minute_away_at_most(poll):
    poll.lists.broken = dict.fromkeys(poll.lists.of, TimeoutError())
    cursor = await poll.looks(240)
    assert (cursor.failures, poll.now - NOW <= 240 * MINUTE) == (240, True)
    before, poll.lists.broken = poll.now, {}
    cursor = await poll.looks()
    assert (cursor.failures, poll.now - before) == (0, MINUTE)


async def test_a_key_that_the_provider_refuses_is_tried_with_one_list_only(poll):
    poll.lists.broken = dict.fromkeys(poll.lists.of, KeyRefused())
    await poll.looks()
    assert [name for name, _, _ in poll.lists.asked] == ["disputes"]


async def test_a_booking_that_cannot_be_told_holds_up_no_other(poll):
    poll.signals.refusing = (1,)
    poll.lists.of["payments"] = [payment(1)]
    poll.lists.of["disputes"] = [DISPUTE]
    await poll.looks(3)
    assert poll.signals.heard == ["disp_1"]
    assert poll.signals.tried[1] == 3
