"""A bare listener: what the same attack costs the machine when it meets nothing of ours.

It reads and throws away, answers every head with a short answer, and drops each connection after as long as the
product would bear it.
"""

import asyncio
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import uvloop

from bench.stacks import guarded
from devstack.demo.calls import until
from devstack.parts.base import REPOSITORY, answers

_BORNE = 15.0
_ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class _Bare(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport, self._answered = cast(asyncio.Transport, transport), False
        self._end = asyncio.get_running_loop().call_later(_BORNE, self._transport.abort)

    def data_received(self, data: bytes) -> None:
        if not self._answered and b"\r\n\r\n" in data:
            self._answered = True
            self._transport.write(_ANSWER)

    def connection_lost(self, exc: Exception | None) -> None:
        self._end.cancel()


@contextmanager
def bare_listener() -> Iterator[str]:
    """A process that listens; yields its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(guarded(sys.executable, "-m", "attack.listener", str(port)), cwd=REPOSITORY)  # noqa: S603
    try:
        url = f"http://127.0.0.1:{port}"
        until("the listener to answer", lambda: answers(url))
        yield url
    finally:
        process.kill()
        process.wait()


async def _listen(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(_Bare, "127.0.0.1", port, backlog=2048)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(_listen(int(sys.argv[1])))
