"""A second API process beside the stack's own: the same servers, the same keys, a port of its own.

Its connections to PostgreSQL are relayed by this process, so that notifications can be held back while all goes on.
"""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx
import psutil

from devstack.stack import Stack
from tests.api.concurrent import Api
from tests.api_process import free_port
from tests.relay import Relay, relayed

_REPOSITORY = Path(__file__).parents[2]


class SecondApi(Api):
    """The second process, asked like the first."""

    pid: int
    relay: Relay


@asynccontextmanager
async def second_api(stack: Stack) -> AsyncIterator[SecondApi]:
    """It answers when the block begins, and is gone when it ends."""
    port = free_port()
    async with relayed(stack.info["postgres"]) as (relay, url):
        env = psutil.Process(stack.pid("api")).environ() | {"REVCARE_PORT": str(port), "POSTGRESQL_URL": url}
        process = _started(env, stack.folder.log("second_api"))
        try:
            async with SecondApi({**stack.info, "api": f"http://127.0.0.1:{port}"}) as api:
                api.pid, api.relay = process.pid, relay
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


def _started(env: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    with log.open("ab") as output:
        words = [sys.executable, "-m", "api.main"]
        return subprocess.Popen(words, cwd=_REPOSITORY, env=env, stdout=output, stderr=subprocess.STDOUT)


async def _answers(api: Api) -> bool:
    with suppress(httpx.TransportError):
        return (await api.ask("GET", "/health/ready")).status_code == 200
    return False
