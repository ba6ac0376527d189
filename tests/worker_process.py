"""One more worker beside those of a stack: the same servers and keys, settings of its own."""

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from devstack.stack import Stack

_REPOSITORY = Path(__file__).parents[1]
_READY_WITHIN = 90.0
_PARTS = {"workflows": "worker", "activities": "activities"}


@contextmanager
def worker_process(stack: Stack, role: str, env: Mapping[str, str] | None = None) -> Iterator[Path]:
    """Its log, once it works; it is gone when the block ends."""
    log = stack.folder.log(f"second_{role}")
    log.unlink(missing_ok=True)
    known = psutil.Process(stack.pid(_PARTS[role])).environ()
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "worker", role],
            cwd=_REPOSITORY,
            env=known | dict(env or {}),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        until = time.monotonic() + _READY_WITHIN
        while "worker ready" not in log.read_text():
            assert process.poll() is None, log.read_text()[-2000:]
            assert time.monotonic() < until, "it does not begin to work"
            time.sleep(0.05)
        yield log
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(15)
        process.kill()
        process.wait()
