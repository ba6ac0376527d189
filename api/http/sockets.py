"""WebSockets under the server: uvicorn's, with what it leaves out.

uvicorn waits for ever until a full buffer is taken, also when it wants to close: neither its ping nor its closing ends
a connection whose client reads nothing, and the application never learns of it. What is no handshake is not answered at
all, and what is refused is answered as plain text.
"""

import asyncio
import logging
from asyncio.transports import BaseTransport
from http import HTTPStatus
from typing import Any

import orjson
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.datastructures import Headers
from websockets.frames import CloseCode, Frame
from websockets.http11 import Response
from websockets.server import ServerProtocol

from api.errors import code_of_status, error_body
from api.http.places import Connection, Places
from api.http.protection import ALWAYS
from api.http.readers import ReaderTimer

LARGEST_MESSAGE = 32_768
"""Bytes of a message; a larger one closes its socket (1009)."""
PING_SECONDS = 20.0
"""Between pings, and until one of them has to be answered."""
_MOST_PIECES = 64
"""Of one message: empty ones cost us more than whoever sends them."""
# uvicorn and the library write a line for each handshake, with its whole address; ours is written by the access log.
_log = logging.getLogger("api.sockets")
_log.setLevel(logging.WARNING)


class _Handshake(ServerProtocol):
    """The library's protocol, whose refusals have the shape of every error."""

    def reject(self, status: Any, text: str) -> Response:
        """An answer instead of a socket."""
        status = HTTPStatus(status)
        detail = text.strip().partition("\n")[0] or status.phrase
        body = orjson.dumps(error_body(status, detail, code_of_status(status)))
        headers = Headers((name.decode(), value.decode()) for name, value in ALWAYS)
        headers.update({"Content-Type": "application/json", "Content-Length": str(len(body)), "Connection": "close"})
        return Response(status.value, status.phrase, headers, body)


class GuardedSocket(WebSocketsSansIOProtocol):
    """Drops whoever takes too little of what is sent within ``timeout`` seconds, or does not let go when it is over.

    It has the place of the connection ``before``.
    """

    def __init__(self, *given: Any, timeout: float, places: Places, before: Connection, **more: Any) -> None:
        super().__init__(*given, **more)
        self.logger = _log
        self.conn = _Handshake(max_size=self.config.ws_max_size, logger=_log)
        self._timeout = timeout
        self._places, self._before = places, before
        self._reader = ReaderTimer(self.loop, timeout)
        self._end: asyncio.TimerHandle | None = None

    def connection_made(self, transport: BaseTransport) -> None:
        """Take the connection over."""
        super().connection_made(transport)
        self._places.pass_on(self._before, self)
        del self._before

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is expected any more."""
        super().connection_lost(exc)
        self._places.back(self)
        self._reader.stop()
        if self._end is not None:
            self._end.cancel()

    def data_received(self, data: bytes) -> None:
        """Whatever is no handshake is answered before anything else is read."""
        super().data_received(data)
        if not self.handshake_initiated and not self.close_sent:
            self._refuse()
        if self.close_sent:
            self._must_end()

    def pause_writing(self) -> None:
        """What is sent is not taken. Nothing more is read: pings would be answered into the same buffer."""
        super().pause_writing()
        self._reader.start(self.transport)
        self.transport.pause_reading()

    def resume_writing(self) -> None:
        """It goes on."""
        super().resume_writing()
        if not self.transport.is_closing():
            self._reader.stop()
            if not self.read_paused:
                self.transport.resume_reading()

    async def receive(self) -> Any:
        """The next message, for the application."""
        message = await super().receive()
        if self._reader.runs and not self.transport.is_closing():
            self.transport.pause_reading()
        return message

    async def send(self, message: Any) -> None:
        """What the application says. Nobody reads the handshake again once it was answered."""
        await super().send(message)
        if message["type"] == "websocket.accept":
            del self.request, self.response

    async def run_asgi(self) -> None:
        """The application, as long as it speaks; then the connection has to go."""
        try:
            await super().run_asgi()
        finally:
            self._must_end()

    def keepalive_timeout(self) -> None:
        """A ping was not answered."""
        super().keepalive_timeout()
        self._must_end()

    def handle_cont(self, event: Frame) -> None:
        """A further piece of a message."""
        if len(self.frames) < _MOST_PIECES:
            super().handle_cont(event)
        elif not self.close_sent:
            self.frames = []
            self.conn.send_close(CloseCode.POLICY_VIOLATION)
            self.handle_parser_exception()

    def expendable(self) -> int | None:
        """As of a stream, little is lost: whoever reads it comes back."""
        return 1 if self._reader.runs else 2

    def hang_up(self) -> None:
        """Somebody else needs the place."""
        self.transport.abort()

    def _refuse(self) -> None:
        # What the library could read no further it refuses by itself, or not at all.
        said = b"".join(self.conn.data_to_send())
        refusal = self.conn.reject(HTTPStatus.BAD_REQUEST, "The handshake cannot be read.")
        self.transport.write(said or refusal.serialize())
        self.close_sent = True
        self.transport.close()

    def _must_end(self) -> None:
        if self._end is None and not self.disconnected:
            self._end = self.loop.call_later(self.close_timeout + self._timeout, self.transport.abort)
