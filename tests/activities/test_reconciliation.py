"""The steps of a comparison: each difference names its booking, which is told to look before it counts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import pytest
from temporalio.testing import ActivityEnvironment

from activities.reconciliation import ReconciliationActivities, Span
from domain.billing.ledger import Difference, DifferenceKind, EntryKind, Fact
from domain.billing.provider import CURRENCY, PaymentEvent, ProviderDispute, ProviderPayment, ProviderRefund
from tests.activities.test_sweep_rounds import Signals

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SPAN = Span(NOW - timedelta(days=10), NOW)
PAID = ProviderPayment("pay_1", "order_1", 1000, CURRENCY, "captured", True, 0, "upi", None, 1, fee=24)


class Statement:
    """What the provider says: one payment, a refund of it made by hand, and a dispute of long ago that was lost."""

    refund = ProviderRefund("rfnd_1", "pay_1", 300, "processed")
    dispute = ProviderDispute("disp_1", "pay_1", 500, 500, "lost", None, None, None)

    def payments_between(self, since, until):
        return iter([PAID])

    def refunds_between(self, since, until):
        return iter([self.refund])

    def disputes_between(self, since, until):
        return iter([self.dispute] if until - since > timedelta(days=100) else [])

    def dispute_of_id(self, dispute_id):
        return self.dispute if dispute_id == "disp_1" else None

    def payment(self, payment_id):
        return PAID if payment_id == "pay_1" else None

    def refund_of_id(self, refund_id):
        return None


class Books:
    """Booking 7 has the order and its payment."""

    def __init__(self) -> None:
        self.booked: list[Fact] = []

    async def bookings_of(self, order_ids, payment_ids):
        return dict.fromkeys({*order_ids, *payment_ids} & {"order_1", "pay_1"}, 7)

    async def orders_of(self, booking_ids):
        return [PaymentEvent(7, "order_1", kind="visit")] if 7 in booking_ids else []

    async def book_fees(self, fees):
        self.booked += fees

    async def kinds_of(self, booking_ids):
        return dict.fromkeys(booking_ids, "visit")

    async def disagreements(self, span):
        return []

    async def open_bookings(self, span):
        return []

    async def workflow_problems(self):
        return []


@pytest.fixture
def books():
    return Books()


@pytest.fixture
def signals():
    return Signals()


@pytest.fixture
def comparison(books, signals):
    return ReconciliationActivities(Statement(), books, signals)


def in_ledger(kind: EntryKind, reference: str, amount: int) -> Fact:
    return Fact(kind, reference, amount, 7)


async def run(step, *given):
    return await ActivityEnvironment().run(step, *given)


async def found_beside(comparison, *ledger: Fact) -> list[Difference]:
    provider = comparison.fetch_statement
    statement = ActivityEnvironment().run(provider, SPAN)
    return list((await run(comparison.compare_books, SPAN, list(ledger), statement)).differences)


CAPTURE = in_ledger(EntryKind.CAPTURE, "pay_1", 1000)


async def test_a_refund_and_a_chargeback_that_only_the_provider_knows_name_their_booking(comparison):
    found = await found_beside(comparison, CAPTURE)
    assert [(each.kind, each.reference, each.booking_id, each.booking_kind) for each in found] == [
        (DifferenceKind.NOT_IN_LEDGER, "disp_1", 7, "visit"),
        (DifferenceKind.NOT_IN_LEDGER, "rfnd_1", 7, "visit"),
    ]


async def test_what_the_provider_keeps_is_booked_and_another_amount_is_a_difference(comparison, books):
    rest = in_ledger(EntryKind.REFUND, "rfnd_1", -300), in_ledger(EntryKind.CHARGEBACK, "disp_1", -500)
    assert await found_beside(comparison, CAPTURE, *rest) == []
    assert [(fee.reference, fee.amount, fee.booking_id) for fee in books.booked] == [("pay_1", -24, 7)]
    [found] = await found_beside(comparison, CAPTURE, *rest, in_ledger(EntryKind.FEE, "pay_1", -20))
    assert (found.kind, found.reference, found.booking_id) == (DifferenceKind.OTHER_AMOUNT, "pay_1", 7)
    assert "fee" in found.detail


async def test_a_chargeback_that_only_the_ledger_knows_is_fetched_by_its_id(comparison):
    known, unknown = in_ledger(EntryKind.CHARGEBACK, "disp_1", -500), in_ledger(EntryKind.CHARGEBACK, "disp_9", -1)
    fetched = ActivityEnvironment().run(comparison.fetch_missing, [known, unknown])
    assert [(fact.kind, fact.reference) for fact in fetched] == [(EntryKind.CHARGEBACK, "disp_1")]
    fees = ActivityEnvironment().run(comparison.fetch_missing, [in_ledger(EntryKind.FEE, "pay_1", -24)])
    assert [(fact.kind, fact.amount) for fact in fees] == [(EntryKind.FEE, -24)]


class Busy(Statement):
    """Thousands of payments a day, and a refund that was asked for days ago."""

    asked: ClassVar[list[str]] = []
    late = ProviderRefund("rfnd_of_old", "pay_of_old", 300, "processed")

    def payments_between(self, since, until):
        return (replace(PAID, payment_id=f"pay_{number}", order_id=f"order_{number}") for number in range(5_000))

    def refunds_between(self, since, until):
        return iter(())

    def refund_of_id(self, refund_id):
        self.asked.append(refund_id)
        return self.late if refund_id == "rfnd_of_old" else None

    def payment(self, payment_id):
        raise AssertionError(f"{payment_id} was asked for alone")


class BusyBooks(Books):
    """All of them, with fees that the night before has booked, also of payments that began a day earlier."""

    async def facts(self, references, span):
        known = [in_ledger(EntryKind.CAPTURE, reference, 1000) for reference in references if reference[:4] == "pay_"]
        fees = [in_ledger(EntryKind.FEE, f"pay_{number}", -24) for number in range(-3_000, 5_000)]
        refunds = [in_ledger(EntryKind.REFUND, "rfnd_of_old", -300), in_ledger(EntryKind.REFUND, "rfnd_made_up", -1)]
        return [*known, *fees, *refunds]


async def test_of_a_part_of_the_time_what_differs_is_told_and_what_began_elsewhere_is_asked_for_alone(signals):
    """What began elsewhere is counted there, and so is the fee of it compared."""
    comparison = ReconciliationActivities(Busy(), BusyBooks(), signals)
    day = Span(NOW - timedelta(days=3), NOW - timedelta(days=2))
    found = await run(comparison.compare_part, day, SPAN, 0)
    assert [(each.kind, each.reference) for each in found.differences] == [
        (DifferenceKind.NOT_AT_PROVIDER, "rfnd_made_up")
    ]
    assert (found.checked["ledger"], found.checked["provider"]) == (10_000, 10_000)
    assert sorted(Busy.asked) == ["rfnd_made_up", "rfnd_of_old"]


async def test_lost_disputes_are_looked_for_in_the_first_part_alone(comparison, books):
    async def nothing(references, span):
        return []

    books.facts = nothing
    first, second = Span(NOW - timedelta(days=10), NOW - timedelta(days=9)), Span(NOW - timedelta(days=9), NOW)
    found = [
        {each.reference for each in (await run(comparison.compare_part, part, SPAN, 0)).differences}
        for part in (first, second)
    ]
    assert ["disp_1" in references for references in found] == [True, False]


async def test_a_booking_that_differs_is_told_to_look_at_its_orders_and_disputes(comparison, signals):
    differences = [
        Difference(DifferenceKind.NOT_IN_LEDGER, "disp_1", 7, ""),
        Difference(DifferenceKind.NOT_IN_LEDGER, "rfnd_1", 7, ""),
        Difference(DifferenceKind.NOT_IN_LEDGER, "pay_9", None, ""),
        Difference(DifferenceKind.LEDGER_AND_DOCUMENTS, "booking-8", 8, ""),
    ]
    assert await run(comparison.report_differences, differences) == 1
    assert signals.heard == ["order_1", "disp_1"]
