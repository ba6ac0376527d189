"""Every process of the product says what it is when it is asked, and starts nothing."""

from collections.abc import Callable, Sequence

import pytest

import worker
from api.main import run as run_api
from migrations import command as migrations
from operations import __main__ as operations


def run_operations(words: Sequence[str]) -> None:
    """As ``operations.main``, but for the way out of a process whose threads may still run."""
    raise SystemExit(operations.run(words))


PROCESSES = {
    "usage: python -m api.main": run_api,
    "usage: python -m worker": worker.main,
    "Usage: revcare ": run_operations,
    "usage: python -m migrations.command": migrations.main,
}


@pytest.mark.parametrize("usage", PROCESSES)
def test_help_explains_a_process_and_starts_nothing(usage: str, capsys: pytest.CaptureFixture[str]):
    process: Callable[[Sequence[str]], None] = PROCESSES[usage]
    with pytest.raises(SystemExit) as ended:
        process(["--help"])
    said = capsys.readouterr()
    assert ended.value.code == 0
    assert said.out.lstrip().startswith(usage)
    assert said.err == ""
