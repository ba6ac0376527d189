"""A stack to measure: the one that runs here, or one of its own that is gone afterwards; and what its parts use."""

import os
import signal
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]

from devstack.child import CHILD_GUARD
from devstack.parts.base import REPOSITORY
from devstack.stack import Stack
from devstack.stack_folder import StackFolder, read_json

Info = dict[str, Any]


def processor_seconds(info: Info, **more: int) -> dict[str, float]:
    """What each part has used of the processors so far, its children's work included; "bench" is this process.

    ``more``: process ids of others, by name.
    """
    pids = {"bench": os.getpid(), **info["processes"], **more}
    return {part: _used(psutil.Process(pid)) for part, pid in pids.items()}


def spent(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    """Processor seconds between two readings; a part that was started anew meanwhile counts from its start."""
    return {part: used - before.get(part, 0.0) for part, used in after.items()}


def _used(process: psutil.Process) -> float:
    """Its own time, that of its children, and of those that have ended."""
    total, own = 0.0, process.pid == os.getpid()
    for each in [process, *(() if own else process.children(recursive=True))]:
        with suppress(psutil.NoSuchProcess):
            times = each.cpu_times()
            total += times.user + times.system + (0.0 if own else times.children_user + times.children_system)
    return total


@contextmanager
def running_stack(**env: str) -> Iterator[Info]:
    """What ``stack.json`` says; ``env`` is for a stack that has to be started."""
    folder = StackFolder(REPOSITORY)
    if folder.supervisor() is not None and (known := read_json(folder.stack_file)):
        print(f"the stack in {folder.path} is measured", flush=True)
        yield known
        return
    print("no stack runs here: starting one", flush=True)
    with tempfile.TemporaryDirectory(prefix="revcare-bench-") as place, Stack(Path(place), env=env) as stack:
        yield stack.info


@contextmanager
def production_stack(**env: str) -> Iterator[Stack]:
    """A stack with the hosted Temporal server, its rows in PostgreSQL, and a disk that is waited for.

    ``env`` are settings for its parts.
    """
    with (
        tempfile.TemporaryDirectory(prefix="revcare-bench-") as place,
        Stack(Path(place), env={"TEMPORAL_STORE": "postgresql", **env}, say=_say) as stack,
    ):
        yield stack


async def left_as_it_is(_connection: Any) -> None:
    """For asyncpg's pools: a connection is given back without the statement that clears it. Who measures asks so often
    that PostgreSQL would work for that instead of for what is measured."""


def guarded(*words: str) -> list[str]:
    """A command that ends with this process, however that ends."""
    return [sys.executable, "-I", "-S", str(CHILD_GUARD), str(os.getpid()), str(int(signal.SIGKILL)), "-", *words]


def _say(line: str) -> None:
    print(f"  {line}", flush=True)
