"""Days of whoever answers for payouts: webhooks that lie, banks and staff that act by themselves, accounts that close.

What can be settled is settled by itself, to the paisa; what cannot waits where an admin sees it.
"""

import asyncio
import hashlib
import hmac
import json
import uuid

import httpx
import pytest

from adapters.postgres.database import Pools
from devstack.demo.calls import until
from kinds.local_services.domain.kind import LOCAL_SERVICES
from operations.stuck import stuck
from settings import Stores
from tests.kinds.local_services.money.agreement import Agreement, reconciled, until_all_agree
from tests.kinds.local_services.money.lives import LONGEST, Life
from tests.kinds.local_services.money.patience import PatientMarket
from tests.workflows.servers import connected
from workflows.booking.messages import booking_workflow_id

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]

WHOLE, SHARE = "900.00", 74_070
"""Two hours at 450.00, and of it what is the provider's: less 15 % and 18 % of that."""


@pytest.fixture
def life(market: PatientMarket) -> Life:
    """Requested and accepted, three hours from now: cancelling costs the requester a quarter."""
    market.at_provider("DELETE", "/sandbox/chaos")
    life = Life(market, in_minutes=190)
    life.requested()
    life.accepted()
    return life


@pytest.fixture
def held(life: Life) -> Life:
    """The same, paid; the provider's share is on hold."""
    life.paid()
    life.held()
    return life


def payment(life: Life) -> str:
    return next(each["payment_id"] for each in life.now()["payments"] if each["status"] == "success")


def agrees(*lives: Life) -> None:
    assert until_all_agree(lives[0].market, [life.id for life in lives]) == []


def waits_for_an_admin(life: Life, words: str) -> None:
    """The booking says so, ``revcare stuck`` lists it with its reason, and the Temporal UI shows it."""

    async def listed() -> str:
        pools = Pools(Stores(postgresql_url=life.market.info["postgres"]))
        found = await stuck(pools, [LOCAL_SERVICES])
        await pools.close()
        return "\n".join(line for each in found for line in each.oldest if f" {life.id}:" in line and words in line)

    def told() -> bool:
        return any(words in each for each in life.now()["attention"])

    until(f"attention to {words!r} at booking {life.id}", told, LONGEST)
    until("the list of what is stuck", lambda: asyncio.run(listed()), LONGEST)
    assert asyncio.run(_needs_attention(life)) is True


async def _needs_attention(life: Life) -> bool:
    client = await connected(life.market.info["temporal"])
    handle = client.get_workflow_handle(booking_workflow_id("local_services", life.id))
    description = await handle.describe()
    return bool(description.search_attributes["NeedsAttention"][0])


def suspends(life: Life, *, activated: bool = False) -> None:
    """The provider of payments closes the account of the provider of services, or opens it again."""
    life.market.at_provider("PATCH", f"/sandbox/accounts/{life.account}", json={"activated": activated})


async def differences(life: Life) -> list[str]:
    """What the reconciliation of the product finds about this booking."""
    client = await connected(life.market.info["temporal"])
    return await reconciled(client, {life.id})


def says(life: Life, event: str, *, secret: str | None = None, account: str | None = None, **entity) -> int:
    """A webhook by hand about a transfer, signed; answers the status."""
    keys = life.market.info["razorpay"]
    body = {"entity": "event", "event": event, "payload": {"transfer": {"entity": entity}}}
    if account is not None:
        body["account_id"] = account
    raw = json.dumps(body).encode()
    signature = hmac.new((secret or keys["webhook_secret"]).encode(), raw, hashlib.sha256).hexdigest()
    headers = {"X-Razorpay-Signature": signature, "X-Razorpay-Event-Id": uuid.uuid4().hex[:14]}
    url = life.market.info["api"] + "/api/v1/payment/webhook"
    return httpx.post(url, content=raw, headers=headers, timeout=30, trust_env=False).status_code


def test_shuffled_repeated_and_lost_webhooks_change_nothing_of_what_is_paid_out(life: Life):
    rules = [
        {"match": "transfer.*", "duplicate": 2, "times": 3},
        {"match": "*", "reorder": "shuffle", "times": 2},
        {"match": "payment.captured", "drop": True, "times": 1},
        {"match": "refund.*", "drop": True, "times": 3},
    ]
    life.market.misbehaves(webhooks=rules)
    life.paid()
    life.held()
    life.cancelled()
    life.refunded()
    life.released()
    life.market.at_provider("DELETE", "/sandbox/chaos")
    [transfer] = life.transfers()
    assert (transfer["amount"], transfer["amount_reversed"]) == (SHARE, SHARE - 18_517)
    agrees(life)


def test_a_webhook_that_lies_about_a_transfer_changes_nothing(held: Life):
    [transfer] = held.transfers()
    before = held.now()
    lie = {"id": transfer["id"], "source": transfer["source"], "status": "failed", "amount": 1, "on_hold": False}
    assert says(held, "transfer.failed", secret="not-ours", **lie) in (400, 401)
    assert says(held, "transfer.failed", account="acc_Somebody00001", **lie) == 200
    assert says(held, "transfer.failed", **lie) == 200
    assert says(held, "transfer.failed", **lie | {"id": "trf_NobodyKnows001"}) == 200
    assert says(held, "transfer.processed", **lie | {"amount": 10**9, "status": "processed"}) == 200
    agrees(held)
    after = held.now()
    assert (after["version"], after["payout"], after["attention"]) == (before["version"], before["payout"], [])
    held.cancelled()
    held.refunded()
    agrees(held)


def test_a_transfer_that_fails_before_or_after_its_release_is_made_anew(life: Life):
    life.market.misbehaves(api=[{"match": "POST *transfers", "transfer_fail": True, "times": 1}])
    life.paid()
    life.held()
    waits_for_an_admin(life, "has failed")
    life.cancelled()
    life.refunded()
    assert [each["status"] for each in life.transfers()] == ["failed", "partially_reversed"]
    life.payout_of_the_fee()
    agrees(life)


def test_a_released_transfer_that_does_not_arrive_is_made_anew_and_released(market: PatientMarket):
    life = Life(market)
    for act in (life.requested, life.accepted, life.paid, life.held, life.begun, life.completed, life.confirmed):
        act()
    life.released()
    [first] = life.transfers()
    life.market.at_provider("POST", f"/sandbox/transfers/{first['id']}/fail")
    waits_for_an_admin(life, "has failed")
    until("another transfer", lambda: len(life.transfers()) == 2, LONGEST)
    life.released()
    assert [(each["status"], each["amount"]) for each in life.transfers()] == [("failed", SHARE), ("processed", SHARE)]
    agrees(life)


def test_a_share_waits_while_the_account_is_suspended_and_goes_when_it_is_not(life: Life):
    suspends(life)
    life.paid()
    assert life.payout("pending")["amount"] == "740.70"
    assert life.transfers() == []
    suspends(life, activated=True)
    life.held()
    agrees(life)


def test_the_share_of_a_suspended_account_is_cut_before_the_refund(held: Life):
    suspends(held)
    held.cancelled()
    held.refunded()
    held.released()
    agrees(held)


@pytest.mark.parametrize(("says_the_bank", "left"), [("won", SHARE), ("lost", 0)])
def test_the_bank_decides_of_a_share_on_hold(market: PatientMarket, says_the_bank: str, left: int):
    """While it looks, nothing moves, though the requester is content; what it takes is not paid out as well."""
    life = Life(market)
    for act in (life.requested, life.accepted, life.paid, life.held, life.begun):
        act()
    dispute = market.at_provider("POST", "/sandbox/disputes", json={"payment_id": payment(life)})["id"]
    until("the dispute", lambda: "dispute" in [e["event_type"] for e in life.now()["timeline"]], LONGEST)
    life.completed()
    life.confirmed()
    assert life.payout("held")["amount"] == "740.70"
    market.at_provider("POST", f"/sandbox/disputes/{dispute}/transition", json={"status": says_the_bank})
    life.payout("released" if left else "reversed")
    [transfer] = life.transfers()
    assert transfer["amount"] - transfer["amount_reversed"] == left
    if says_the_bank == "lost":
        waits_for_an_admin(life, "was taken from us")
    agrees(life)


def test_what_the_bank_or_staff_take_after_the_release_stays_the_providers_and_an_admin_is_told(market: PatientMarket):
    life = Life(market)
    for act in (life.requested, life.accepted, life.paid, life.held, life.begun, life.completed, life.confirmed):
        act()
    life.released()
    market.at_provider("POST", f"/v1/payments/{payment(life)}/refund", json={"amount": 10_000})
    waits_for_an_admin(life, "in the provider's dashboard")
    dispute = market.at_provider("POST", "/sandbox/disputes", json={"payment_id": payment(life), "amount": 20_000})
    market.at_provider("POST", f"/sandbox/disputes/{dispute['id']}/transition", json={"status": "lost"})
    waits_for_an_admin(life, "was taken from us")
    assert life.payout("released")["amount"] == "740.70"
    [transfer] = life.transfers()
    assert (transfer["amount"], transfer["amount_reversed"]) == (SHARE, 0)
    agrees(life)


def test_what_staff_refund_by_hand_before_the_release_is_not_paid_out_as_well(market: PatientMarket):
    life = Life(market)
    for act in (life.requested, life.accepted, life.paid, life.held):
        act()
    market.at_provider("POST", f"/v1/payments/{payment(life)}/refund", json={"amount": 45_000})
    waits_for_an_admin(life, "in the provider's dashboard")
    until("the share to be cut", lambda: life.transfers()[0]["amount_reversed"], LONGEST)
    life.provider.moves(life.id, "IN_PROGRESS")
    life.completed()
    life.confirmed()
    life.released()
    assert life.now()["payout"]["amount"] == "370.35"
    assert life.transfers()[0]["amount_reversed"] == SHARE - 37_035
    agrees(life)


def test_money_that_comes_late_or_twice_goes_back_whole_and_nobody_has_a_share_of_it(life: Life):
    order = life.order()
    life.seeker.moves(life.id, "CANCELLED", reason="ill")
    life.market.gateway.pay(order, force=True, capture=True)
    life.refunded()
    assert (life.transfers(), [each["amount"] for each in life.now()["refunds"]]) == ([], [WHOLE])

    twice = Life(life.market)
    twice.requested()
    twice.accepted()
    order = twice.order()
    for _ in range(2):
        life.market.gateway.pay(order, force=True, capture=True)
    twice.held()
    twice.refunded()
    assert [each["amount"] for each in twice.now()["refunds"]] == [WHOLE]
    [transfer] = twice.transfers()
    refunded = [each["payment_id"] for each in life.market.state()["refunds"]]
    assert (transfer["amount"], transfer["source"] in refunded) == (SHARE, False)
    agrees(life, twice)


def test_a_provider_who_has_spent_it_keeps_no_customer_waiting_and_owes_it_still(held: Life):
    held.market.misbehaves(api=[{"match": "POST *reversals", "reversal_insufficient": True}])
    held.provider.moves(held.id, "CANCELLED", reason="ill")
    held.refunded()
    waits_for_an_admin(held, "reverse 740.70")
    assert held.transfers()[0]["amount_reversed"] == 0
    held.market.at_provider("DELETE", "/sandbox/chaos")
    held.payout("reversed")
    agrees(held)


def test_staff_who_have_passed_on_the_money_by_hand_leave_nothing_for_the_share(life: Life):
    """The provider refuses what would be more than was paid; an admin is told, and the reconciliation knows."""
    suspends(life)
    life.paid()
    life.payout("pending")
    other = life.market.at_provider("POST", "/sandbox/accounts", json={"name": "Somebody", "activated": True})["id"]
    by_hand = {"account": other, "amount": 60_000, "currency": "INR"}
    life.market.at_provider("POST", f"/v1/payments/{payment(life)}/transfers", json={"transfers": [by_hand]})
    suspends(life, activated=True)
    waits_for_an_admin(life, "transfer 740.70")
    assert life.transfers() == []
    assert any("trf_" in each for each in asyncio.run(differences(life)))


def test_a_transfer_too_many_is_seen_by_these_tests(held: Life):
    agrees(held)
    twice = {"account": held.account, "amount": 100, "currency": "INR", "notes": {"payout": f"po-{held.id}-9"}}
    made = held.market.at_provider("POST", "/v1/transfers", json=twice)
    found = asyncio.run(Agreement(held.market, [held.id]).disagreements())
    assert any("2 transfers" in each for each in found)
    assert any(f"transfer {made['id']}" in each for each in found)
