"""Accounts of payees: who waits for one that was activated is told, and a comparison knows what was passed on."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from temporalio.testing import ActivityEnvironment

from activities.payees import PayeeLooks
from activities.reconciliation import ReconciliationActivities
from domain.billing.ledger import DifferenceKind, EntryKind
from domain.billing.transfers import AccountStatus, ProviderReversal, ProviderTransfer
from tests.activities.test_reconciliation import NOW, SPAN, Books, Signals, Statement, in_ledger, run

BACK = ProviderReversal("rvrsl_1", "trf_1", 100, "rv-7-1")
TRANSFER = ProviderTransfer("trf_1", "pay_1", "acc_1", 800, 100, "processed", True, 1, "po-7-1", reversals=(BACK,))


class Accounts:
    """Two accounts are due; two bookings wait for the first."""

    def __init__(self) -> None:
        self.status: dict[str, AccountStatus] = {}

    async def to_look_at(self) -> Sequence[str]:
        return ["acc_1", "acc_2"]

    async def waiting_for(self, account_id: str) -> Sequence[tuple[str, int]]:
        return [("tables", 7), ("tables", 8)] if account_id == "acc_1" else []

    async def seen(self, account_id: str, status: AccountStatus) -> None:
        self.status[account_id] = status


class Provider:
    """Knows the first account, and answers no more questions than told."""

    def __init__(self, answers: int = 2, first: AccountStatus = AccountStatus.ACTIVATED) -> None:
        self.answers, self.first = answers, first

    async def account_status(self, account_id: str) -> AccountStatus:
        self.answers -= 1
        if self.answers < 0:
            raise TimeoutError
        return self.first if account_id == "acc_1" else AccountStatus.UNDER_REVIEW


class Waiting:
    def __init__(self) -> None:
        self.told: list[tuple[int, str]] = []

    async def report_account(self, kind: str, booking_id: int, account_id: str) -> None:
        self.told.append((booking_id, account_id))


@pytest.mark.parametrize(
    ("provider", "budget", "told", "seen"),
    [
        (Provider(), timedelta(seconds=9), 2, ["acc_1", "acc_2"]),
        (Provider(first=AccountStatus.NEEDS_CLARIFICATION), timedelta(seconds=9), 0, ["acc_1", "acc_2"]),
        (Provider(answers=1), timedelta(seconds=9), 2, ["acc_1"]),
        (Provider(answers=0), timedelta(seconds=9), 0, []),
        (Provider(), timedelta(0), 2, ["acc_1"]),
    ],
    ids=["activated", "not activated", "silent after one", "silent", "no time"],
)
async def test_bookings_hear_of_an_activated_account_before_it_counts_as_seen(provider, budget, told, seen):
    accounts, waiting = Accounts(), Waiting()
    await ActivityEnvironment().run(PayeeLooks(accounts, provider, waiting, budget).look)
    assert waiting.told == [(7, "acc_1"), (8, "acc_1")][:told]
    assert list(accounts.status) == seen


class PassedOn:
    """The provider has one transfer, of which a part came back."""

    def transfers_between(self, since, until):
        return iter([TRANSFER] if since <= NOW - timedelta(days=10) else [])

    def transfer(self, transfer_id):
        return TRANSFER if transfer_id == "trf_1" else None


class BooksOfTransfers(Books):
    """``posted`` is what the ledger has."""

    def __init__(self, *posted) -> None:
        super().__init__()
        self.posted = list(posted)

    async def facts(self, references, span):
        return self.posted

    async def transfers_of(self, booking_id):
        return ["trf_1"]


@pytest.mark.parametrize("since", [SPAN.since, NOW], ids=["in the time of the transfer", "when only the reversal is"])
async def test_transfers_and_reversals_are_compared_wherever_they_began(since):
    known = [in_ledger(EntryKind.TRANSFER, "trf_1", -800), in_ledger(EntryKind.REVERSAL, "rvrsl_1", 100)]
    part = type(SPAN)(since, NOW)
    books = BooksOfTransfers(*known)
    comparison = ReconciliationActivities(Statement(), books, Signals(), PassedOn())
    found = await run(comparison.compare_part, part, SPAN, 0)
    passed_on = ("trf_", "rvrsl_")
    assert [each for each in found.differences if each.reference.startswith(passed_on)] == []
    books.posted = [in_ledger(EntryKind.TRANSFER, "trf_1", -799), in_ledger(EntryKind.REVERSAL, "rvrsl_9", 100)]
    found = await run(comparison.compare_part, part, SPAN, 0)
    differences = {each.reference: each.kind for each in found.differences if each.reference.startswith(passed_on)}
    expected = {"trf_1": DifferenceKind.OTHER_AMOUNT, "rvrsl_9": DifferenceKind.NOT_AT_PROVIDER}
    assert differences == expected | ({"rvrsl_1": DifferenceKind.NOT_IN_LEDGER} if since != NOW else {})


async def test_a_booking_whose_transfers_differ_is_told_to_look_at_them():
    signals = Signals()
    comparison = ReconciliationActivities(Statement(), Books(), signals, PassedOn())
    books = BooksOfTransfers(in_ledger(EntryKind.REVERSAL, "rvrsl_9", 100))
    found = await run(ReconciliationActivities(Statement(), books, signals, PassedOn()).compare_part, SPAN, SPAN, 0)
    await run(comparison.report_differences, list(found.differences))
    assert {"rvrsl_9", "trf_1"} <= set(signals.heard)
