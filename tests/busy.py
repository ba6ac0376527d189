"""The suite on a machine that has something else to do: a busy loop for each core while a command runs.

python -m tests.busy <command...>

What passes only when nobody else wants the processor waits for a time where it should wait for a condition. The loops
are stopped by their own process ids, and end with this process however it ends.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from devstack.child import CHILD_GUARD

_LOOP = "while True: pass"


@contextmanager
def busy_cores(count: int) -> Iterator[list[int]]:
    """So many busy loops for the length of the block; their process ids."""
    guard = [sys.executable, "-I", "-S", str(CHILD_GUARD), str(os.getpid()), str(int(signal.SIGKILL)), "-"]
    loops: list[subprocess.Popen[bytes]] = []
    try:
        for _ in range(count):
            loops.append(subprocess.Popen([*guard, sys.executable, "-I", "-S", "-c", _LOOP]))
        yield [loop.pid for loop in loops]
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def main(command: list[str]) -> int:
    """Run the command beside the loops; its status."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with busy_cores(os.cpu_count() or 2):
        return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
