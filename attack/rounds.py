"""One side of a round: customers go on while somebody attacks, the product or a bare listener beside it."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import asyncpg  # type: ignore[import-untyped]
import orjson

from attack.customers import Asked, Customers
from attack.preparation import Prepared
from attack.scenario import BACK_WITHIN, Scenario
from attack.watch import Held, Watch
from bench.stacks import Info, guarded
from devstack.parts.base import REPOSITORY
from kinds.vehicle_service.postgres.storage import STORAGE

_LOCK = f"SELECT 1 FROM {STORAGE.schema}.users WHERE id = $1 FOR UPDATE"  # noqa: S608 - a name of ours
_FORGET = f"DELETE FROM {STORAGE.schema}.login_attempts"  # noqa: S608
_NOTHING = Held(0, 0.0, 0)
_ENOUGH = 10.0
"""Seconds that the attackers' process may take to begin."""


@dataclass(slots=True)
class Seen:
    """What became of one side: what customers asked for while it lasted and ``after`` all should be as before, what the
    attackers got, and what the API's process held before, at most, and ``later``, when all should be as before."""

    during: list[Asked] = field(default_factory=list)
    after: list[Asked] = field(default_factory=list)
    attackers: dict[str, int] = field(default_factory=dict)
    before: Held = _NOTHING
    most: Held = _NOTHING
    later: Held = _NOTHING


async def attacked(
    info: Info, there: Prepared, url: str, scenario: Scenario, *, back: float = BACK_WITHIN, after: float = 0.0
) -> Seen:
    """Attack ``url`` for as long as the scenario says; ``back`` seconds after the end all should be as before.
    Customers go on for ``after`` seconds more."""
    seen, customers = Seen(), Customers(there.customers, scenario.every)
    watch = Watch(info["processes"]["api"], info["api"])
    looking = asyncio.create_task(watch.run())
    customers.begin()
    try:
        async with _lock_held(info, there.locked, url):
            async with _attackers(there.told(url, scenario)) as seen.attackers:
                began = time.monotonic()
                await asyncio.sleep(scenario.seconds)
            ended = time.monotonic()
        await asyncio.sleep(back)
        seen.later = watch.now()
        await asyncio.sleep(after)
        await customers.end()
    finally:
        looking.cancel()
        with suppress(asyncio.CancelledError):
            await looking
    seen.before, seen.most = watch.before, watch.most
    seen.during = customers.asked(began, ended)
    seen.after = customers.asked(ended + back, time.monotonic())
    return seen


def faults(asked: Sequence[Asked]) -> list[str]:
    """What was refused or cut off, each with how often."""
    found: dict[str, int] = {}
    for one in asked:
        if one.fault:
            found[f"{one.what}: {one.fault}"] = found.get(f"{one.what}: {one.fault}", 0) + 1
    return [f"{number} x {fault}" for fault, number in found.items()]


async def forget_failures(info: Info) -> None:
    """Nothing is counted against the attackers yet: each round begins like the first one."""
    connection = await asyncpg.connect(info["postgres"])
    try:
        await connection.execute(_FORGET)
    finally:
        await connection.close()


@asynccontextmanager
async def _lock_held(info: Info, person: str, url: str) -> AsyncIterator[None]:
    """A transaction that does not end has somebody's row; not while another is attacked than the product."""
    if url != info["api"]:
        yield
        return
    connection = await asyncpg.connect(info["postgres"])
    try:
        async with connection.transaction():
            await connection.execute(_LOCK, person)
            yield
    finally:
        await connection.close()


@asynccontextmanager
async def _attackers(told: dict[str, Any]) -> AsyncIterator[dict[str, int]]:
    """Their process, once it has begun; yields what became of their requests, which is complete when it has ended."""
    words = guarded(sys.executable, "-m", "attack.attackers")
    process = await asyncio.create_subprocess_exec(
        *words, cwd=REPOSITORY, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018 - for the types
    seen: dict[str, int] = {}

    async def listen(lines: asyncio.StreamReader) -> None:
        while line := await lines.readline():
            seen.update(orjson.loads(line))

    try:
        process.stdin.write(orjson.dumps(told) + b"\n")
        async with asyncio.timeout(_ENOUGH):
            seen.update(orjson.loads(await process.stdout.readline()))
        listening = asyncio.create_task(listen(process.stdout))
        yield seen
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
    await listening
