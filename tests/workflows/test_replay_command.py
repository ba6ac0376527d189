"""``revcare replay``: histories of production against the workflows of this release."""

import os
import subprocess
import sys
from pathlib import Path

from tests.workflows.record import HISTORIES

HISTORY = HISTORIES / "cash.json"


def replayed(*paths: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "operations", "replay", *map(str, paths)]
    env = {**os.environ, **settings}
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=100)


def test_a_history_that_can_go_on_says_so():
    done = replayed(HISTORY)
    assert (done.returncode, done.stdout) == (0, f"{HISTORY}: can go on\n")


def test_a_history_that_cannot_go_on_is_named_with_the_reason(tmp_path):
    other = tmp_path / "other.json"
    other.write_text(HISTORY.read_text().replace('"issue_document"', '"issue_something_else"'))
    assert other.read_text() != HISTORY.read_text()
    done = replayed(HISTORY, other)
    assert done.returncode == 1
    # Temporal's core writes its own log between the lines.
    assert f"{HISTORY}: can go on" in done.stdout.splitlines()
    [reason] = [line for line in done.stdout.splitlines() if line.startswith(f"{other}: ")]
    assert "issue_something_else" in reason
