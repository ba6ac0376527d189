"""``python -m tests.simulation --seed 7 --seconds 60``: a simulation on a stack of its own, to look for faults."""

import argparse
import secrets
import sys
import tempfile
from pathlib import Path

from devstack.stack import Stack
from tests.conftest import SHORT
from tests.simulation.checks import whole
from tests.simulation.run import EVERY_PART, Plan, Simulation


def main() -> None:
    """Exit code 1 when something did not add up; the record says how it came about."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("--seed", default=secrets.token_hex(4))
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--steps", type=int, default=10**6)
    parser.add_argument("--people", type=int, default=5)
    parser.add_argument("--kill", default=",".join(EVERY_PART), help="parts, comma separated")
    parser.add_argument("--keep", type=Path, help="where the stack and its logs stay")
    given = parser.parse_args()
    parts = tuple(part for part in given.kill.split(",") if part)
    plan = Plan(seed=given.seed, seconds=given.seconds, steps=given.steps, people=given.people, parts=parts)
    root = given.keep or Path(tempfile.mkdtemp(prefix="simulation-"))
    print(f"seed {plan.seed}, in {root}")
    with Stack(root, env=SHORT, discard=given.keep is None) as stack:
        simulation = Simulation(stack, plan)
        try:
            wrong = whole(simulation, stack)
        finally:
            path = simulation.record.write(root / "record.txt")
    for line in wrong:
        print(line)
    print(f"{len(simulation.visits)} bookings, {simulation.record.seconds:.0f} s, the record is {path}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
