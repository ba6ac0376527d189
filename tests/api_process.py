"""One more API process beside that of a stack, at a port of its own."""

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from devstack.parts.base import answers
from devstack.stack import Stack
from tests.second_process import second_process


@contextmanager
def api_process(stack: Stack, env: Mapping[str, str]) -> Iterator[str]:
    """Its address, once it answers; it is gone when the block ends."""
    port = free_port()
    url, log = f"http://127.0.0.1:{port}", stack.folder.log(f"api_{port}")
    given = {"REVCARE_PORT": str(port), **env}
    with second_process(stack, "api", ["api.main"], given, log, lambda: answers(f"{url}/health/ready"), 60):
        yield url


def free_port() -> int:
    """One at which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port
