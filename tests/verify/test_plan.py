"""What `make verify` says before it asks anybody."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.verify.services import SERVICES, Refused, given_by, plan

HERE = Path(__file__).parent


def test_a_live_key_is_refused():
    with pytest.raises(Refused, match="live key"):
        given_by({"RAZORPAY_KEY_ID": "rzp_live_1", "RAZORPAY_KEY_SECRET": "x"})


def test_a_service_is_tried_when_all_that_names_it_is_there():
    known = given_by({"MONGODB_URI": "mongodb://there", "RAZORPAY_KEY_ID": "rzp_test_1", "HOME": "/root"})
    named, told = plan(known)
    assert [service.name for service in named] == ["MongoDB"]
    assert "Razorpay, test mode: not named, needs RAZORPAY_KEY_SECRET" in told
    assert "HOME" not in known


def test_every_service_has_its_tests():
    assert {service.tests for service in SERVICES} == {path.name for path in HERE.glob("test_*.py")} - {"test_plan.py"}


def test_without_a_service_the_command_says_what_it_would_do():
    done = subprocess.run(
        [sys.executable, "-m", "tests.verify"], cwd=HERE.parents[1], capture_output=True, text=True, check=True
    )
    assert all(f"{service.name}: not named" in done.stdout for service in SERVICES)
    assert "nothing was asked" in done.stdout
