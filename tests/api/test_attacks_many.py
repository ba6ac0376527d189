"""Many who each take what is allowed: bodies and connections are bounded in all, and who is too many is told so."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import uvicorn
from uvicorn.server import ServerState

from api.http.places import Places
from api.http.server import GuardedProtocol
from settings import Web
from tests.api.concurrent import until
from tests.api.test_attacks_slow import GIVEN_UP, HEAD, a_server, serving

LARGE = 900_000
"""Of a million that a body may have; the room for strangers has a quarter of sixteen."""
Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def line(port: int, address: str = "127.0.0.1") -> AsyncIterator[Line]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(address, 0))
    try:
        yield reader, writer
    finally:
        writer.close()


async def status_on(
    opened: Line, request: bytes = b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"
) -> tuple[int, bytes]:
    """What is answered on this connection: status, and the whole head."""
    reader, writer = opened
    writer.write(request)
    async with asyncio.timeout(GIVEN_UP):
        head = await reader.readuntil(b"\r\n\r\n")
    return int(head.split()[1]), head.lower()


async def status_from(port: int, address: str, request: bytes = b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n") -> int:
    async with line(port, address) as opened:
        return (await status_on(opened, request))[0]


async def test_of_whoever_has_no_login_no_body_is_waited_for():
    async with a_server() as port, line(port) as opened:
        image = b"POST /api/v1/utils/images HTTP/1.1\r\nHost: x\r\nContent-Length: 5000000\r\n\r\n"
        status, head = await status_on(opened, image + b"-" * 100_000)
        assert (status, b"www-authenticate: bearer" in head) == (401, True)


async def test_all_bodies_together_have_a_size_and_who_comes_later_is_told_to_come_back():
    begun = HEAD + b"Content-Length: 1000000\r\n\r\n" + b" " * LARGE
    small = HEAD + b"Content-Length: 2\r\n\r\n{}"
    async with a_server(patience=GIVEN_UP, max_bodies_bytes=16_000_000) as port:
        async with AsyncExitStack() as stack:
            lines = [await stack.enter_async_context(line(port)) for _ in range(7)]
            answers = [asyncio.create_task(status_on(each, begun)) for each in lines]

            async def four_are_kept() -> bool:
                return sum(each.done() for each in answers) == 3

            await until(four_are_kept)
            told = [each.result() for each in answers if each.done()]
            assert [(status, b"retry-after: " in head) for status, head in told] == [(503, True)] * 3
            assert await status_from(port, "127.0.0.1", small) == 422  # small ones fit between
            for each in answers:
                each.cancel()

        async def has_room() -> bool:
            request = HEAD + b"Content-Length: 900000\r\n\r\n" + b" " * LARGE
            return await status_from(port, "127.0.0.1", request) != 503

        await until(has_room)


async def test_an_address_has_so_many_connections_and_a_proxy_as_many_as_it_brings():
    async with a_server(connections_per_address=3) as port, line(port, "127.0.0.2") as first:
        async with line(port, "127.0.0.2") as second, line(port, "127.0.0.2") as third, line(port, "127.0.0.2") as one:
            refused, head = await status_on(one)
            assert (refused, b"retry-after: " in head, b"connection: close" in head) == (429, True, True)
            assert [(await status_on(each))[0] for each in (first, second, third)] == [200] * 3
            assert await status_from(port, "127.0.0.3") == 200
            assert [await status_from(port, "127.0.0.1") for _ in range(5)] == [200] * 5

        async def has_a_place() -> bool:
            return await status_from(port, "127.0.0.2") == 200

        await until(has_a_place)


async def test_a_process_has_so_many_connections_and_serves_those_that_it_has():
    async with a_server(connections=5) as port, AsyncExitStack() as stack:
        held = [await stack.enter_async_context(line(port)) for _ in range(5)]
        assert (await status_on(held[0]))[0] == 200
        assert await status_from(port, "127.0.0.2") == 503
        assert (await status_on(held[4]))[0] == 200


async def test_however_many_of_one_address_are_refused_others_are_served():
    async with a_server(connections_per_address=3) as port, AsyncExitStack() as stack:
        for _ in range(3 + 150):
            await stack.enter_async_context(line(port, "127.0.0.2"))
        assert [await status_from(port, "127.0.0.3") for _ in range(5)] == [200] * 5


async def test_some_addresses_with_many_connections_leave_places_for_those_with_few():
    async with a_server(connections=24) as port, AsyncExitStack() as stack:
        for turn in range(40):
            await stack.enter_async_context(line(port, f"127.0.0.{6 + turn % 4}"))
        assert await status_from(port, "127.0.0.6") == 503
        assert [await status_from(port, f"127.0.1.{number}") for number in range(1, 9)] == [200] * 8


async def test_who_leaves_after_several_requests_at_once_is_missed_by_the_one_that_is_answered():
    heard: asyncio.Queue[str] = asyncio.Queue()

    async def answering(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await heard.put("asked")
        await heard.put((await receive())["type"])
        try:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await heard.put("nobody")
        except RuntimeError as fault:
            await heard.put(str(fault))

    async with asyncio.timeout(GIVEN_UP), serving(answering, Web(port=0)) as server:
        async with line(server.servers[0].sockets[0].getsockname()[1]) as (_, writer):
            writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 3)
            assert await heard.get() == "asked"
            writer.transport.abort()
        assert [await heard.get(), await heard.get()] == ["http.disconnect", "nobody"]


class Buffer(asyncio.Transport):
    """The server's side of a connection whose client takes ``bytes_a_look`` whenever somebody looks."""

    def __init__(self, bytes_a_look: int) -> None:
        super().__init__({"peername": ("192.0.2.1", 1)})
        self._left, self._taken = 5_000_000, bytes_a_look
        self.looks, self.aborted = 0, asyncio.Event()

    def get_write_buffer_size(self) -> int:
        self.looks, self._left = self.looks + 1, self._left - self._taken
        return self._left

    def is_closing(self) -> bool:
        return self.aborted.is_set()

    def abort(self) -> None:
        self.aborted.set()


async def test_who_reads_a_large_answer_byte_by_byte_is_let_go_and_who_is_only_slow_is_not():
    async def nothing(scope: Any, receive: Any, send: Any) -> None:
        """No request is made."""

    config, places = uvicorn.Config(nothing, interface="asgi3", log_config=None), Places(10, 10, "")
    loop = asyncio.get_running_loop()
    held = {}
    for rate in (10, 600):
        protocol = GuardedProtocol(config, ServerState(), {}, loop, timeout=0.1, places=places)
        held[rate] = Buffer(rate)
        protocol.connection_made(held[rate])
        protocol._head.cancel()
        protocol.pause_writing()
    async with asyncio.timeout(GIVEN_UP):
        await held[10].aborted.wait()
        while held[600].looks < 6:  # noqa: ASYNC110 - looks ring no bell
            await asyncio.sleep(0.01)
    assert not held[600].aborted.is_set()
