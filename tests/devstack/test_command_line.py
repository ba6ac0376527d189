"""`python -m devstack` as people use it."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from devstack.__main__ import main

REPOSITORY = Path(__file__).resolve().parents[2]


def devstack(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "devstack", "--root", str(root), *words],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=60,
        stdin=subprocess.DEVNULL,
    )


def here(root: Path, *words: str) -> int:
    """The exit code of a command that starts nothing, without an interpreter of its own."""
    return main(["--root", str(root), *words])


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    here(tmp_path, "reset")


def test_a_detached_stack_is_ready_when_the_command_returns_and_down_ends_it(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    up = devstack(root, "up", "--detach", "--only", "mail")
    assert (up.returncode, up.stderr) == (0, "")
    assert re.search(r"^mail +ready in", up.stdout, re.MULTILINE)
    pid = json.loads((root / ".stack/stack.json").read_text())["processes"]["mail"]

    refused = devstack(root, "up")
    assert (refused.returncode, "already running" in refused.stderr) == (1, True)
    assert here(root, "up", "--detach") == 1
    assert "already running" in capsys.readouterr().err
    assert here(root, "status") == 0

    assert here(root, "down") == 0
    assert not psutil.pid_exists(pid)
    assert here(root, "status") == 3


def test_a_killed_supervisor_takes_its_children_along_and_the_next_up_works(root: Path) -> None:
    devstack(root, "up", "--detach", "--only", "mail")
    child = psutil.Process(json.loads((root / ".stack/stack.json").read_text())["processes"]["mail"])
    os.kill(int((root / ".stack/lock").read_text()), signal.SIGKILL)
    deadline = time.monotonic() + 5
    with contextlib.suppress(psutil.NoSuchProcess):
        while child.status() != psutil.STATUS_ZOMBIE and time.monotonic() < deadline:
            time.sleep(0.02)
        assert child.status() == psutil.STATUS_ZOMBIE
    assert devstack(root, "up", "--detach", "--only", "mail").returncode == 0
    assert here(root, "status") == 0
    assert psutil.pid_exists(json.loads((root / ".stack/stack.json").read_text())["processes"]["mail"])


def test_an_unknown_part_is_named(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert here(root, "up", "--only", "mail,oracle") == 1
    assert "unknown parts: oracle" in capsys.readouterr().err
