"""A wild time with the shop, the provider and the machine; afterwards everything adds up.

``SIMULATION_SEED`` repeats the choices of a run, ``SIMULATION_STEPS`` bounds how many are made, so that a fault can be
narrowed down. ``python -m tests.simulation`` does the same outside the tests, on a stack of its own.
"""

import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from devstack.stack import Stack
from tests.conftest import SHORT
from tests.simulation.checks import whole
from tests.simulation.run import EVERY_PART, Plan, Simulation

SEED = os.environ.get("SIMULATION_SEED")
STEPS = int(os.environ.get("SIMULATION_STEPS", 10**6))
LEAST_BOOKINGS = 3

SEEN = ("kill -9", "pay order")
RELEASED = ("release: the worker with the other rule", "rolled back")
FEW: Any = {"people": 2, "parts": ("api",), "between_kills": 3.0, "kills": 1, "until": SEEN}
"""Each part that is killed starts again for five seconds of the processor, and each booking is brought to its end. The
roles of the worker are killed in tests/journeys; a worker of another release comes and goes beside."""

Run = Callable[[Stack, Plan], Simulation]


@pytest.fixture
def simulated(tmp_path: Path) -> Run:
    """Runs a simulation to its end; what does not add up fails the test, with the seed and the record."""

    def run(stack: Stack, plan: Plan) -> Simulation:
        print(f"SIMULATION_SEED={plan.seed}")
        simulation = Simulation(stack, plan)
        wrong = ["it broke off"]
        try:
            wrong = whole(simulation, stack)
        finally:
            path = simulation.record.write(tmp_path / "record.txt")
            assert not wrong, "\n".join([f"SIMULATION_SEED={plan.seed}, the record is {path}", *wrong])
        return simulation

    return run


def test_after_a_wild_time_books_rows_and_workflows_agree_and_every_booking_ends(stack: Stack, simulated: Run):
    """Bookings, outside facts in any order, lost and repeated webhooks, disputes, dashboard acts, a kill, a release."""
    simulation = simulated(stack, Plan(seed=SEED or "revcare", seconds=10, steps=STEPS, **FEW))
    assert len(simulation.visits) >= LEAST_BOOKINGS
    for what in (*SEEN, *RELEASED):
        assert simulation.record.count(what), what


@pytest.mark.long
@pytest.mark.timeout(1500)
def test_the_same_for_ten_minutes_with_every_part_killed(tmp_path: Path, simulated: Run):
    seed = SEED or secrets.token_hex(4)
    with Stack(tmp_path, env=SHORT, discard=True) as stack:
        simulation = simulated(stack, Plan(seed=seed, seconds=600, steps=STEPS, people=8, parts=EVERY_PART))
    for what in ("dispute", "by hand", "cancel", "twice", "which is over", "which was processed, is failed", *RELEASED):
        assert simulation.record.count(what), what
