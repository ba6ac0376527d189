"""Load of one kind on one server: the same few requests in turn on lasting connections, as fast as they are answered.

The HTTP is spoken by hand, so that the client leaves the processors to what it measures.
"""

import asyncio
import math
import re
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
_END = b"\r\n\r\n"
_FEWEST, _LONGER = 100, 10
"""A round is made longer, up to so many times, until it has as many answers: a machine may have other things to do."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One round: how many answers came in which time, and what the server's process used of a processor for them."""

    answers: int
    seconds: float
    cpu: float

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.answers / self.seconds

    @property
    def cpu_us(self) -> float:
        """Microseconds of processor time that the server used for one answer."""
        return self.cpu / self.answers * 1e6


def request(url: str, headers: Iterable[tuple[str, str]] = ()) -> bytes:
    """The bytes of a GET."""
    parts = urlsplit(url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    lines = [f"GET {target} HTTP/1.1", f"Host: {parts.netloc}", *(f"{name}: {value}" for name, value in headers)]
    return "\r\n".join([*lines, "", ""]).encode()


def cpu_seconds(pid: int) -> float:
    """What a process has used of the processors so far, all its threads together, to the nanosecond."""
    threads = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads) / 1e9


async def loaded(
    url: str, pid: int, requests: Sequence[bytes], status: int, seconds: float, connections: int
) -> Measured:
    """Ask for so long on so many connections, and look at the process before and after.

    Raises:
        ValueError: an answer has another status.
    """
    turns = [n % len(requests) for n in range(connections)]
    lines = [_Line([*requests[turn:], *requests[:turn]], status) for turn in turns]
    for line in lines:
        await line.connect(url)
    began, before = time.perf_counter(), cpu_seconds(pid)
    for line in lines:
        line.ask()
    await asyncio.sleep(seconds)
    for _ in range(_LONGER):
        if sum(line.answers for line in lines) >= _FEWEST:
            break
        await asyncio.sleep(seconds)
    took, used = time.perf_counter() - began, cpu_seconds(pid) - before
    answers = sum(line.answers for line in lines)
    await asyncio.gather(*(line.ended() for line in lines))
    return Measured(answers, took, used)


async def one_by_one(url: str, pid: int, requests: Sequence[bytes], status: int) -> Measured:
    """Ask for each of them once, on one connection.

    Raises:
        ValueError: an answer has another status.
    """
    line = _Line(requests, status, len(requests))
    await line.connect(url)
    began, before = time.perf_counter(), cpu_seconds(pid)
    line.ask()
    await line.over
    return Measured(line.answers, time.perf_counter() - began, cpu_seconds(pid) - before)


async def latencies(url: str, requests: Sequence[bytes], status: int, at_once: int) -> list[float]:
    """Ask for each of them once, so many at any time, and answer how many seconds each answer took.

    Raises:
        ValueError: an answer has another status.
    """
    lines = [_Timed(requests[number::at_once], status, len(requests[number::at_once])) for number in range(at_once)]
    for line in lines:
        await line.connect(url)
    for line in lines:
        line.ask()
    await asyncio.gather(*(line.over for line in lines))
    return [each for line in lines for each in line.seconds]


class _Line(asyncio.Protocol):
    """One connection: the next request goes out when the answer to the last one is whole."""

    def __init__(self, requests: Sequence[bytes], status: int, at_most: float = math.inf) -> None:
        self._requests = cycle(requests)
        self._status = b"HTTP/1.1 %d " % status
        self._buffer = b""
        self._transport: asyncio.Transport | None = None
        self._at_most = at_most
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.answers = 0

    async def connect(self, url: str) -> None:
        """Open it."""
        parts = urlsplit(url)
        await asyncio.get_running_loop().create_connection(lambda: self, parts.hostname or "", parts.port or 80)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def ask(self) -> None:
        """Send the next request."""
        assert self._transport is not None  # noqa: S101 - for the types
        self._transport.write(next(self._requests))

    def data_received(self, data: bytes) -> None:
        self._buffer = buffer = self._buffer + data if self._buffer else data
        head = buffer.find(_END)
        if head < 0:
            return
        found = _LENGTH.search(buffer, 0, head)
        if len(buffer) < head + 4 + (int(found[1]) if found else 0):
            return
        self._buffer = b""
        if not buffer.startswith(self._status):
            self._end(ValueError(f"another answer than expected: {buffer[:300]!r}"))
            return
        self.answers += 1
        if self.answers >= self._at_most:
            self._end()
        else:
            self.ask()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(exc or ConnectionError("the server has closed the connection"))

    async def ended(self) -> None:
        """Wait for the last answer and close."""
        self._at_most = 0
        await self.over

    def _end(self, fault: Exception | None = None) -> None:
        if self.over.done():
            return
        if fault is None:
            self.over.set_result(None)
        else:
            self.over.set_exception(fault)
        if self._transport is not None:
            self._transport.close()


class _Timed(_Line):
    """The same, with the time of each answer."""

    def __init__(self, requests: Sequence[bytes], status: int, at_most: float) -> None:
        super().__init__(requests, status, at_most)
        self.seconds: list[float] = []
        self._asked = 0.0

    def ask(self) -> None:
        """Send the next request."""
        self._note()
        super().ask()

    def _note(self) -> None:
        now = time.perf_counter()
        if self.answers > len(self.seconds):
            self.seconds.append(now - self._asked)
        self._asked = now

    def _end(self, fault: Exception | None = None) -> None:
        self._note()
        super()._end(fault)
