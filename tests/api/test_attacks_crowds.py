"""Few who hold very many connections, or send very many requests: those who have few of either are served."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
import uvloop

from api.dependencies import FOUND
from api.http.listener import HELD, Listener
from api.http.shares import ALWAYS, WAITING, Shared, Shares
from domain.errors import TooMany
from settings import Web
from tests.api.concurrent import until
from tests.api.test_attacks_many import Line, line, status_from, status_on
from tests.api.test_attacks_slow import GIVEN_UP, HEAD, a_server, serving

GREEDY, CUSTOMER = "127.0.0.66", "127.0.2.1"


class Kitchen:
    """An application that answers what it has begun when it is told to."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.done = asyncio.Event()

    async def __call__(self, scope: Any, _receive: Any, send: Any) -> None:
        self.begun.append(scope["client"][0])
        if scope["path"] == "/slow":
            await self.done.wait()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})


@asynccontextmanager
async def lines(port: int, address: str, number: int) -> AsyncIterator[list[Line]]:
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(line(port, address)) for _ in range(number)]


async def must_be_ended(held: list[Line], wanted: list[bool]) -> None:
    async def are_as_wanted() -> bool:
        return [reader.at_eof() for reader, _ in held] == wanted

    await until(are_as_wanted)


async def test_who_holds_idle_connections_keeps_out_nobody_who_has_fewer():
    async with AsyncExitStack() as stack:
        port = await stack.enter_async_context(a_server(connections=16, patience=10 * GIVEN_UP))
        held = await stack.enter_async_context(lines(port, GREEDY, 12))
        for number in range(1, 13):
            customer = await stack.enter_async_context(line(port, f"127.0.2.{number}"))
            assert (await status_on(customer))[0] == 200
        await must_be_ended(held, [True] * 8 + [False] * 4)  # the oldest
        assert await status_from(port, GREEDY) == 503, "nobody has clearly more than they have"


async def test_what_is_worked_on_is_finished_and_a_body_that_does_not_come_is_not_waited_for():
    kitchen = Kitchen()

    async def reads_first(scope: Any, receive: Any, send: Any) -> None:
        while scope["method"] == "POST" and (await receive()).get("more_body"):
            pass
        await kitchen(scope, receive, send)

    async with serving(reads_first, Web(port=0, connections=8)) as server:
        port = server.servers[0].sockets[0].getsockname()[1]
        async with lines(port, GREEDY, 6) as held:
            for _, writer in held[:3]:
                writer.write(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
            for _, writer in held[3:]:
                writer.write(HEAD + b"Content-Length: 9\r\n\r\n{")

            async def are_begun() -> bool:
                return len(kitchen.begun) == 3

            await until(are_begun)
            async with AsyncExitStack() as stack:
                for number in range(1, 5):
                    customer = await stack.enter_async_context(line(port, f"127.0.2.{number}"))
                    assert (await status_on(customer))[0] == 200
                kitchen.done.set()
                for reader, _ in held[:3]:
                    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")
                await must_be_ended(held[3:], [True, True, False])


class Taken:
    """Who connects while the loop stands still, in the order in which they are begun with, and in how many turns; the
    first ``gone`` hang up at once."""

    def __init__(self, crowd: list[str], proxy: str = "", gone: int = 0) -> None:
        self.crowd, self.proxy, self.gone, self.turns = crowd, proxy, gone, 0
        self.order: list[str] = []

    async def until(self, enough: Callable[[list[str]], bool]) -> None:
        taken = self

        class Noted(asyncio.Protocol):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                taken.order.append(transport.get_extra_info("peername")[0])
                transport.close()

        listening = socket.create_server(("127.0.0.1", 0), backlog=len(self.crowd))
        listening.setblocking(False)
        listener = Listener(listening, Noted, self.proxy)
        sockets = [socket.create_connection(listening.getsockname(), source_address=(each, 0)) for each in self.crowd]
        for each in sockets[: self.gone]:
            each.close()
        async with asyncio.timeout(GIVEN_UP):
            while not enough(self.order):
                await asyncio.sleep(0)
                self.turns += 1
        for each in sockets:
            each.close()
        listener.close()


def test_a_crowd_is_taken_some_in_each_turn_of_the_loop():
    crowd = Taken([GREEDY] * 200)
    uvloop.run(crowd.until(lambda order: len(order) == 200))
    assert crowd.turns <= 100


def test_of_a_crowd_before_them_customers_are_taken_in_turn():
    crowd = Taken([GREEDY] * 2 * HELD + [CUSTOMER, "127.0.2.2"])
    uvloop.run(crowd.until(lambda order: {CUSTOMER, "127.0.2.2"} <= {*order}))
    assert len(crowd.order) < HELD / 4, "the rest waits behind them, or was hung up on"


def test_who_has_hung_up_already_is_not_begun_with():
    crowd = Taken([GREEDY] * 100 + [CUSTOMER], gone=100)
    uvloop.run(crowd.until(lambda order: CUSTOMER in order))
    assert crowd.order == [CUSTOMER]


def test_whom_a_trusted_proxy_brings_waits_and_is_never_hung_up_on():
    crowd = Taken([GREEDY] * 2 * HELD, proxy=GREEDY)
    uvloop.run(crowd.until(lambda order: len(order) == 2 * HELD))


def asking(app: Any, address: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app, client=(address, 1)), base_url="http://revcare")


async def test_who_sends_very_many_requests_waits_for_their_own_and_nobody_else_does():
    kitchen = Kitchen()
    shared = Shared(kitchen, Shares(16, ""))
    async with asking(shared, GREEDY) as greedy, asking(shared, CUSTOMER) as customer:
        sent = [asyncio.create_task(greedy.get("/slow")) for _ in range(20)]

        async def are_begun() -> bool:
            return len(kitchen.begun) == 5

        await until(are_begun)
        assert (await customer.get("/")).status_code == 200
        assert kitchen.begun == [GREEDY] * 5 + [CUSTOMER]
        kitchen.done.set()
        assert [answer.status_code for answer in await asyncio.gather(*sent)] == [200] * 20


async def test_so_many_requests_wait_and_whoever_gives_up_leaves_the_place_to_the_next():
    shares = Shares(6, "")
    for _ in range(ALWAYS):
        await shares.take(GREEDY)
    waiting = [asyncio.create_task(shares.take(GREEDY)) for _ in range(WAITING)]
    await asyncio.sleep(0)
    with pytest.raises(TooMany):
        await shares.take(GREEDY)
    for each in waiting[:-1]:
        each.cancel()
    shares.back(GREEDY)
    async with asyncio.timeout(GIVEN_UP):
        await waiting[-1]
    for _ in range(ALWAYS):
        shares.back(GREEDY)
    await shares.take(GREEDY)


def test_people_who_are_logged_in_have_shares_of_their_own_wherever_they_are():
    shares = Shares(16, "10.0.0.1")
    person = {FOUND: SimpleNamespace(row=SimpleNamespace(id="CST000777"))}
    owners = [
        shares.owner({"client": (GREEDY, 1), **person}),
        shares.owner({"client": (GREEDY, 2)}),
        shares.owner({"client": ("2001:db8::1", 1)}),
        shares.owner({"client": ("2001:db8::2", 1)}),
        shares.owner({"client": ("10.0.0.1", 1), **person}),
    ]
    assert owners == ["CST000777", GREEDY, "2001:db8::/64", "2001:db8::/64", None]
