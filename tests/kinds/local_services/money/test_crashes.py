"""`kill -9` of a part between and amid the steps of bookings: nothing is lost, and nothing happens twice."""

import asyncio
import os
import random
import secrets
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import zip_longest

import pytest

from devstack.demo.calls import until
from devstack.kinds.vehicle_service.demo import run_of
from devstack.kinds.vehicle_service.scenarios import BY_NAME
from devstack.kinds.vehicle_service.shop import Shop
from devstack.kinds.vehicle_service.verification import verify
from devstack.stack import Stack
from tests.kinds.local_services.money.agreement import reconciled, until_all_agree
from tests.kinds.local_services.money.lives import Life
from tests.kinds.local_services.money.patience import PatientMarket
from tests.workflows.servers import connected

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]

SEED = os.environ.get("SIMULATION_SEED")
KILLED = ("worker", "activities", "api-local-services", "api", "temporal")
LONGEST_STEP = 0.4
"""Seconds within which a part dies after a step has begun: most steps take less, some more."""
DOWN = 4.0


def lives_of(market: PatientMarket) -> list[Life]:
    """One that ends well, one that is cancelled for a quarter of the price, one with a dispute."""
    return [Life(market), Life(market, in_minutes=190), Life(market)]


def live(lives: list[Life], late: Sequence[float], fall: Callable[[int], None]) -> None:
    """All of them step by step, side by side; so ``late`` after each row of steps began, ``fall`` is called."""
    plans = [lives[0].steps_to_confirmation(), lives[1].steps_to_cancellation(), lives[2].steps_to_decision()]
    with ThreadPoolExecutor(len(lives)) as people:
        for number, row in enumerate(zip_longest(*plans)):
            under_way = [people.submit(step[1]) for step in row if step is not None]
            time.sleep(late[number])
            fall(number)
            for each in under_way:
                each.result()


def ends_right(market: PatientMarket, lives: list[Life]) -> None:
    """Each ended as it would have without a crash, to the paisa, and each message of a code came once."""
    well, cancelled, disputed = (life.now() for life in lives)
    assert until_all_agree(market, [life.id for life in lives]) == []
    assert (well["payout"]["state"], well["payment_status"], well["refunds"]) == ("released", "paid", [])
    assert (well["total_price"], well["payout"]["amount"]) == ("1351.37", "1112.17")
    assert cancelled["cancellation"]["fee"] == "225.00"
    assert [each["amount"] for each in cancelled["refunds"]] == ["675.00"]
    assert cancelled["payout"]["amount"] == "185.17"
    assert [each["amount"] for each in disputed["refunds"]] == ["450.13"]
    assert disputed["payout"]["amount"] == "370.24"
    for life in lives[:2]:
        codes = until("the text message with a code", life.codes, 60)
        assert len(codes) == len({code["key"] for code in codes}) <= life.codes_wanted
    for life in lives:
        actions = [entry["event_type"] for entry in life.now()["timeline"]]
        for once in ("request", "accept", "pay", "start", "complete", "confirm", "cancel", "dispute", "decide"):
            assert actions.count(once) <= 1, (life.id, actions)


@pytest.mark.parametrize("part", KILLED)
def test_a_part_that_is_killed_at_every_step_loses_and_doubles_nothing(
    market_stack: Stack, market: PatientMarket, part: str
):
    seed = SEED or secrets.token_hex(4)
    print(f"SIMULATION_SEED={seed}")
    chance, lives = random.Random(f"{seed} {part}"), lives_of(market)
    alive = [market_stack.pid(part)]

    def fall(_: int) -> None:
        market_stack.wait_ready(part)
        alive.append(market_stack.kill(part))

    live(lives, [chance.uniform(0, LONGEST_STEP) for _ in range(20)], fall)
    market_stack.wait_ready(part, instead_of=alive[-1])
    assert len(set(alive)) >= 8
    ends_right(market, lives)


def test_visits_and_services_beside_each_other_outlive_both_workers_and_agree_in_one_reconciliation(
    market_stack: Stack, market: PatientMarket
):
    shop = Shop(market_stack.info)
    visit, lives = run_of(BY_NAME["online"], shop, pace=0.5, timeout=180, delay=0), lives_of(market)
    visit.begin()

    def fall(number: int) -> None:
        part = ("worker", "activities")[number % 2]
        killed = market_stack.kill(part)
        market_stack.wait_ready(part, instead_of=killed)

    live(lives, [0.1] * 20, fall)
    until("the visit to end", lambda: not visit.running, 180)
    assert visit.trouble is None
    list(verify(shop, visit.scenario, visit.journey.customer, visit.journey.now(), crashed=True))
    ends_right(market, lives)
    bookings = {visit.journey.now()["id"], *(life.id for life in lives)}
    assert asyncio.run(_differences(market, bookings)) == []
    shop.close()


async def _differences(market: PatientMarket, bookings: set[int]) -> list[str]:
    return await reconciled(await connected(market.info["temporal"]), bookings)


def test_a_database_that_is_down_for_some_seconds_again_and_again_loses_and_doubles_nothing(
    market_stack: Stack, market: PatientMarket
):
    lives = lives_of(market)
    down = {2, 4, 6}

    def fall(number: int) -> None:
        if number in down:
            market_stack.halt("postgres")
            time.sleep(DOWN)
            market_stack.revive("postgres")

    live(lives, [0.05] * 20, fall)
    ends_right(market, lives)


CALLS = {
    "transfer": "POST /v1/payments/*/transfers",
    "reversal": "POST /v1/transfers/*/reversals",
    "release": "PATCH /v1/transfers/*",
}


@pytest.mark.parametrize("part", ["activities", "worker"])
@pytest.mark.parametrize("call", CALLS)
def test_of_a_worker_that_dies_between_a_call_and_its_record_the_call_is_made_once(
    market_stack: Stack, market: PatientMarket, call: str, part: str
):
    """The provider has been asked and has not answered when the process dies; it does what it was asked for."""
    life = Life(market, in_minutes=190)
    for act in (life.requested, life.accepted):
        act()

    def dies() -> None:
        while market.at_provider("GET", "/sandbox/chaos")["api"][0]["times"]:  # it was asked when it is 0
            time.sleep(0.02)
        killed = market_stack.kill(part)
        market_stack.wait_ready(part, instead_of=killed)

    slow = {"api": [{"match": CALLS[call], "latency": 1.5, "times": 1}]}
    if call == "transfer":
        market.misbehaves(**slow)
    life.paid()
    if call == "transfer":
        dies()
    life.held()
    if call != "transfer":
        market.misbehaves(**slow)
    life.cancelled()
    if call != "transfer":
        dies()
    life.refunded()
    life.payout_of_the_fee()
    assert until_all_agree(market, [life.id]) == []
    [transfer] = life.transfers()
    assert (transfer["amount"], transfer["amount_reversed"], transfer["on_hold"]) == (74_070, 55_553, False)
