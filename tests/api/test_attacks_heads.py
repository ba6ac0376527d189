"""Heads that do not end, that are larger than anybody needs, or that bring more than a head."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from tests.api.test_attacks_slow import GIVEN_UP, a_server, answer_to

LIVE = b"GET /health/live HTTP/1.1\r\nHost: x\r\n"


@pytest.fixture(scope="module")
async def port() -> AsyncIterator[int]:
    async with a_server() as port:
        yield port


@pytest.mark.parametrize("begun", [b"GET /", LIVE + b"X-Long: ", LIVE + b"X: y\r\n" * 9], ids=["path", "one", "many"])
async def test_a_head_is_read_up_to_a_size(port: int, begun: bytes):
    """Whether it is the address that goes on, one field or one field after the other."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    more = b"X: y\r\n" * 2_000 if begun.endswith(b"\n") else b"x" * 10_000
    writer.write(begun)
    sent, ended = 0, asyncio.ensure_future(reader.read())
    async with asyncio.timeout(GIVEN_UP):
        while not ended.done():
            writer.write(more)
            sent += len(more)
            await asyncio.wait([ended], timeout=0.001)
    answer = b"" if ended.exception() else ended.result()
    writer.close()
    assert answer == b"" or answer.startswith(b"HTTP/1.1 400 ")
    assert sent < 4_000_000, "what is on its way counts too"


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (LIVE + b"X-Long: " + b"x" * 31_000, 200),
        (LIVE + b"X-Long: " + b"x" * 33_000, 431),
        (LIVE + b"X: y\r\n" * 9_000 + b"Z: y", 431),
        (b"GET /" + b"x" * 8_500 + b" HTTP/1.1\r\nHost: x", 414),
        (b"GET /health/live HTTP/1.1\r\nX: y", 400),
        (b"GET /health/live HTTP/1.0\r\nX: y", 200),
        (b"GET /health/live HTTP/2.0\r\nHost: x", 400),
    ],
    ids=["large", "too large", "too many", "long path", "no host", "HTTP/1.0", "HTTP/2.0"],
)
async def test_what_is_too_large_or_unclear_is_refused_in_words(port: int, head: bytes, status: int):
    answer = await answer_to(port, head.rstrip(b"\r\n") + b"\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 %d " % status)
    assert status == 200 or b'"detail"' in answer


NOBODYS = {
    "unknown": b"POST /nope HTTP/1.1\r\nHost: x\r\n",
    "method": b"POST /health/live HTTP/1.1\r\nHost: x\r\n",
    "stranger": b"POST /api/v1/bookings/ HTTP/1.1\r\nHost: x\r\n",
}


@pytest.mark.parametrize(
    "head",
    [pytest.param(head, id=who, marks=[] if who == "stranger" else pytest.mark.long) for who, head in NOBODYS.items()],
)
async def test_a_body_that_nobody_wants_is_thrown_away_up_to_a_size(head: bytes):
    """However fast it comes: the server has all the time there is."""
    async with a_server(patience=10 * GIVEN_UP) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(head + b"Transfer-Encoding: chunked\r\n\r\n")
        answer = await reader.readuntil(b"\r\n\r\n")
        piece, sent = b"10000\r\n" + b"x" * 0x10000 + b"\r\n", 0
        async with asyncio.timeout(GIVEN_UP):
            with suppress(ConnectionError):
                while sent < 60_000_000:
                    writer.write(piece)
                    await writer.drain()
                    sent += len(piece)
        writer.close()
    assert answer.startswith((b"HTTP/1.1 404 ", b"HTTP/1.1 405 ", b"HTTP/1.1 401 "))
    assert 15_500_000 < sent < 40_000_000, "the largest picture fits; what is on its way counts too"


@pytest.mark.parametrize("head", NOBODYS.values(), ids=NOBODYS.keys())
async def test_who_asks_before_sending_and_is_refused_begins_anew(port: int, head: bytes):
    """Or what follows would be a body for one side, and the next request for the other."""
    answer = await answer_to(port, head + b"Content-Length: 99\r\nExpect: 100-continue\r\n\r\n" + LIVE + b"\r\n")
    assert answer.count(b"HTTP/1.1 ") == 1
    assert b"\r\nconnection: close\r\n" in answer.lower()


async def test_fields_behind_a_body_are_no_head(port: int):
    head = b"POST /api/v1/customers/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n"
    fields = b"".join(b"X-%d: %s\r\n" % (number, b"y" * 1000) for number in range(40))
    answers = [await answer_to(port, head + b"\r\n0\r\n" + each + b"\r\n") for each in (b"", fields)]
    assert [answer[:13] for answer in answers] == [b"HTTP/1.1 422 "] * 2


async def test_a_wish_for_another_protocol_is_answered_in_ours_and_ends_the_connection(port: int):
    wish = LIVE + b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQ\r\n\r\n"
    answer = await answer_to(port, wish + LIVE + b"\r\n")
    assert answer.count(b"HTTP/1.1 ") == 1
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"connection: close" in answer


async def test_some_requests_may_be_sent_ahead_and_thousands_may_not(port: int):
    last = LIVE + b"Connection: close\r\n\r\n"
    answer = await answer_to(port, (LIVE + b"\r\n") * 50 + last)
    assert answer.count(b"HTTP/1.1 200 OK") == 51
    answer = await answer_to(port, (LIVE + b"\r\n") * 4_000 + last)
    assert answer.count(b"HTTP/1.1 200 OK") < 4_001
