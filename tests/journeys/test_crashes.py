"""`kill -9` of a part while bookings are open: every one ends, and nothing happens twice."""

import threading
import time

import pytest

from devstack.demo.run import ScenarioRun
from devstack.demo.verification import verify
from devstack.kinds.vehicle_service.scenarios import BY_NAME
from devstack.kinds.vehicle_service.shop import Shop

SCENARIO_NAMES = ("online", "cash", "cancelled")
BETWEEN_KILLS, MOST_KILLS = 1.2, 4


# The others are for `make test-long`: each lets three bookings live through four crashes.
KILLED = ["worker", "activities", *(pytest.param(part, marks=pytest.mark.long) for part in ("api", "temporal"))]


@pytest.mark.parametrize("part", KILLED)
def test_bookings_outlive_a_part_that_is_killed_again_and_again(part, stack, shop):
    runs = [
        ScenarioRun(BY_NAME[name], shop, pace=0.35, timeout=90, delay=0.3 * n) for n, name in enumerate(SCENARIO_NAMES)
    ]
    for run in runs:
        run.begin()
    kills = _kill_until_over(stack, part, runs)
    stack.wait_ready(part)
    assert kills >= 2
    assert [run.trouble for run in runs] == [None] * len(runs)
    for run in runs:
        list(verify(shop, run.scenario, run.journey.customer, run.journey.now(), crashed=True))


def test_a_booking_that_was_being_made_when_the_api_died_is_made_once(stack, shop: Shop):
    """The client repeats with its key what it got no answer to."""
    service = shop.service("Wash and vacuum")
    for customer, vehicle in [shop.bought() for _ in range(3)]:
        before = {row["id"] for row in customer.get("/bookings/customer")}
        blow = threading.Timer(0.02, stack.kill, ["api"])
        blow.start()
        made = customer.book(vehicle, [service], **shop.times())
        blow.join()
        stack.wait_ready("api")
        after = {row["id"] for row in customer.get("/bookings/customer")}
        assert after - before == {made["id"]}
        customer.cancel(made["id"], "only a try")


def _kill_until_over(stack, part: str, runs: list[ScenarioRun]) -> int:
    """Kill it each time it is back, until the scenarios have ended; at most MOST_KILLS times."""
    kills = 0
    while any(run.running for run in runs):
        time.sleep(BETWEEN_KILLS)
        if kills < MOST_KILLS and any(run.booked and run.running for run in runs):
            killed = stack.kill(part)
            kills += 1
            stack.wait_ready(part, instead_of=killed)
    return kills
