"""Transfers at the sandbox, by the activities that a worker runs: each made once, whatever became of the answers."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from temporalio.testing import ActivityEnvironment

from activities.payouts import LookedTooLongAgo, PayoutActivities
from adapters.razorpay import RazorpayGateway
from adapters.razorpay.transport import GatewayUnavailable
from devstack.razorpay import Served
from domain.billing.transfers import AccountStatus, PayoutAccount, TransferRequest
from domain.errors import LowBalance

LOSES_ANSWER = {"drop_after_commit": True, "times": 1}


class Accounts:
    """Asha's account is the one that the sandbox made."""

    def __init__(self, sandbox: Served, *, activated: bool = True) -> None:
        self.account_id = str(sandbox.operate("POST", "accounts", name="Asha", activated=activated)["id"])
        self.status = AccountStatus.ACTIVATED if activated else AccountStatus.UNDER_REVIEW

    async def account_of(self, kind: str, person: str) -> PayoutAccount | None:
        return PayoutAccount(self.account_id, self.status) if person == "asha" else None

    async def seen(self, account_id: str, status: AccountStatus) -> None:
        assert account_id == self.account_id
        self.status = status


class Payouts:
    """The activities over a gateway."""

    def __init__(self, gateway: RazorpayGateway, accounts: Accounts) -> None:
        self._of = PayoutActivities(gateway.transfers, gateway, accounts)

    def does(self, activity: str, *args: Any) -> Any:
        return asyncio.run(ActivityEnvironment().run(getattr(self._of, activity), *args))


@pytest.fixture
def accounts(sandbox: Served) -> Accounts:
    return Accounts(sandbox)


@pytest.fixture
def payouts(gateway: RazorpayGateway, accounts: Accounts) -> Payouts:
    return Payouts(gateway, accounts)


@pytest.fixture
def wanted(captured: str) -> TransferRequest:
    since = datetime.now(UTC) - timedelta(minutes=1)
    return TransferRequest("tables", 1007, "po-1007-1", "asha", captured, 81_876, on_hold=True, since=since)


@pytest.fixture
def refunds(gateway: RazorpayGateway, captured: str) -> None:
    """A refund of the payment was begun."""
    gateway.refund(payment_id=captured, amount=10_000, key="rf-1007-1-x", receipt="rf-1007-1-x", notes={})


def made(sandbox: Served) -> list[dict[str, Any]]:
    return list(sandbox.operate("GET", "state")["transfers"])


def test_it_is_transferred_released_and_taken_back_in_parts(payouts: Payouts, wanted: Any, accounts: Accounts) -> None:
    transfer = payouts.does("create_transfer", wanted).transfer
    assert (transfer.account_id, transfer.amount, transfer.on_hold, transfer.key) == (
        accounts.account_id, 81_876, True, "po-1007-1"
    )  # fmt: skip
    [first] = payouts.does("reverse_transfer", transfer.transfer_id, 876, "rv-1007-1", [])
    assert (first.amount, first.key) == (876, "rv-1007-1")
    assert not payouts.does("release_transfer", transfer.transfer_id).on_hold
    assert not payouts.does("release_transfer", transfer.transfer_id).on_hold
    [found] = payouts.does("fetch_transfers", [transfer.transfer_id, "trf_00000000000000"])
    assert (found.amount_reversed, found.reversals, found.failed) == (876, (first,), False)


def test_a_worker_that_dies_before_it_can_record_a_transfer_leaves_one(
    payouts: Payouts, sandbox: Served, wanted: Any
) -> None:
    first = payouts.does("create_transfer", wanted)
    assert payouts.does("create_transfer", wanted) == first
    assert len(made(sandbox)) == 1


def test_a_worker_that_stood_still_since_it_looked_asks_for_nothing(
    payouts: Payouts, sandbox: Served, wanted: Any
) -> None:
    sandbox.chaos(api=[{"match": "GET /v2/accounts/*", "latency": 0.5}])
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("activities.payouts.LOOK_HOLDS", 0.2)
        with pytest.raises(LookedTooLongAgo):
            payouts.does("create_transfer", wanted)
    assert made(sandbox) == []


def test_a_transfer_whose_answer_was_lost_is_found(payouts: Payouts, sandbox: Served, wanted: Any) -> None:
    sandbox.chaos(api=[{"match": "POST */transfers", **LOSES_ANSWER}])
    with pytest.raises(GatewayUnavailable):
        payouts.does("create_transfer", wanted)
    assert payouts.does("create_transfer", wanted).transfer.transfer_id == made(sandbox)[0]["id"]
    assert len(made(sandbox)) == 1


@pytest.mark.usefixtures("refunds")
def test_after_a_refund_it_is_made_from_the_balance_and_once(payouts: Payouts, sandbox: Served, wanted: Any) -> None:
    sandbox.chaos(api=[{"match": "POST /v1/transfers", **LOSES_ANSWER}])
    with pytest.raises(GatewayUnavailable):
        payouts.does("create_transfer", wanted)
    found = payouts.does("create_transfer", wanted).transfer
    [only] = made(sandbox)
    assert (found.transfer_id, only["source"]) == (only["id"], sandbox.config.account_id)
    [call] = [each for each in sandbox.requests() if each["method"] == "POST" and each["path"] == "/v1/transfers"]
    assert call["idempotency_key"] == f"po-1007-1-{wanted.payment_id[-8:]}"


def test_a_reversal_whose_answer_was_lost_is_told_and_not_repeated(
    payouts: Payouts, sandbox: Served, wanted: Any
) -> None:
    transfer_id = payouts.does("create_transfer", wanted).transfer.transfer_id
    sandbox.chaos(api=[{"match": "POST */reversals", **LOSES_ANSWER}])
    with pytest.raises(GatewayUnavailable):
        payouts.does("reverse_transfer", transfer_id, 50_000, "rv-1007-1", [])
    [found] = payouts.does("reverse_transfer", transfer_id, 50_000, "rv-1007-1", [])
    assert (found.amount, made(sandbox)[0]["amount_reversed"]) == (50_000, 50_000)


def test_a_reversal_by_hand_is_told_before_anything_is_taken_back(
    payouts: Payouts, gateway: RazorpayGateway, wanted: Any
) -> None:
    transfer_id = payouts.does("create_transfer", wanted).transfer.transfer_id
    gateway.transfers.reverse(transfer_id, 1_000, "not ours")
    [found] = payouts.does("reverse_transfer", transfer_id, 81_876, "rv-1007-1", [])
    assert (found.amount, found.key) == (1_000, "not ours")


def test_a_payee_without_money_refuses_a_reversal(payouts: Payouts, sandbox: Served, wanted: Any) -> None:
    transfer_id = payouts.does("create_transfer", wanted).transfer.transfer_id
    sandbox.chaos(api=[{"match": "POST */reversals", "reversal_insufficient": True}])
    with pytest.raises(LowBalance):
        payouts.does("reverse_transfer", transfer_id, 50_000, "rv-1007-1", [])


def test_nobody_is_paid_without_an_account_or_before_it_is_activated(
    gateway: RazorpayGateway, sandbox: Served, wanted: Any
) -> None:
    accounts = Accounts(sandbox, activated=False)
    payouts = Payouts(gateway, accounts)
    stranger = TransferRequest(**{**_fields(wanted), "payee": "ravi"})
    assert payouts.does("create_transfer", stranger).status is AccountStatus.NONE
    assert payouts.does("create_transfer", wanted).status is AccountStatus.UNDER_REVIEW
    sandbox.operate("PATCH", f"accounts/{accounts.account_id}", activated=True)
    assert payouts.does("create_transfer", wanted).transfer is not None
    assert accounts.status is AccountStatus.ACTIVATED
    assert payouts.does("fetch_account", accounts.account_id) is AccountStatus.ACTIVATED
    assert gateway.transfers.account_status("acc_00000000000000") is AccountStatus.NONE


def test_one_that_is_only_looked_for_is_not_made(payouts: Payouts, sandbox: Served, wanted: Any) -> None:
    assert payouts.does("create_transfer", TransferRequest(**{**_fields(wanted), "amount": 0})).transfer is None
    assert made(sandbox) == []


def test_a_transfer_that_fails_says_so(payouts: Payouts, sandbox: Served, wanted: Any) -> None:
    sandbox.chaos(api=[{"match": "POST */transfers", "transfer_fail": True}])
    failed = payouts.does("create_transfer", wanted).transfer
    assert (failed.failed, failed.error) == (True, "The transfer could not be processed")


def test_all_transfers_of_a_time_are_listed_with_what_came_back(
    payouts: Payouts, gateway: RazorpayGateway, wanted: Any
) -> None:
    transfer_id = payouts.does("create_transfer", wanted).transfer.transfer_id
    payouts.does("reverse_transfer", transfer_id, 876, "rv-1007-1", [])
    now = datetime.now(UTC)
    [listed] = gateway.transfers.transfers_between(now - timedelta(hours=1), now + timedelta(hours=1))
    assert (listed.transfer_id, [each.amount for each in listed.reversals]) == (transfer_id, [876])
    assert list(gateway.transfers.transfers_between(now - timedelta(days=9), now - timedelta(days=8))) == []


def _fields(wanted: TransferRequest) -> dict[str, Any]:
    return {name: getattr(wanted, name) for name in TransferRequest.__dataclass_fields__}
