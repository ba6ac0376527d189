"""A process is killed in the middle of a payment or refund: money moves once, and all records agree."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from devstack.demo.calls import until
from tests.journeys.payment_scenarios import Visit

SLOW = 3.0
CAPTURED, REFUNDED = "POST /v1/payments/{}/capture", "POST /v1/payments/{}/refund"
BROKEN = {
    "no answer, though it was done": {"drop_after_commit": True},
    "an error": {"http": {"status": 500}},
    "a page": {"http": {"status": 502, "html": True}},
    "too many calls": {"http": {"status": 429}},
}


# Calls to the provider are made by the activities role; the others are for `make test-long`.
KILLED = ["activities", *(pytest.param(part, marks=pytest.mark.long) for part in ("worker", "api"))]


@pytest.mark.parametrize("part", KILLED)
def test_a_part_that_is_killed_while_money_is_captured_and_refunded_moves_nothing_twice(part, stack, shop, provider):
    """The part dies when one call was just made, the provider takes its time with another, and a third is not made."""
    visits = done, slow, coming = [Visit(shop, provider) for _ in range(3)]
    with ThreadPoolExecutor(3) as people:
        orders = list(people.map(Visit.ordered, visits))
    payments = [provider.pending(order) for order in orders]
    provider.misbehaves({"match": CAPTURED.format(payments[1]), "times": 1, "latency": SLOW})
    for payment in (payments[1], payments[0]):
        provider.authorises(payment)
    until("a capture", lambda: provider.call("GET", f"/v1/payments/{payments[0]}")["captured"], pause=0.05)
    provider.authorises(payments[2])
    _dies(stack, part)
    for visit, payment in zip(visits, payments, strict=True):
        visit.is_confirmed()
        assert [row["id"] for row in visit.now()["payments"] if row["status"] == "success"]
        assert [row["payment_id"] for row in visit.booking["payments"] if row["status"] == "success"] == [payment]
        assert [entry["action"] for entry in visit.booking["timeline"]].count("pay") == 1
    provider.misbehaves({"match": REFUNDED.format(payments[1]), "times": 1, "latency": SLOW})
    for visit in (slow, done):
        visit.cancel("changed my mind")
    until("a refund", lambda: provider.refunds_of(payments[0]), pause=0.05)
    coming.cancel("changed my mind")
    _dies(stack, part)
    for visit, payment in zip(visits, payments, strict=True):
        [refund] = visit.refunds_are("processed")
        [made] = provider.refunds_of(payment)
        assert made["id"] == refund["refund_id"]
        asked = provider.asked(*REFUNDED.format(payment).split())
        assert len({call["idempotency_key"] for call in asked}) == 1


# How each adapter takes each answer is looked at in tests/adapters; here a loss of the answer stands for all.
WAYS = [["no answer, though it was done"], pytest.param([*BROKEN], marks=pytest.mark.long)]


@pytest.mark.parametrize("ways", WAYS, ids=("lost", "all"))
def test_every_call_to_the_provider_may_break_in_every_way(shop, provider, ways):
    """One visit per way; each call of its money breaks once on the way there and back."""
    with ThreadPoolExecutor(len(ways)) as people:
        told = [people.submit(_broken, Visit(shop, provider), BROKEN[way]) for way in ways]
    for name, tale in zip(ways, told, strict=True):
        assert tale.exception() is None, f"{name}: {tale.exception()}"


def _broken(visit: Visit, how: dict) -> None:
    provider = visit.provider
    order = visit.ordered()
    payment = provider.pending(order)
    calls = [
        f"GET /v1/orders/{order}",
        f"GET /v1/orders/{order}/payments",
        CAPTURED.format(payment),
        f"GET /v1/payments/{payment}",
        REFUNDED.format(payment),
        f"GET /v1/payments/{payment}/refunds",
    ]
    provider.misbehaves(*({"match": call, "times": 1, **how} for call in calls))
    provider.authorises(payment)
    visit.is_confirmed()
    visit.counts_once(payment)
    visit.cancel("changed my mind")
    [refund] = visit.refunds_are("processed")
    [made] = provider.refunds_of(payment)
    assert made["id"] == refund["refund_id"]
    visit.gets("refund-processed")


def _dies(stack, part: str) -> None:
    killed = stack.kill(part)
    stack.wait_ready(part, instead_of=killed)
