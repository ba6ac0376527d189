"""A stack to measure: the one that runs here, or one of its own that is gone afterwards."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]

from devstack.parts.base import REPOSITORY
from devstack.stack import Stack
from devstack.stack_folder import StackFolder, read_json

Info = dict[str, Any]


def processor_seconds(info: Info) -> dict[str, float]:
    """What each part has used of the processors so far, its children's work included; "bench" is this process."""
    pids = {"bench": os.getpid(), **info["processes"]}
    return {part: _used(psutil.Process(pid)) for part, pid in pids.items()}


def _used(process: psutil.Process) -> float:
    total = 0.0
    for each in [process, *(process.children(recursive=True) if process.pid != os.getpid() else ())]:
        with suppress(psutil.NoSuchProcess):
            times = each.cpu_times()
            total += times.user + times.system
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
