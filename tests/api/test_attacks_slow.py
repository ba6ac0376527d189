"""Clients that hold on to a connection and give or take nothing: each is let go, and meanwhile others are served."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from functools import cache
from types import SimpleNamespace

import httpx
import pytest
from fastapi import FastAPI
from starlette.types import ASGIApp

from api.app import create_app
from api.http.listener import Server
from api.http.server import configured
from kinds.vehicle_service.api import API
from settings import Settings, Web

TIMEOUT = 0.4
GIVEN_UP = 20.0
"""Seconds after which a connection counts as held for ever: fifty times as long as it may be."""

HEAD = b"POST /api/v1/customers/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


@asynccontextmanager
async def a_server(patience: float = TIMEOUT, **web: int) -> AsyncIterator[int]:
    """The API's own server and application, without stores and with a short client timeout; yields the port."""
    given = Web(port=0, REVCARE_PATIENCE=timedelta(seconds=patience), **web)
    app = application(patience, **{name: value for name, value in web.items() if not name.startswith("connections")})
    async with serving(app, given) as server:
        yield server.servers[0].sockets[0].getsockname()[1]


@cache
def application(patience: float, **web: int) -> FastAPI:
    """One for all servers that differ in their connections only: to make one takes half a second."""
    settings = Settings(web=Web(port=0, REVCARE_PATIENCE=timedelta(seconds=patience), **web))
    app = create_app(API, settings=settings)
    app.state.resources = SimpleNamespace(settings=settings)
    return app


@asynccontextmanager
async def serving(app: ASGIApp, web: Web, *, web_sockets: bool = False) -> AsyncIterator[Server]:
    """The API's own server, with any application."""
    config = configured(app, web, web_sockets=web_sockets)
    config.lifespan = "off"
    server = Server(config)
    running = asyncio.create_task(server._serve())
    while not server.started:  # noqa: ASYNC110 - a server rings no bell
        await asyncio.sleep(0.01)
    yield server
    server.should_exit = server.force_exit = True
    await running


@pytest.fixture(scope="module")
async def port() -> AsyncIterator[int]:
    async with a_server() as port:
        yield port


async def answer_to(port: int, first: bytes, drop: bytes = b"", every: float = TIMEOUT / 8) -> bytes:
    """All that comes back until the server closes; after ``first`` a ``drop`` at a time trickles in.

    Raises:
        TimeoutError: it never closes.
    """
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    async def trickle() -> None:
        with suppress(OSError):
            while drop:
                await asyncio.sleep(every)
                writer.write(drop)
                await writer.drain()

    writer.write(first)
    trickling = asyncio.create_task(trickle())
    received = b""
    try:
        async with asyncio.timeout(GIVEN_UP):
            # What came is an answer also when a reset follows it: the server closes before it has read every drop.
            with suppress(ConnectionResetError):
                while piece := await reader.read(65_536):
                    received += piece
            return received
    finally:
        trickling.cancel()
        writer.close()


HEADS = {
    "nothing": (b"", b""),
    "half a line": (b"GET /health/live HT", b""),
    "headers without end": (b"GET /health/live HTTP/1.1\r\n", b"X-A: b\r\n"),
    "a header without end": (b"GET /health/live HTTP/1.1\r\nHost: x\r\nX-Long: ", b"x"),
    "a second head": (b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\nGET /health/live HT", b"T"),
    "a body nobody wants": (b"GET /health/live HTTP/1.1\r\nHost: x\r\nContent-Length: 9999\r\n\r\n", b"x"),
    "pieces nobody wants": (
        b"GET /health/live HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"1\r\nx\r\n",
    ),
}
BODIES = {
    "a byte of it": (b"Content-Length: 100000\r\n\r\n{", b""),
    "much of it at once": (b"Content-Length: 900000\r\n\r\n{" + b" " * 150_000, b""),
    "a byte at a time": (b"Content-Length: 100000\r\n\r\n{", b" "),
    "pieces without end": (b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    "a piece's head without end": (b"Transfer-Encoding: chunked\r\n\r\n9;", b"x"),
    "a promise": (b"Content-Length: 100000\r\nExpect: 100-continue\r\n\r\n", b""),
    "too large": (b"Content-Length: 9999999\r\n\r\n{", b" "),
}


async def answers_to(port: int, requests: dict[str, tuple[bytes, bytes]]) -> dict[str, bytes]:
    answers = await asyncio.gather(*(answer_to(port, *request) for request in requests.values()))
    return dict(zip(requests, answers, strict=True))


async def test_a_head_that_does_not_end_is_not_waited_for(port: int):
    answers = await answers_to(port, HEADS)
    whole = {name: 1 if b"\r\n\r\n" in first else 0 for name, (first, _) in HEADS.items()}
    assert {name: answer.count(b"HTTP/1.1 200 OK") for name, answer in answers.items()} == whole


async def test_a_body_that_does_not_end_is_told_so_and_not_waited_for(port: int):
    """Who goes on sending may see the line break before the answer is read."""
    answers = await answers_to(port, {name: (HEAD + rest, drop) for name, (rest, drop) in BODIES.items()})
    broken = {name for name, (_, drop) in BODIES.items() if drop and not answers[name]}
    for name in BODIES.keys() - broken:
        assert b"HTTP/1.1 408 Request Timeout" in answers[name], name
        assert b'"code":"TooSlow"' in answers[name], name
        assert b"connection: close" in answers[name].lower(), name


async def test_an_answer_that_nobody_reads_is_not_kept(port: int):
    """Asked for again and again, so that it fills every buffer on the way."""
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=None) as client:
        assert (await client.get("/openapi.json")).status_code == 200  # made now, which may take a busy machine long
    _, writer = await asyncio.open_connection("127.0.0.1", port, limit=1)
    try:
        async with asyncio.timeout(GIVEN_UP):
            with suppress(ConnectionError):
                while True:
                    writer.write(b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 8)
                    await writer.drain()
                    await asyncio.sleep(TIMEOUT / 8)
    finally:
        writer.close()


async def test_who_is_only_slow_is_served(port: int):
    body = b'{"name": "' + b"x" * 20_000

    async def pieces() -> AsyncIterator[bytes]:
        for at in range(0, len(body), 2_000):
            yield body[at : at + 2_000]
            await asyncio.sleep(TIMEOUT / 8)

    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        answer = await client.post("/api/v1/customers/", content=pieces())
    assert answer.status_code in (400, 422)


async def test_hundreds_who_hold_on_keep_nobody_out(port: int):
    held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(300)]
    for _, writer in held:
        writer.write(HEAD)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        assert (await client.get("/health/live")).status_code == 200
    async with asyncio.timeout(GIVEN_UP):
        for reader, writer in held:
            with suppress(ConnectionResetError):
                assert await reader.read() == b""
            writer.close()
