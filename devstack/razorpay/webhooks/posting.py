"""HTTP/1.1 for webhooks, with a parser in C: a general client takes more processor for a delivery than the sandbox
takes for the operation that it tells of, and the product runs on the same processors."""

import asyncio
from functools import lru_cache
from typing import Any, cast

import httpx
from httptools import HttpParserError, HttpResponseParser

_IDLE = 2.0  # seconds after which a connection is not used again: a server may be about to close it


class Posts:
    """POSTs of which only the status counts, over connections that are kept; fails with httpx's errors."""

    def __init__(self) -> None:
        self._idle: dict[str, list[_Connection]] = {}

    async def post(self, url: str, body: bytes, headers: dict[str, str]) -> int:
        """The status with which it was answered, once the answer is complete. The caller limits the time."""
        place = _place(url)
        connection = self._kept(url) or await _connected(place)
        try:
            status = await connection.ask(_request(place, body, headers))
        except BaseException:
            connection.close()
            raise
        if connection.usable:
            self._idle.setdefault(url, []).append(connection)
        return status

    def close(self) -> None:
        """Let go of the connections."""
        for connection in [each for idle in self._idle.values() for each in idle]:
            connection.close()
        self._idle.clear()

    def _kept(self, url: str) -> "_Connection | None":
        idle = self._idle.get(url, [])
        oldest = asyncio.get_running_loop().time() - _IDLE
        while idle:
            connection = idle.pop()
            if connection.usable and connection.since > oldest:
                return connection
            connection.close()
        return None


@lru_cache
def _place(url: str) -> httpx.URL:
    place = httpx.URL(url)
    if place.scheme not in {"http", "https"} or not place.host:
        raise httpx.UnsupportedProtocol(f"{url} cannot be posted to")
    return place


def _request(place: httpx.URL, body: bytes, headers: dict[str, str]) -> bytes:
    more = {"Host": place.netloc.decode(), "Accept": "*/*", **headers, "Content-Length": str(len(body))}
    lines = "".join(f"{name}: {value}\r\n" for name, value in more.items())
    return b"POST %b HTTP/1.1\r\n%b\r\n%b" % (place.raw_path, lines.encode("latin-1"), body)


async def _connected(place: httpx.URL) -> "_Connection":
    secure = place.scheme == "https"
    host, port = place.raw_host.decode(), place.port or (443 if secure else 80)
    try:
        made = await asyncio.get_running_loop().create_connection(_Connection, host, port, ssl=secure or None)
    except OSError as failure:
        raise httpx.ConnectError("All connection attempts failed") from failure
    return made[1]


class _Connection(asyncio.Protocol):
    """One connection, with one request at a time."""

    _transport: asyncio.Transport

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._answer: asyncio.Future[int] | None = None
        self.usable = True
        self.since = 0.0
        """When its last answer was complete, on the loop's clock."""

    async def ask(self, request: bytes) -> int:
        self._parser: Any = HttpResponseParser(self)
        self._answer = self._loop.create_future()
        self._ends_with_connection = False
        self._transport.write(request)
        return await self._answer

    def close(self) -> None:
        self.usable = False
        self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by its type

    def data_received(self, data: bytes) -> None:
        if self._answer is None or self._answer.done():
            self.close()  # nobody asked
            return
        try:
            self._parser.feed_data(data)
        except HttpParserError as failure:
            self._fail(httpx.RemoteProtocolError(str(failure)))
            self.close()

    def connection_lost(self, failure: Exception | None) -> None:
        self.usable = False
        if failure is None and self._ends_with_connection:
            self.on_message_complete()
        self._fail(httpx.ReadError(str(failure)) if failure else httpx.RemoteProtocolError("the server hung up"))

    def on_message_begin(self) -> None:
        self._framed = False

    def on_header(self, name: bytes, _: bytes) -> None:
        self._framed = self._framed or name.lower() in {b"content-length", b"transfer-encoding"}

    def on_headers_complete(self) -> None:
        self._ends_with_connection = not self._framed

    def on_message_complete(self) -> None:
        self.usable = self.usable and self._parser.should_keep_alive()
        self.since = self._loop.time()
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(self._parser.get_status_code())

    def _fail(self, failure: Exception) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(failure)
