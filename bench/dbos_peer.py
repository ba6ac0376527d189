"""DBOS as a side of the comparison: the same calls of others for the same number of versions."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]
import orjson
from sqlalchemy import make_url

from bench.clients import Http
from bench.peers import NotInstalled, installed
from bench.results import Round, Say
from bench.stacks import Info, guarded, processor_seconds, spent

APPLICATION = Path(__file__).with_name("peers") / "dbos_app.py"
DATABASE = "bench_dbos"
_CALLS = (8, 9, 10, 14, 15)
"""The versions of a life with which the provider is called: as often as the product calls it in a life."""
_NOTE = "what a transition says " * 10
_READY_WITHIN, _QUIET_WITHIN = 60, 120


class Dbos:
    """The peer, as one side of the comparison."""

    def __init__(self, info: Info, http: Http, pid: int) -> None:
        self._info, self._http, self._pid = info, http, pid
        self._turn = 0

    async def round(self, at_once: int, subjects: int, versions: int, mails: int) -> Round:
        """``subjects`` with so many ``versions`` and ``mails`` each, ``at_once`` of them at any time."""
        self._turn += 1
        gate = asyncio.Semaphore(at_once)
        before, began = processor_seconds(self._info, dbos=self._pid), time.perf_counter()
        lives = (f"bench-{self._turn}-{number}-{time.time_ns()}" for number in range(subjects))
        await asyncio.gather(*(self._live(gate, subject, versions, mails) for subject in lives))
        async with asyncio.timeout(_QUIET_WITHIN):
            while orjson.loads((await self._http.send("GET", "/quiet"))[1])["waiting"]:  # noqa: ASYNC110 - of another process
                await asyncio.sleep(0.05)
        seconds = time.perf_counter() - began
        return Round(subjects * versions, seconds, spent(before, processor_seconds(self._info, dbos=self._pid)))

    async def _live(self, gate: asyncio.Semaphore, subject: str, versions: int, mails: int) -> None:
        async with gate:
            for version in range(1, versions + 1):
                asked = {
                    "subject": subject,
                    "version": version,
                    "note": _NOTE,
                    "provider": version in _CALLS,
                    "mails": mails * version // versions - mails * (version - 1) // versions,
                }
                status, answer = await self._http.send("POST", "/transition", body=asked)
                if status != 200:
                    raise RuntimeError(f"DBOS answers {status}: {answer[:200]!r}")


@asynccontextmanager
async def dbos_server(info: Info, say: Say) -> AsyncIterator[tuple[Http, int]]:
    """Its process, with a database of its own on the same PostgreSQL.

    Raises:
        NotInstalled: the packages cannot be had.
    """
    programs = await asyncio.to_thread(installed, say)
    address = make_url(info["postgres"])
    admin = await asyncpg.connect(info["postgres"])
    await admin.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
    await admin.execute(f"CREATE DATABASE {DATABASE}")
    await admin.close()
    own = address.set(database=DATABASE).render_as_string(hide_password=False)
    provider = info["razorpay"]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    words = [str(port), own, info["mail"]["smtp"], provider["base_url"], provider["key_id"], provider["key_secret"]]
    process = await asyncio.create_subprocess_exec(*guarded(str(programs / "python"), str(APPLICATION), *words))
    http = Http(f"http://127.0.0.1:{port}")
    try:
        async with asyncio.timeout(_READY_WITHIN):
            while not await _answers(http):
                if process.returncode is not None:
                    raise NotInstalled(f"its process ended with code {process.returncode}")
                await asyncio.sleep(0.1)
        yield http, process.pid
    finally:
        await http.close()
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def _answers(http: Http) -> bool:
    try:
        return (await http.send("GET", "/quiet"))[0] == 200
    except OSError:
        return False
