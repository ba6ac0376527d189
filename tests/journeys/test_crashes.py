"""`kill -9` of a part while bookings live: every one ends, and nothing happens twice."""

import threading
import time

import pytest

from devstack.demo.act import Act
from devstack.demo.garage import Garage
from devstack.demo.proof import prove
from devstack.demo.stories import BY_NAME

TOLD = ("online", "cash", "cancelled")
BETWEEN_KILLS, MOST_KILLS = 1.2, 4


@pytest.mark.parametrize("part", ["worker", "api", "temporal"])
def test_bookings_outlive_a_part_that_is_killed_again_and_again(part, stack, garage):
    acts = [Act(BY_NAME[name], garage, pace=0.35, patience=90, delay=0.3 * n) for n, name in enumerate(TOLD)]
    for act in acts:
        act.begin()
    kills = _kill_until_over(stack, part, acts)
    stack.wait_ready(part)
    assert kills >= 2
    assert [act.trouble for act in acts] == [None] * len(acts)
    for act in acts:
        list(prove(garage, act.story, act.journey.customer, act.journey.now(), crashed=True))


def test_a_booking_that_was_being_made_when_the_api_died_is_made_once(stack, garage: Garage):
    """The client repeats with its key what it got no answer to."""
    service = garage.service("Wash and vacuum")
    for customer, vehicle in [garage.bought() for _ in range(3)]:
        before = {row["id"] for row in customer.get("/bookings/customer")}
        blow = threading.Timer(0.02, stack.kill, ["api"])
        blow.start()
        made = customer.book(vehicle, [service], **garage.times())
        blow.join()
        stack.wait_ready("api")
        after = {row["id"] for row in customer.get("/bookings/customer")}
        assert after - before == {made["id"]}
        customer.cancel(made["id"], "only a try")


def _kill_until_over(stack, part: str, acts: list[Act]) -> int:
    """Each time it is back, it is killed again, until the stories are told; not for ever."""
    kills = 0
    while any(act.running for act in acts):
        time.sleep(BETWEEN_KILLS)
        if kills < MOST_KILLS and any(act.booked and act.running for act in acts):
            killed = stack.kill(part)
            kills += 1
            stack.wait_ready(part, instead_of=killed)
    return kills
