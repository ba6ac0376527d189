"""The busy loops of ``make test-busy`` end with it."""

import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.busy import busy_cores

REPOSITORY = Path(__file__).parents[1]


def _runs(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def test_the_loops_are_busy_for_as_long_as_the_block_and_end_when_it_breaks():
    with pytest.raises(RuntimeError, match="as it happens"), busy_cores(2) as loops:  # noqa: PT012 - what ends it
        assert len({pid for pid in loops if _runs(pid)}) == 2
        raise RuntimeError("as it happens")
    assert not [pid for pid in loops if _runs(pid)]


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_the_loops_end_when_their_process_is_told_to_end_or_killed(how: signal.Signals):
    waiting = [sys.executable, "-c", "print('begun', flush=True); input()"]
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.busy", *waiting], cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with process:
        assert process.stdout
        assert process.stdout.readline() == b"begun\n"
        children = psutil.Process(process.pid).children()
        loops = [each for each in children if "while True" in " ".join(each.cmdline())]
        assert loops
        process.send_signal(how)
        process.wait(20)
        _, alive = psutil.wait_procs(loops, 10)
    assert alive == []


def test_the_commands_status_is_handed_on():
    ended = subprocess.run(
        [sys.executable, "-m", "tests.busy", sys.executable, "-c", "raise SystemExit(3)"], cwd=REPOSITORY, check=False
    )
    assert ended.returncode == 3
