"""HTTP/1.1 for ``Api``, with a parser in C: with httpx's own transport a test spends more on a request than the API."""

import asyncio
import select
from typing import Any

import httpx
from httptools import HttpParserError, HttpResponseParser


class Connections(httpx.AsyncBaseTransport):
    """As many connections as there are questions at once, kept for the next ones. Answers are read whole."""

    def __init__(self) -> None:
        self._idle: dict[tuple[str, int], list[_Connection]] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        waits = request.extensions.get("timeout", {}).get("read")
        try:
            async with asyncio.timeout(waits):
                return await self._answer(request)
        except TimeoutError:
            raise httpx.ReadTimeout(f"no answer within {waits} s", request=request) from None

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        place = (request.url.host, request.url.port or 80)
        idle = self._idle.setdefault(place, [])
        while idle and idle[-1].was_hung_up():
            idle.pop().close()
        connection = idle.pop() if idle else await _connected(*place)
        try:
            answer = await connection.ask(request)
        except BaseException:
            connection.close()
            raise
        if connection.usable:
            idle.append(connection)
        return answer

    async def aclose(self) -> None:
        for connection in [each for idle in self._idle.values() for each in idle]:
            connection.close()
        self._idle.clear()
        await asyncio.sleep(0)  # the loop closes them in its next turn


async def _connected(host: str, port: int) -> "_Connection":
    try:
        return (await asyncio.get_running_loop().create_connection(_Connection, host, port))[1]
    except OSError as failure:
        raise httpx.ConnectError(str(failure)) from failure


class _Connection(asyncio.Protocol):
    """One connection, with one question at a time."""

    _transport: asyncio.Transport

    def __init__(self) -> None:
        self.usable = True
        self._answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def close(self) -> None:
        self.usable = False
        self._answer.cancel()
        self._transport.close()

    def was_hung_up(self) -> bool:
        """Asked of the socket, too: the loop stands still during tests without one, and hears of it later."""
        if not self.usable:
            return True
        ready = select.poll()
        ready.register(self._transport.get_extra_info("socket"), select.POLLIN)
        return bool(ready.poll(0))

    async def ask(self, request: httpx.Request) -> httpx.Response:
        self._answer = asyncio.get_running_loop().create_future()
        self._parser: Any = HttpResponseParser(self)
        self._headers: list[tuple[bytes, bytes]] = []
        self._body = bytearray()
        self._no_body = request.method == "HEAD"
        await self._send(request)
        await self._answer
        if not self.usable:
            self.close()
        return httpx.Response(self._parser.get_status_code(), headers=self._headers, content=bytes(self._body))

    async def _send(self, request: httpx.Request) -> None:
        target = request.extensions.get("target", request.url.raw_path)
        lines = [request.method.encode() + b" " + target + b" HTTP/1.1"]
        lines += [name + b": " + value for name, value in request.headers.raw]
        if any(b"\r" in line or b"\n" in line for line in lines):
            raise httpx.LocalProtocolError("a line break in a header", request=request)
        head = b"\r\n".join(lines) + b"\r\n\r\n"
        if "transfer-encoding" not in request.headers:
            self._transport.write(head + await request.aread())
            return
        self._transport.write(head)
        assert isinstance(request.stream, httpx.AsyncByteStream)
        async for piece in request.stream:
            if self._answer.done():  # who refuses may not wait for the rest
                self.usable = False
                return
            self._transport.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        self._transport.write(b"0\r\n\r\n")

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except HttpParserError as failure:
            self._end(httpx.RemoteProtocolError(str(failure)))
            self.close()

    def connection_lost(self, failure: Exception | None) -> None:
        self.usable = False
        self._end(httpx.ReadError(str(failure)) if failure else httpx.RemoteProtocolError("the server hung up"))

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        if self._no_body:
            self.on_message_complete()

    def on_body(self, piece: bytes) -> None:
        self._body += piece

    def on_message_complete(self) -> None:
        self.usable = self.usable and self._parser.should_keep_alive()
        self._end(None)

    def _end(self, failure: Exception | None) -> None:
        if not self._answer.done():
            self._answer.set_exception(failure) if failure else self._answer.set_result(None)
