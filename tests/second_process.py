"""One more process of the product beside those of a stack: the same servers and keys, settings of its own."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from devstack.stack import Stack

_REPOSITORY = Path(__file__).parents[1]


@contextmanager
def second_process(
    stack: Stack,
    part: str,
    words: list[str],
    env: Mapping[str, str],
    log: Path,
    ready: Callable[[], bool],
    within: float,
) -> Iterator[None]:
    """``python -m`` with these words, in the environment of that part; gone when the block ends.

    ``within``: so many seconds it may take to be ``ready``.
    """
    known = psutil.Process(stack.pid(part)).environ()
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", *words],
            cwd=_REPOSITORY,
            env={**known, **env},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        until = time.monotonic() + within
        while not ready():
            assert process.poll() is None, log.read_text()[-2000:]
            assert time.monotonic() < until, "it does not become ready"
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(15)
        process.kill()
        process.wait()
