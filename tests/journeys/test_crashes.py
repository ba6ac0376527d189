"""`kill -9` of a part while bookings are open: every one ends, and nothing happens twice."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice

import pytest

from devstack.kinds.vehicle_service.demo import VisitRun, run_of
from devstack.kinds.vehicle_service.scenarios import BY_NAME
from devstack.kinds.vehicle_service.shop import Shop
from devstack.kinds.vehicle_service.verification import verify

SCENARIO_NAMES = ("online", "cash", "cancelled")
BETWEEN_KILLS = 1.2
ASKED_AT_ONCE, BETWEEN_REQUESTS = 6, 0.01


# A part that starts takes four seconds of the processor: in `make test` the worker that runs the bookings crashes once
# (the other role in test_money_faults.py, the API in tests/simulation), in `make test-long` three bookings live through
# four crashes, of both roles in turn and of each part alone.
ONCE = pytest.param(("worker",), 1, id="once")
AGAIN_AND_AGAIN = [
    pytest.param(parts, 4, marks=pytest.mark.long, id="-".join(parts))
    for parts in (("worker", "activities"), *((part,) for part in ("worker", "activities", "api", "temporal")))
]


@pytest.mark.parametrize(("parts", "crashes"), [ONCE, *AGAIN_AND_AGAIN])
def test_bookings_outlive_parts_that_are_killed_in_turn(parts, crashes, stack, shop):
    runs = [run_of(BY_NAME[name], shop, pace=0.5, timeout=90, delay=0.3 * n) for n, name in enumerate(SCENARIO_NAMES)]
    for run in runs:
        run.begin()
    kills = _kill_until_over(stack, parts, crashes, runs)
    for part in parts:
        stack.wait_ready(part)
    assert min(kills[part] for part in parts) >= min(2, crashes // len(parts))
    assert [run.trouble for run in runs] == [None] * len(runs)
    for run in runs:
        list(verify(shop, run.scenario, run.journey.customer, run.journey.now(), crashed=True))


@pytest.mark.long
def test_bookings_that_were_being_made_when_the_api_died_are_made_once(stack, shop: Shop):
    """The client repeats with its key what it got no answer to; one crash meets every request at another moment."""
    service = shop.service("Wash and vacuum")
    cars = [(*shop.bought(), shop.times()) for _ in range(ASKED_AT_ONCE)]
    before = _bookings(cars)
    with ThreadPoolExecutor(ASKED_AT_ONCE) as people:
        asked = []
        for customer, vehicle, times in cars:
            asked.append(people.submit(customer.book, vehicle, [service], **times))
            time.sleep(BETWEEN_REQUESTS)
        killed = stack.kill("api")
        assert not all(each.done() for each in asked)
        made = [each.result()["id"] for each in asked]
    stack.wait_ready("api", instead_of=killed)
    assert _bookings(cars) - before == set(made)
    assert len(set(made)) == ASKED_AT_ONCE
    for (customer, _, _), booking in zip(cars, made, strict=True):
        customer.cancel(booking, "only a try")


def _bookings(cars) -> set[int]:
    """All that the owners of these cars have."""
    return {row["id"] for customer in {customer for customer, *_ in cars} for row in customer.get("/bookings/customer")}


def _kill_until_over(stack, parts: tuple[str, ...], crashes: int, runs: list[VisitRun]) -> Counter[str]:
    """Kill one after the other, each time all are back, until the scenarios have ended; at most so many times."""
    kills: Counter[str] = Counter()
    turns = islice(cycle(parts), crashes)
    while any(run.running for run in runs):
        time.sleep(BETWEEN_KILLS)
        if any(run.booked and run.running for run in runs) and (part := next(turns, None)):
            killed = stack.kill(part)
            kills[part] += 1
            stack.wait_ready(part, instead_of=killed)
    return kills
