"""A second API process beside the stack's own: the same servers, the same keys, a port of its own.

Its way to PostgreSQL leads through this process, so that the news for it can be held up while everything else goes on.
"""

import asyncio
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psutil

from devstack.stack import Stack
from tests.api.concurrent import Api

_REPOSITORY = Path(__file__).parents[2]


class Road:
    """Bytes to and from PostgreSQL; those for connections that listen for invalidations can be made to wait."""

    def __init__(self, host: str, port: int) -> None:
        self._there = host, port
        self._free = asyncio.Event()
        self._free.set()

    @contextmanager
    def held_up(self) -> Iterator[None]:
        """For this long nothing arrives, and nothing says so."""
        self._free.clear()
        try:
            yield
        finally:
            self._free.set()

    async def travel(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        with closing(writer):
            back, forth = await asyncio.open_connection(*self._there)
            listens = asyncio.Event()
            ways = (self._there_way(reader, forth, listens), self._back_way(back, writer, listens))
            await asyncio.gather(*ways, return_exceptions=True)

    async def _there_way(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, listens: asyncio.Event
    ) -> None:
        with closing(writer):
            while part := await reader.read(65536):
                if b'LISTEN "revcare_auth_' in part:
                    listens.set()
                writer.write(part)

    async def _back_way(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, listens: asyncio.Event
    ) -> None:
        with closing(writer):
            while part := await reader.read(65536):
                if listens.is_set():
                    await self._free.wait()
                writer.write(part)


class SecondApi(Api):
    """The second process, asked like the first."""

    pid: int
    road: Road


@asynccontextmanager
async def second_api(stack: Stack) -> AsyncIterator[SecondApi]:
    """It answers when the block begins, and is gone when it ends."""
    postgres = urlsplit(stack.info["postgres"])
    road = Road(str(postgres.hostname), int(postgres.port or 5432))
    server = await asyncio.start_server(road.travel, "127.0.0.1", 0)
    way = postgres._replace(netloc=postgres.netloc.replace(f":{postgres.port}", f":{_port(server)}"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = psutil.Process(stack.pid("api")).environ() | {"REVCARE_PORT": str(port), "POSTGRESQL_URL": way.geturl()}
    process = _started(env, stack.folder.log("second_api"))
    try:
        async with SecondApi({**stack.info, "api": f"http://127.0.0.1:{port}"}) as api:
            api.pid, api.road = process.pid, road
            async with asyncio.timeout(60):
                while not await _answers(api):
                    assert process.poll() is None, stack.folder.log("second_api").read_text()[-2000:]
                    await asyncio.sleep(0.05)
            yield api
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            await asyncio.to_thread(process.wait, 15)
        process.kill()
        process.wait()
        server.close()


def _port(server: asyncio.Server) -> int:
    return int(server.sockets[0].getsockname()[1])


def _started(env: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    with log.open("ab") as output:
        words = [sys.executable, "-m", "api.main"]
        return subprocess.Popen(words, cwd=_REPOSITORY, env=env, stdout=output, stderr=subprocess.STDOUT)


async def _answers(api: Api) -> bool:
    with suppress(httpx.TransportError):
        return (await api.ask("GET", "/health/ready")).status_code == 200
    return False
