"""The sign that a process works, and the end of one that hangs."""

import asyncio
import os
import re
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.heartbeat import EVERY, beating
from tests.devstack.compose import services

ROOT = Path(__file__).parents[2]
QUICK = timedelta(milliseconds=10)
HANGS = """
import asyncio, sys, time
from datetime import timedelta
from pathlib import Path
from adapters.heartbeat import beating

async def hang():
    async with beating(Path(sys.argv[1]), hangs_after=timedelta(seconds=0.3)):
        await asyncio.sleep(0)
        held_up_by_somebody()

def held_up_by_somebody():
    time.sleep(60)

asyncio.run(hang())
"""


async def test_the_file_is_touched_while_the_loop_turns_and_gone_when_the_work_ends(tmp_path):
    file = tmp_path / "alive"
    async with beating(file, every=QUICK):
        os.utime(file, (0, 0))
        while file.stat().st_mtime == 0:  # noqa: ASYNC110 - a file rings no bell
            await asyncio.sleep(0.01)
    assert not file.exists()


async def test_a_process_without_such_a_file_works_as_well():
    async with beating(None):
        pass


async def test_a_file_that_cannot_be_made_keeps_the_process_from_starting(tmp_path):
    with pytest.raises(OSError, match="alive"):
        async with beating(tmp_path / "nowhere" / "alive"):
            raise AssertionError("it works without its sign")


def test_a_process_whose_loop_hangs_ends_and_says_where_it_was(tmp_path):
    words = [sys.executable, "-c", HANGS, str(tmp_path / "alive")]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False, timeout=50)
    assert done.returncode == 1
    assert "held_up_by_somebody" in done.stderr


def test_hosting_takes_a_role_for_well_while_its_file_is_new(tmp_path):
    for role in ("worker", "activities"):
        kind, command = services()[role]["healthcheck"]["test"]
        file = Path(services()[role]["environment"]["REVCARE_HEARTBEAT"])
        assert kind == "CMD-SHELL"
        here = tmp_path / file.name
        asked = command.replace("$$", "$").replace(str(file), str(here))
        assert str(here) in asked
        assert _exit_code(asked) != 0
        here.touch()
        assert _exit_code(asked) == 0
        old = time.time() - 30 * EVERY.total_seconds()
        os.utime(here, (old, old))
        assert _exit_code(asked) != 0
        here.unlink()
        assert re.fullmatch(r"\d+s", services()[role]["healthcheck"]["interval"])


def _exit_code(command: str) -> int:
    return subprocess.run(["/bin/sh", "-c", command], check=False, capture_output=True).returncode
