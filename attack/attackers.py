"""The process that attacks: everything of a scenario at once, at its rates, whatever the answers do.

It has only those moments of the processors that nobody else wants (SCHED_IDLE): what is measured is what the product
does with an attack, not what it costs to make one. Requests that it has no time for are counted as not sent. Once a
second it writes what became of the others, as a line of JSON.
"""

import asyncio
import os
import sys
from collections import Counter
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from itertools import count, cycle
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import orjson
import uvloop

from attack.scenario import (
    ATTACKERS,
    CALLBACK,
    IDLE,
    LARGE_BODY,
    LOCKED,
    LOGIN,
    REGISTRATION,
    SLOW_BODY,
    SLOW_HEAD,
    UNREAD,
    UPLOAD,
)

Json = dict[str, Any]
_API = "/api/v1"
_BORNE, _DROP_EVERY = 20.0, 1.0
"""Seconds after which an attacker gives up; and between two bytes of those who are slow."""
_AT_ONCE = 400
"""Requests of one kind that may wait for their answers; further ones are not sent."""
_OPENED_AT_ONCE = 40
_LARGE = b"x" * 900_000
_UNREAD = b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 20


@dataclass(frozen=True, slots=True)
class Material:
    """What attackers have: a token of their own and a picture, a callback that was used, phones of customers, and
    somebody's login while a transaction that does not end holds their row."""

    token: str
    picture: str
    callback: dict[str, str]
    phones: list[str]
    locked: dict[str, str]


class Attackers:
    """All of them, against one address."""

    def __init__(self, url: str, per_second: dict[str, float], idle: int, material: Material) -> None:
        parts = urlsplit(url)
        self._there = parts.hostname or "", parts.port or 80
        self._per_second, self._idle, self._material = per_second, idle, material
        self._addresses, self._numbers = cycle(ATTACKERS), count(os.getpid() * 100_000)
        self._waiting: Counter[str] = Counter()
        self._open = 0
        self._picture = Path(material.picture).read_bytes()
        self.seen: Counter[str] = Counter()
        self._ways: dict[str, Callable[[str], Coroutine[Any, Any, None]]] = {
            SLOW_HEAD: lambda kind: self._slow(kind, b"GET / HTTP/1.1\r\nHost: x\r\nX: "),
            SLOW_BODY: lambda kind: self._slow(kind, _head("/customers/", 100_000, "application/json") + b"{"),
            UNREAD: self._unread,
            LARGE_BODY: lambda kind: self._ask(kind, "/bookings/", _LARGE, "application/json"),
            REGISTRATION: lambda kind: self._ask(
                kind, "/customers/", orjson.dumps(self._somebody()), "application/json"
            ),
            LOGIN: lambda kind: self._log_in(kind, self._phone(), "Wrong-password-1"),
            UPLOAD: self._upload,
            CALLBACK: lambda kind: self._form(kind, "/payment/verify", material.callback),
            LOCKED: lambda kind: self._form(kind, "/auth/login", material.locked),
        }

    async def run(self) -> None:
        """Until somebody ends the process."""
        tasks = [self._steadily(kind, rate) for kind, rate in self._per_second.items()]
        await asyncio.gather(self._hold(), self._tell(), *tasks)

    async def _steadily(self, kind: str, rate: float) -> None:
        loop, tasks, due = asyncio.get_running_loop(), set[asyncio.Task[None]](), 0
        began = loop.time()
        while True:
            await asyncio.sleep(max(0.0, began + due / rate - loop.time()))
            late = int((loop.time() - began) * rate) - due
            if late > rate:  # a second of it
                self.seen[f"{kind}: not sent"] += late
                due += late
            if self._waiting[kind] >= _AT_ONCE:
                self.seen[f"{kind}: not sent"] += 1
            else:
                task = asyncio.create_task(self._one(kind))
                tasks.add(task)
                task.add_done_callback(tasks.discard)
            due += 1

    async def _one(self, kind: str) -> None:
        self._waiting[kind] += 1
        self.seen[f"{kind}: begun"] += 1
        try:
            async with asyncio.timeout(_BORNE):
                await self._ways[kind](kind)
        except TimeoutError:
            self.seen[f"{kind}: given up"] += 1
        except (OSError, EOFError, RuntimeError):  # the last is what uvloop says of a line that is closed
            self.seen[f"{kind}: dropped"] += 1
        finally:
            self._waiting[kind] -= 1

    async def _hold(self) -> None:
        """Idle sockets, opened again when they are closed."""
        while True:
            missing = min(self._idle - self._open, _OPENED_AT_ONCE)
            await asyncio.gather(*(self._hold_one() for _ in range(missing)))
            await asyncio.sleep(0.1)

    async def _hold_one(self) -> None:
        loop = asyncio.get_running_loop()
        with suppress(OSError):
            await loop.create_connection(lambda: _Idle(self), *self._there, local_addr=(next(self._addresses), 0))

    def counted(self, opened: int) -> None:
        """An idle socket was opened or closed."""
        self._open += opened
        self.seen[f"{IDLE}: {'opened' if opened > 0 else 'dropped'}"] += 1

    async def _tell(self) -> None:
        while True:
            await asyncio.sleep(1)
            os.write(1, orjson.dumps(self.seen) + b"\n")

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection(*self._there, local_addr=(next(self._addresses), 0), limit=2**16)

    async def _slow(self, kind: str, begun: bytes) -> None:
        """A byte at a time until the other side has enough."""
        reader, writer = await self._connected()
        answer = asyncio.ensure_future(reader.read(100))
        try:
            writer.write(begun)
            while not answer.done():
                writer.write(b"x")
                await asyncio.wait([answer], timeout=_DROP_EVERY)
            self._count(kind, await answer)
        finally:
            answer.cancel()
            writer.transport.abort()

    async def _unread(self, _kind: str) -> None:
        """Answers that fill every buffer on the way, for nobody takes them."""
        _, writer = await self._connected()
        try:
            writer.transport.pause_reading()  # type: ignore[attr-defined]
            while True:
                writer.write(_UNREAD)
                await writer.drain()
                await asyncio.sleep(_DROP_EVERY)
        finally:
            writer.transport.abort()

    async def _ask(self, kind: str, path: str, body: bytes, media: str, token: str = "") -> None:
        reader, writer = await self._connected()
        try:
            writer.write(_head(path, len(body), media, token) + body)
            self._count(kind, await reader.read(100))
        finally:
            writer.transport.abort()

    async def _form(self, kind: str, path: str, fields: dict[str, str]) -> None:
        await self._ask(kind, path, urlencode(fields).encode(), "application/x-www-form-urlencoded")

    async def _log_in(self, kind: str, phone: str, password: str) -> None:
        await self._form(kind, "/auth/login", {"username": phone, "password": password})

    async def _upload(self, kind: str) -> None:
        edge = f"edge{next(self._numbers)}"
        start = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'
        body = start.encode() + self._picture + f"\r\n--{edge}--\r\n".encode()
        await self._ask(kind, "/utils/images", body, f"multipart/form-data; boundary={edge}", self._material.token)

    def _count(self, kind: str, answer: bytes) -> None:
        self.seen[f"{kind}: {answer[9:12].decode('latin-1') or 'dropped'}"] += 1

    def _phone(self) -> str:
        """In turn that of a customer and one that nobody has."""
        number = next(self._numbers)
        phones = self._material.phones
        return phones[number // 2 % len(phones)] if number % 2 else f"6{number % 10**9:09}"

    def _somebody(self) -> Json:
        number = next(self._numbers) % 10**9
        return {
            "name": "Somebody New",
            "phone": f"8{number:09}",
            "email": f"somebody{number}@attack.example",
            "password": "Secret-123",
        }


class _Idle(asyncio.Protocol):
    def __init__(self, attackers: Attackers) -> None:
        self._attackers = attackers

    def connection_made(self, _transport: asyncio.BaseTransport) -> None:
        self._attackers.counted(1)

    def connection_lost(self, exc: Exception | None) -> None:
        self._attackers.counted(-1)


def _head(path: str, length: int, media: str, token: str = "") -> bytes:
    lines = [f"POST {_API}{path} HTTP/1.1", "Host: x", f"Content-Type: {media}", f"Content-Length: {length}"]
    if token:
        lines.append(f"Authorization: Bearer {token}")
    return "\r\n".join([*lines, "", ""]).encode()


def main() -> None:
    """Attack what the first line of the standard input says, with least of the processors."""
    with suppress(AttributeError):  # Linux alone has it
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    given = orjson.loads(sys.stdin.buffer.readline())
    attackers = Attackers(given["url"], given["per_second"], given["idle"], Material(**given["material"]))
    uvloop.run(attackers.run())


if __name__ == "__main__":
    main()
