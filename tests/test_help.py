"""Every process of the product says what it is when it is asked, and starts nothing."""

import subprocess
import sys

import pytest

PROCESSES = ("api.main", "worker", "operations", "migrations.command")


@pytest.mark.parametrize("module", PROCESSES)
def test_help_explains_a_process_and_starts_nothing(module):
    asked = [sys.executable, "-m", module, "--help"]
    told = subprocess.run(asked, capture_output=True, text=True, check=True, timeout=60)
    assert told.stdout.startswith(f"usage: python -m {module}")
    assert told.stderr == ""
