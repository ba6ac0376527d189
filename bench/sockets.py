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
from contextlib import AsyncExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from statistics import median
from typing import Any

import asyncpg  # type: ignore[import-untyped]
import orjson
import psutil  # type: ignore[import-untyped]
from websockets.asyncio.client import ClientConnection, connect

from bench.results import Line, Results, Say
from bench.service_people import KIND, tokens_of
from bench.stacks import guarded, processor_seconds, spent
from devstack.demo.calls import until
from devstack.parts.base import REPOSITORY, answers
from devstack.stack import Stack

PAIRS, RATE, SECONDS = 500, 50, 60
MOST_ROUNDS = 3
WANTED_SECONDS, WANTED_KIB = 0.2, 50
_SCHEMA, _ROLE = "local", "SERVICE_SEEKER"
_FIRST = 700_000
_PATH = "/api/v1/messages/ws"
_AT_ONCE = 20
_LATEST, _BEGINS_WITHIN = 30.0, 90.0
"""Seconds that a last message may take (what has not come by then is lost), and that the process may take to begin."""
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


@dataclass(frozen=True, slots=True)
class _Minute:
    """What one round found: milliseconds until receivers were told, and what the processes took for it."""

    p50_ms: float
    p99_ms: float
    slowest_ms: float
    lost: int
    told_otherwise: int
    kib_a_socket_opened: float
    kib_a_socket: float
    processor_ms: dict[str, float]
    """Of each process, for a message."""


async def measure_sockets(stack: Stack, results: Results, rounds: int, say: Say) -> None:
    """Add what was found to ``results``: medians of some minutes, each with an API process of its own."""
    threads, found = await _threads(stack.info["postgres"]), []
    for number in range(min(rounds, MOST_ROUNDS)):
        found.append(await _minute(stack, threads, say))
        say(f"sockets: round {number + 1}, p99 {found[-1].p99_ms:.0f} ms, {found[-1].kib_a_socket:.0f} KiB a socket")
    p99, grown = median(one.p99_ms for one in found), max(one.kib_a_socket for one in found)
    p50, used = median(one.p50_ms for one in found), found[-1].processor_ms
    each_once = not any(one.lost or one.told_otherwise for one in found)
    results.details["sockets"] = found
    what, beside = f"{2 * PAIRS} sockets, {RATE} messages a second", f"half within {p50:.0f} ms"
    own = used.get("sockets", 0.0)
    wanted = 1000 * WANTED_SECONDS
    results.add(
        Line("sockets", f"{what}: 99 of 100 told within", f"{p99:.0f} ms", beside, None, f"<= {wanted:g} ms",
             p99 <= wanted),
        Line("sockets", "the same: each told its receiver once", str(each_once), "", None, "all", each_once),
        Line("sockets", "KiB by which the process grows a socket, at most", f"{grown:.0f}", "", None,
             f"<= {WANTED_KIB}", grown <= WANTED_KIB),
        Line("sockets", "ms a message: the API of the sockets", f"{own:.1f}",
             f"PostgreSQL {used.get('postgres', 0):.1f}"),
    )  # fmt: skip


async def _minute(stack: Stack, threads: list[tuple[int, str, str]], say: Say) -> _Minute:
    with _api(stack) as (port, process):
        async with AsyncExitStack() as open_sockets:
            before = process.memory_info().rss
            say(f"{2 * PAIRS} sockets are opened ...")
            speakers = await _opened(open_sockets, stack, port, threads)
            told = Told()
            hearing = [
                *(asyncio.create_task(_hear(receiver, told)) for _, _, receiver in speakers),
                *(asyncio.create_task(_hear(sender, Told())) for _, sender, _ in speakers),
            ]
            opened = process.memory_info().rss
            say(f"{RATE} messages a second for {SECONDS} s ...")
            used = processor_seconds(stack.info, sockets=process.pid)
            await _speak(speakers, told)
            used = spent(used, processor_seconds(stack.info, sockets=process.pid))
            grown = process.memory_info().rss - before
            for task in hearing:
                task.cancel()
    waits, socket_kib = sorted(told.seconds) or [float("inf")], 2 * PAIRS * 1024
    each = {part: round(1000 * seconds / RATE / SECONDS, 2) for part, seconds in used.items()}
    return _Minute(
        p50_ms=round(waits[len(waits) // 2] * 1000, 1),
        p99_ms=round(waits[int(len(waits) * 0.99)] * 1000, 1),
        slowest_ms=round(waits[-1] * 1000, 1),
        lost=len(told.due),
        told_otherwise=told.unwanted,
        kib_a_socket_opened=round((opened - before) / socket_kib, 1),
        kib_a_socket=round(grown / socket_kib, 1),
        processor_ms={part: spend for part, spend in each.items() if spend >= 0.05},
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
    env = {**known, "REVCARE_KIND": KIND, "REVCARE_PORT": str(port)}
    with stack.folder.log("api_sockets").open("ab") as log:
        words = guarded(sys.executable, "-m", "api.main")
        started = subprocess.Popen(words, cwd=REPOSITORY, env=env, stdout=log, stderr=log)  # noqa: S603 - no shell
    try:
        until("the API of sockets to answer", lambda: answers(f"http://127.0.0.1:{port}/health/live"), _BEGINS_WITHIN)
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
    tokens, slots = tokens_of(running.info), asyncio.Semaphore(_AT_ONCE)

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
    with suppress(TimeoutError):
        async with asyncio.timeout(_LATEST):
            await told.all.wait()
