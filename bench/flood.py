"""Sending at a steady rate, whatever the answers do: a slow answer must not make the next message late.

Latency counts from the moment when a message was due, not from when there was time to send it. The HTTP is spoken by
hand, because a comfortable client uses more of the processors than what it measures.
"""

import asyncio
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

TIMEOUT = 30.0
CONNECTIONS = 64
"""The provider keeps many; a message that finds none free waits, and its latency counts on."""

_Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(frozen=True, slots=True)
class Message:
    """A webhook: its bytes and its headers."""

    body: bytes
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of one: the status (None: no answer) and the seconds from when it was due."""

    status: int | None
    seconds: float

    @property
    def accepted(self) -> bool:
        """The provider would not send it again."""
        return self.status is not None and 200 <= self.status < 300


class Client:
    """One URL, over a handful of lasting connections."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host, self._port, self._path = parts.hostname or "", parts.port or 80, parts.path
        self._idle: list[_Line] = []
        self._slots = asyncio.Semaphore(CONNECTIONS)

    async def post(self, message: Message) -> int:
        """The status of the answer."""
        named = {"Host": f"{self._host}:{self._port}", "Content-Length": str(len(message.body)), **message.headers}
        lines = [f"POST {self._path} HTTP/1.1", *(f"{name}: {value}" for name, value in named.items()), "", ""]
        async with self._slots:
            line = self._idle.pop() if self._idle else await asyncio.open_connection(self._host, self._port)
            line[1].write("\r\n".join(lines).encode() + message.body)
            status = await _answer(line[0])
            self._idle.append(line)
        return status

    async def close(self) -> None:
        """Hang up."""
        for _, writer in self._idle:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()


async def flood(url: str, messages: Iterable[Message], rate: float) -> list[Sent]:
    """Send them all, ``rate`` a second."""
    client, tasks = Client(url), []
    began = time.perf_counter()
    for number, message in enumerate(messages):
        due = began + number / rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        tasks.append(asyncio.create_task(_send(client, message, due)))
    sent = await asyncio.gather(*tasks)
    await client.close()
    return list(sent)


async def _send(client: Client, message: Message, due: float) -> Sent:
    try:
        async with asyncio.timeout(TIMEOUT):
            status = await client.post(message)
    except (OSError, EOFError, TimeoutError):
        return Sent(None, time.perf_counter() - due)
    return Sent(status, time.perf_counter() - due)


async def _answer(reader: asyncio.StreamReader) -> int:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    length = head.partition("content-length:")[2].partition("\r\n")[0]
    await reader.readexactly(int(length or 0))
    return int(head.split(" ", 2)[1])


def percentile(sorted_seconds: list[float], percent: float) -> float:
    """The value that this share stays within."""
    return sorted_seconds[min(len(sorted_seconds) - 1, int(len(sorted_seconds) * percent / 100))]
