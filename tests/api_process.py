"""One more API process beside that of a stack: the same servers and keys, a port and settings of its own."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from devstack.parts.base import answers
from devstack.stack import Stack

_REPOSITORY = Path(__file__).parents[1]
_READY_WITHIN = 60.0


@contextmanager
def api_process(stack: Stack, env: Mapping[str, str]) -> Iterator[str]:
    """Its address, once it answers; it is gone when the block ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    known = psutil.Process(stack.pid("api")).environ()
    log = stack.folder.log(f"api_{port}")
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "api.main"],
            cwd=_REPOSITORY,
            env=known | {"REVCARE_PORT": str(port), **env},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        url, until = f"http://127.0.0.1:{port}", time.monotonic() + _READY_WITHIN
        while not answers(f"{url}/health/ready"):
            assert process.poll() is None, log.read_text()[-2000:]
            assert time.monotonic() < until, "it does not answer"
            time.sleep(0.05)
        yield url
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(15)
        process.kill()
        process.wait()
