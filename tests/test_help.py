"""Every process of the product says what it is when it is asked, and starts nothing."""

import subprocess
import sys

import pytest

PROCESSES = {
    "api.main": "usage: python -m api.main",
    "worker": "usage: python -m worker",
    "operations": "Usage: revcare ",
    "migrations.command": "usage: python -m migrations.command",
}
SEPARATOR = "-" * 80
ASKED = """
import os, runpy, sys
os._exit = sys.exit  # the way out of a process whose threads may still run
separator, *modules = sys.argv[1:]
for module in modules:
    sys.argv = [module, "--help"]
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as end:
        print("ends with", end.code)
    print(separator)
"""
"""One after the other in one process, for what they import is mostly the same and takes a second each."""


@pytest.fixture(scope="module")
def told() -> dict[str, str]:
    asked = [sys.executable, "-c", ASKED, SEPARATOR, *PROCESSES]
    ended = subprocess.run(asked, capture_output=True, text=True, check=True, timeout=120)
    assert ended.stderr == ""
    *texts, rest = ended.stdout.split(f"{SEPARATOR}\n")
    assert rest == ""
    return dict(zip(PROCESSES, texts, strict=True))


@pytest.mark.parametrize("module", PROCESSES)
def test_help_explains_a_process_and_starts_nothing(told: dict[str, str], module: str):
    assert told[module].lstrip().startswith(PROCESSES[module])
    assert told[module].endswith("ends with 0\n")
