"""``python -m operations replay``: histories of production against the workflows of this release."""

from pathlib import Path

import pytest

from operations.__main__ import run
from tests.workflows.record import HISTORIES

HISTORY = HISTORIES / "cash.json"


def test_a_history_that_can_go_on_says_so(capsys: pytest.CaptureFixture[str]):
    assert run(["replay", str(HISTORY)]) == 0
    assert capsys.readouterr().out == f"{HISTORY}: can go on\n"


def test_a_history_that_cannot_go_on_is_named_with_the_reason(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    other = tmp_path / "other.json"
    other.write_text(HISTORY.read_text().replace('"issue_document"', '"issue_something_else"'))
    assert other.read_text() != HISTORY.read_text()
    assert run(["replay", str(HISTORY), str(other)]) == 1
    told = capsys.readouterr().out.splitlines()
    assert f"{HISTORY}: can go on" in told
    [reason] = [line for line in told if line.startswith(f"{other}: ")]
    assert "issue_something_else" in reason
