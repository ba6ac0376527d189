"""A WebSocket of a kind, under the API's own server: it is no request, and what bounds requests must not end it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import orjson
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.frames import Frame, Opcode

from api.app import create_app
from api.http.listener import Server
from kinds.vehicle_service.api import API as VEHICLES
from settings import Settings, Web
from tests.api.test_attacks_slow import GIVEN_UP, answer_to, serving
from tests.kinds.table_reservation.api import API

PATIENCE = 0.3
PATH = "/api/v1/bookings/kitchen"
HANDSHAKE = (
    f"GET {PATH} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
).encode()
KEY = b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"


@asynccontextmanager
async def a_server(kind: Any = API, **web: Any) -> AsyncIterator[Server]:
    settings = Settings(web=Web(port=0, REVCARE_PATIENCE=timedelta(seconds=PATIENCE), **web))
    app = create_app(kind, settings=settings)
    app.state.resources = SimpleNamespace(settings=settings)
    async with serving(app, settings.web, web_sockets=kind.web_sockets) as server:
        yield server


def port_of(server: Server) -> int:
    return int(server.servers[0].sockets[0].getsockname()[1])


def socket_at(port: int, address: str = PATH, **given: Any) -> connect:
    return connect(f"ws://127.0.0.1:{port}{address}", proxy=None, **given)


async def says(socket: ClientConnection, dishes: int) -> int:
    await socket.send(str(dishes))
    return sum([len(await socket.recv()) for _ in range(dishes)])


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[Server]:
    async with a_server(cors_origins=("https://tables.example",), public_url="https://own.example/here") as server:
        yield server


async def slow_head_is_cut(port: int) -> None:
    """Whoever asks for a socket as slowly is cut as well."""
    assert await answer_to(port, HANDSHAKE, b"X-A: b\r\n", every=PATIENCE / 8) == b""


async def test_a_socket_outlives_the_time_of_a_head_and_slow_heads_are_cut_beside_it(server: Server):
    port = port_of(server)
    async with socket_at(port) as silent, socket_at(port) as socket:
        assert await says(socket, 2) == 2000
        for _ in range(3):
            await slow_head_is_cut(port)
        assert await says(socket, 1) == await says(silent, 1) == 1000


async def test_whoever_takes_nothing_from_a_socket_is_cut(server: Server):
    async with socket_at(port_of(server)) as other:
        before = len(server.server_state.connections)
        async with socket_at(port_of(server), max_queue=1, ping_interval=None) as lazy:
            assert len(server.server_state.connections) == before + 1
            await lazy.send("50000")
            async with asyncio.timeout(GIVEN_UP):
                while len(server.server_state.connections) > before:  # noqa: ASYNC110 - a server rings no bell
                    await asyncio.sleep(0.02)
            lazy.transport.abort()
        assert await says(other, 3) == 3000


@pytest.mark.parametrize(
    ("address", "origin", "refusal"),
    [
        (f"{PATH}?token=abc", None, (400, "TokenInAddress")),
        (f"{PATH}?x={'a' * 20}.{'b' * 20}.{'c' * 20}", None, (400, "TokenInAddress")),
        (PATH, "https://evil.example", (403, "ForeignOrigin")),
        (PATH, "null", (403, "ForeignOrigin")),
        (PATH, "https://tables.example.evil.example", (403, "ForeignOrigin")),
        ("/api/v1/nothing", None, (404, "NoSuchRoute")),
        (f"{PATH}?x={'a' * 8_000}", None, (414, "AddressTooLong")),
    ],
)
async def test_what_may_not_be_opened_is_refused_in_the_shape_of_every_error(
    server: Server, address: str, origin: str | None, refusal: tuple[int, str]
):
    with pytest.raises(InvalidStatus) as refused:
        async with socket_at(port_of(server), address, origin=origin):
            pass
    answer = refused.value.response
    assert (answer.status_code, orjson.loads(answer.body)["code"]) == refusal
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_pages_of_ours_and_those_that_are_named_open_a_socket(server: Server):
    port = port_of(server)
    for origin in (None, "https://tables.example", "https://own.example", f"http://127.0.0.1:{port}"):
        async with socket_at(port, f"{PATH}/", origin=origin) as socket:
            assert await says(socket, 1) == 1000


UNREADABLE = {
    "no key": (HANDSHAKE + b"\r\n", 400),
    "another version": (HANDSHAKE.replace(b"13", b"12") + KEY + b"\r\n", 400),
    "very many headers": (HANDSHAKE + KEY + b"".join(b"X-%d: b\r\n" % each for each in range(200)) + b"\r\n", 431),
    "a body": (HANDSHAKE + KEY + b"Content-Length: 2\r\n\r\n{}", 401),
    "another method": (HANDSHAKE.replace(b"GET", b"PUT") + KEY + b"\r\n", 405),
    "behind a request": (b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n" + HANDSHAKE + KEY + b"\r\n", 200),
}


async def test_what_is_no_handshake_is_answered_and_opens_nothing(server: Server):
    answers = await asyncio.gather(*(answer_to(port_of(server), sent) for sent, _ in UNREADABLE.values()))
    statuses = [int(answer.split()[1]) for answer in answers]
    assert dict(zip(UNREADABLE, statuses, strict=True)) == {name: status for name, (_, status) in UNREADABLE.items()}
    assert not any(b"101 Switching" in answer for answer in answers)
    assert all(b'"code":' in answer for answer, status in zip(answers, statuses, strict=True) if status >= 400)


async def test_a_message_has_a_size_and_so_many_pieces(server: Server):
    port = port_of(server)
    async with socket_at(port) as socket:
        await socket.send("1" * 32_769)
        with pytest.raises(ConnectionClosed) as closed:
            await socket.recv()
        assert closed.value.rcvd.code == 1009
    async with socket_at(port) as socket:
        socket.protocol.send_text(b"1", fin=False)
        for _ in range(200):
            socket.protocol.writes.append(Frame(Opcode.CONT, b"", fin=False).serialize(mask=True))
        socket.send_data()
        with pytest.raises(ConnectionClosed) as closed:
            await socket.recv()
        assert closed.value.rcvd.code == 1008


async def test_a_socket_has_the_place_of_its_connection_and_gives_it_back():
    async with a_server(connections=5) as server, AsyncExitStack() as stack:
        port = port_of(server)
        for _ in range(7):
            async with socket_at(port) as socket:
                assert await says(socket, 1) == 1000
        for _ in range(5):
            await stack.enter_async_context(socket_at(port))
        with pytest.raises(InvalidStatus) as refused:
            async with socket_at(port):
                pass
        assert refused.value.response.status_code == 503


async def test_a_kind_without_sockets_takes_the_wish_for_one_as_a_request():
    async with a_server(VEHICLES) as server:
        answer = await answer_to(port_of(server), HANDSHAKE + KEY + b"\r\n")
        assert b" 401 " in answer.partition(b"\r\n")[0]


async def test_a_restart_says_so_to_every_socket():
    async with a_server() as server, socket_at(port_of(server)) as socket:
        assert await says(socket, 1) == 1000
        server.should_exit = True
        with pytest.raises(ConnectionClosed) as closed:
            await socket.recv()
        assert closed.value.rcvd.code == 1012
