"""1,000 sockets of 500 pairs in one API process, 50 messages a second for a minute, each to its one receiver.

What counts is when a message was due and when its receiver was told, and by how much the process has grown for each
socket when all is said. The API is a process of its own beside the stack's, so nothing else is in its memory.
"""

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import asyncpg  # type: ignore[import-untyped]
import orjson
import psutil  # type: ignore[import-untyped]
from pydantic import SecretStr
from websockets.asyncio.client import ClientConnection, connect

from adapters.auth.tokens import Tokens
from bench.results import Line, Results, Say
from bench.stacks import guarded
from devstack.demo.calls import until
from devstack.parts.base import REPOSITORY, answers
from devstack.stack import Stack
from settings import Secrets

PAIRS, RATE, SECONDS = 500, 50, 60
WANTED_SECONDS, WANTED_KIB = 0.2, 50
_SCHEMA, _KIND, _ROLE = "local", "local_services", "SERVICE_SEEKER"
_FIRST = 700_000
_PATH = "/api/v1/messages/ws"
_AT_ONCE = 20
_LATEST = 30.0
"""Seconds that a last message may take."""
_ROWS = (
    f"""
    INSERT INTO {_SCHEMA}.users (id, role_id, first_name, last_name, email, phone)
    SELECT 'USR' || ({_FIRST} + n), (SELECT id FROM {_SCHEMA}.roles WHERE name = '{_ROLE}'), 'Speaker', 'No ' || n,
        'speaker.' || n || '@example.com', '+918' || lpad(n::text, 9, '0')
    FROM generate_series(1, {2 * PAIRS}) AS n ON CONFLICT DO NOTHING
    """,  # noqa: S608 - constants of ours
    f"""
    INSERT INTO {_SCHEMA}.profiles (user_id, phone_verified_at)
    SELECT 'USR' || ({_FIRST} + n), now() FROM generate_series(1, {2 * PAIRS}) AS n
    ON CONFLICT (user_id) DO UPDATE SET phone_verified_at = now()
    """,  # noqa: S608 - as above
    f"""
    INSERT INTO {_SCHEMA}.threads (initiator_id, receiver_id)
    SELECT 'USR' || ({_FIRST} + n), 'USR' || ({_FIRST + PAIRS} + n) FROM generate_series(1, {PAIRS}) AS n
    ON CONFLICT DO NOTHING
    """,  # noqa: S608 - as above
)
_THREADS = f"""
    SELECT id, initiator_id, receiver_id FROM {_SCHEMA}.threads
    WHERE initiator_id BETWEEN 'USR{_FIRST}' AND 'USR{_FIRST + PAIRS}' ORDER BY id
"""  # noqa: S608 - as above


@dataclass
class Told:
    """When messages were due and when their receivers were told, by their ``client_id``."""

    due: dict[str, float] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    unwanted: int = 0
    all: asyncio.Event = field(default_factory=asyncio.Event)

    def hear(self, frame: dict[str, Any]) -> None:
        """A receiver was told something; that there is something to read, with the first message."""
        if frame["type"] == "notification":
            return
        due = self.due.pop(str(frame.get("data", {}).get("client_id")), None) if frame["type"] == "message" else None
        if due is None:
            self.unwanted += 1
            return
        self.seconds.append(time.perf_counter() - due)
        if len(self.seconds) == RATE * SECONDS:
            self.all.set()


async def measure_sockets(stack: Stack, results: Results, say: Say) -> None:
    """Add what was found to ``results``."""
    threads = await _threads(stack.info["postgres"])
    with _api(stack) as (port, process):
        async with AsyncExitStack() as open_sockets:
            before, cpu = process.memory_info().rss, process.cpu_times()
            say(f"{2 * PAIRS} sockets are opened ...")
            speakers = await _opened(open_sockets, stack, port, threads)
            told = Told()
            hearing = [
                *(asyncio.create_task(_hear(receiver, told)) for _, _, receiver in speakers),
                *(asyncio.create_task(_hear(sender, Told())) for _, sender, _ in speakers),
            ]
            opened = process.memory_info().rss
            say(f"{RATE} messages a second for {SECONDS} s ...")
            await _speak(speakers, told)
            grown = (process.memory_info().rss - before) / 2 / PAIRS / 1024
            after = process.cpu_times()
            for task in hearing:
                task.cancel()
    waits = sorted(told.seconds)
    p99 = waits[int(len(waits) * 0.99)] if waits else float("inf")
    lost = len(told.due)
    used = (after.user + after.system - cpu.user - cpu.system) / SECONDS
    results.details["sockets"] = {
        "p50_ms": round(waits[len(waits) // 2] * 1000, 1),
        "p99_ms": round(p99 * 1000, 1),
        "slowest_ms": round(waits[-1] * 1000, 1),
        "lost": lost,
        "told_otherwise": told.unwanted,
        "kib_a_socket_opened": round((opened - before) / 2 / PAIRS / 1024, 1),
        "kib_a_socket": round(grown, 1),
        "api_processors": round(used, 2),
    }
    what = f"{2 * PAIRS} sockets, {RATE} messages a second"
    each_once = lost == told.unwanted == 0
    results.add(
        Line("sockets", f"{what}: 99 of 100 told within", f"{p99 * 1000:.0f} ms", "", None, "<= 200 ms", p99 <= 0.2),
        Line("sockets", "the same: each told its receiver once", str(each_once), "", None, "all", each_once),
        Line("sockets", "KiB by which the process grows a socket", f"{grown:.0f}", "", None, "<= 50", grown <= 50),
        Line("sockets", "processors that the API has used of", f"{used:.2f}"),
    )


async def _threads(postgres: str) -> list[tuple[int, str, str]]:
    connection = await asyncpg.connect(postgres)
    try:
        for statement in _ROWS:
            await connection.execute(statement)
        return [tuple(row) for row in await connection.fetch(_THREADS)]
    finally:
        await connection.close()


@contextmanager
def _api(stack: Stack) -> Iterator[tuple[int, psutil.Process]]:
    """An API process of the kind: its port and itself."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    known = psutil.Process(stack.pid("api")).environ()
    env = {**known, "REVCARE_KIND": _KIND.replace("_", "-"), "REVCARE_PORT": str(port)}
    with stack.folder.log("api_sockets").open("ab") as log:
        words = guarded(sys.executable, "-m", "api.main")
        started = subprocess.Popen(words, cwd=REPOSITORY, env=env, stdout=log, stderr=log)  # noqa: S603 - no shell
    try:
        until("the API of sockets to answer", lambda: answers(f"http://127.0.0.1:{port}/health/live"))
        yield port, _listening(started.pid, port)
    finally:
        started.terminate()
        started.wait(15)


def _listening(pid: int, port: int) -> psutil.Process:
    """The process that listens, of those that were started."""
    started = psutil.Process(pid)
    found = [started, *started.children(recursive=True)]
    return next(each for each in found if any(line.laddr.port == port for line in each.net_connections("tcp")))


async def _opened(
    stack: AsyncExitStack, running: Stack, port: int, threads: list[tuple[int, str, str]]
) -> list[tuple[int, ClientConnection, ClientConnection]]:
    """Each thread with the sockets of its two people, some opened at once."""
    auth = running.info["auth"]
    keys = Secrets(secret_key=SecretStr(auth["secret_key"]), refresh_secret_key=SecretStr(auth["refresh_secret_key"]))
    tokens, slots = Tokens(keys, _KIND), asyncio.Semaphore(_AT_ONCE)

    async def opened(person: str) -> ClientConnection:
        token = tokens.issue("access", person, _ROLE, datetime.now(UTC)).token
        headers = {"Authorization": f"Bearer {token}"}
        async with slots:
            made = await stack.enter_async_context(
                connect(f"ws://127.0.0.1:{port}{_PATH}", proxy=None, additional_headers=headers, ping_interval=None)
            )
            await made.recv()
            await made.send('{"type": "resume"}')
            return made

    pairs = [asyncio.gather(opened(one), opened(other)) for _, one, other in threads]
    found = await asyncio.gather(*pairs)
    return [(thread, one, other) for (thread, _, _), (one, other) in zip(threads, found, strict=True)]


async def _hear(connection: ClientConnection, told: Told) -> None:
    async for frame in connection:
        told.hear(orjson.loads(frame))


async def _speak(speakers: list[tuple[int, ClientConnection, ClientConnection]], told: Told) -> None:
    """At that rate, whatever the answers do; then until the last one was told."""
    began, run = time.perf_counter(), os.urandom(4).hex()
    for number in range(RATE * SECONDS):
        due = began + number / RATE
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        thread, sender, _ = speakers[number % len(speakers)]
        name = f"{run}-{number}"
        words = {"type": "send", "thread_id": thread, "content": f"Number {number}", "client_id": name}
        told.due[name] = due
        await sender.send(orjson.dumps(words).decode())
    async with asyncio.timeout(_LATEST):
        await told.all.wait()
