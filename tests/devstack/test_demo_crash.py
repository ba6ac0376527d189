"""The demo's verdict on its crash: which bookings went on after a process was killed."""

import json
import subprocess
import sys
from types import SimpleNamespace

import pytest

from devstack.demo.crash import Crash
from devstack.kinds.vehicle_service.demo import in_the_workshop


@pytest.fixture
def victim():
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as process:
        yield process
        process.kill()


def run_of(booking: int, version: int, *, over: bool = False, trouble: str | None = None) -> SimpleNamespace:
    return SimpleNamespace(
        journey=SimpleNamespace(id=booking),
        booked=True,
        status="received",
        shown={"version": version},
        over=over,
        trouble=trouble,
    )


def crashed(tmp_path, victim, runs) -> Crash:
    """The crash, when the process was killed with these bookings, whose rows were at version 4, and is back."""
    stack = tmp_path / "stack.json"
    stack.write_text(json.dumps({"processes": {"worker": victim.pid}}))
    shop = SimpleNamespace(admin=SimpleNamespace(booking=lambda _: {"version": 4}))
    crash = Crash(SimpleNamespace(stack_file=stack), shop, lambda _: None, "worker", "the worker", in_the_workshop(0.5))  # type: ignore[arg-type]
    crash.watch(runs)
    stack.write_text(json.dumps({"processes": {"worker": 1}}))
    crash.watch(runs)
    return crash


def test_a_booking_that_got_a_later_version_went_on(tmp_path, victim):
    runs = [run_of(1001, 3)]
    crash = crashed(tmp_path, victim, runs)
    assert crash.verdict(runs) == "these bookings did not move on after the crash: [1001]"
    runs[0].shown = {"version": 5}
    assert crash.verdict(runs) is None


def test_a_booking_whose_last_step_was_written_at_the_kill_and_made_again_went_on(tmp_path, victim):
    runs = [run_of(1004, 4)]
    crash = crashed(tmp_path, victim, runs)
    runs[0].over = True
    assert crash.verdict(runs) is None


def test_a_booking_that_failed_did_not_go_on(tmp_path, victim):
    runs = [run_of(1004, 4)]
    crash = crashed(tmp_path, victim, runs)
    runs[0].over, runs[0].trouble = True, "it took too long"
    assert crash.verdict(runs) == "these bookings did not move on after the crash: [1004]"
