"""How requests reach the application, and how long clients may take over them and how large a head may be.

uvicorn waits for ever for the rest of a head, and for an answer to be read: as many connections that do nothing as a
process may have files, and nobody else gets in. Its fast parser, httptools, keeps a head of any size. What a body may
take is decided in ``bodies``, where 408 and 413 are said; what nobody wants (401, 404, 405) is answered before it came.
"""

import asyncio
from functools import partial
from typing import Any

import orjson
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from api.errors import error_body
from api.http.places import Places, trusted_proxies
from api.http.protection import ALWAYS
from api.http.readers import ReaderTimer
from api.http.sockets import LARGEST_MESSAGE, PING_SECONDS, GuardedSocket
from settings import Web

_IDLE_SECONDS = 65
_LARGEST_HEAD = 256 * 1024  # so that heads which are too large get our 414 or 431
_LONGEST_URL = 32 * 1024  # beyond 64 KiB the parser of addresses would say 400; what is left is still too long for us
_THROWN_AWAY = 20_000_000
"""Bytes of a body that was answered already, more than any route takes: who sends them may yet see the answer."""
_LENGTHS = frozenset({b"content-length", b"transfer-encoding"})
_WAITING = 100
"""Requests that a client may send before the first of them is answered; what has arrived is read at once."""


class GuardedProtocol(HttpToolsProtocol):
    """Drops whoever does not finish a head within ``timeout`` seconds, or reads too little of an answer in as long.

    Heads are counted while they come, and what stands behind a body is no head: its fields are left out.
    """

    def __init__(self, *given: Any, timeout: float, places: Places, **more: Any) -> None:
        super().__init__(*given, **more)
        self._timeout = timeout
        self._places = places
        self._head: asyncio.TimerHandle | None = None
        self._reader = ReaderTimer(self.loop, timeout)
        self._refused = self._upgraded = False
        self._head_is_open = True
        self._answered: RequestResponseCycle | None = None
        """The request that is being answered; ``cycle`` is the last one that was sent."""
        self._received = 0
        """Bytes since the last head or body ended, give or take what one read brings."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """The first head is expected, also of whom there is no place for: they are told so."""
        super().connection_made(transport)
        instead = self._places.take(self.client[0] if self.client else "", self)
        if instead is not None:
            self.app, self._refused = instead, True
            if self._places.overfull:
                transport.abort()
        self._expect_head()

    def data_received(self, data: bytes) -> None:
        """Bytes that begin no request, be they part of a head or of a body that was answered already, are timed."""
        self._received += len(data)
        super().data_received(data)
        if self._upgraded:
            return
        if self._head_is_open and self._received > _LARGEST_HEAD and not self.transport.is_closing():
            self.send_400_response("The head is too large.")
        if self.cycle is None or self.cycle.response_complete:
            self._expect_head()
            if not self._head_is_open and self._received > _THROWN_AWAY:
                self.transport.abort()
        elif self._head is not None:
            self._head = _stop(self._head)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A field of the head. Those of a trailer would join a head that was judged already."""
        if self._head_is_open:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The application begins. Nothing that follows a wish for another protocol can be read, and of whoever asks
        before sending a body nobody knows whether it follows an answer."""
        self._head_is_open, self._received = False, 0
        if len(self.pipeline) >= _WAITING:
            self.transport.abort()
            raise ConnectionAbortedError("too many requests wait for the answer to one")  # ends the parsing
        self.url = self.url[:_LONGEST_URL]
        super().on_headers_complete()
        if self._should_upgrade():
            return
        if self.parser.should_upgrade() or self.expect_100_continue:
            self.cycle.keep_alive = False

    def on_message_complete(self) -> None:
        """The next head may begin."""
        self._head_is_open, self._received = True, 0
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """A connection that is to be closed stays open until its answer was read."""
        super().on_response_complete()
        if self.transport.is_closing():
            self._reader.start(self.transport)

    def handle_websocket_upgrade(self) -> None:
        """The connection is a socket's from now on, with its place; the timers of requests would end it."""
        self._head, self._upgraded = _stop(self._head), True
        self._reader.stop()
        made: Any = self.ws_protocol_class
        self.ws_protocol_class = partial(made, timeout=self._timeout, places=self._places, before=self)  # type: ignore[assignment]
        super().handle_websocket_upgrade()
        self.parser = self.ws_protocol_class = None  # type: ignore[assignment]  # both lead back to here

    def timeout_keep_alive_handler(self) -> None:
        """The same after a pause that was too long."""
        super().timeout_keep_alive_handler()
        self._reader.start(self.transport)

    def pause_writing(self) -> None:
        """The answer does not go out as fast as it is written."""
        super().pause_writing()
        self._reader.start(self.transport)

    def resume_writing(self) -> None:
        """It goes on."""
        super().resume_writing()
        if not self.transport.is_closing():
            self._reader.stop()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is expected any more. uvicorn tells only the last request that nobody waits for its answer."""
        super().connection_lost(exc)
        if self._answered is not None and not self._answered.response_complete:
            self._answered.disconnected = True
            self._answered.message_event.set()
        self._places.back(self)
        self._head = _stop(self._head)
        self._reader.stop()

    def expendable(self) -> int | None:
        """Nothing is lost where no whole request has come, little where one does not come on or an answer is not taken
        as fast as it is made; a stream is asked for anew by whoever reads it."""
        if self._reader.runs:
            return 1
        if self.cycle is None or self.cycle.response_complete:
            return 0
        if self.cycle.more_body:
            return 1
        return 2 if self.cycle.response_started else None

    def hang_up(self) -> None:
        """Somebody else needs the place."""
        self.transport.abort()

    def send_400_response(self, msg: str) -> None:
        """What is no request is refused in the shape of every error, and never reaches the application."""
        body = orjson.dumps(error_body(400, msg, "Unreadable"))
        headers = (
            *self.server_state.default_headers,
            *ALWAYS,
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
        )
        lines = (b"HTTP/1.1 400 Bad Request", *(b"%b: %b" % header for header in headers), b"", body)
        self.transport.write(b"\r\n".join(lines))
        self.transport.close()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        """The turn of the next one of a client that did not wait for an answer."""
        self._answered = cycle
        super()._start_asgi_task(cycle, app)

    def _should_upgrade(self) -> bool:
        """Nobody else is answered on this connection any more, so nobody may wait for an answer, and nothing may be
        left to read of one. A body, or a method with one, belongs to a request."""
        answered = self.cycle is None or self.cycle.response_complete
        return (
            answered
            and not self._refused
            and not self.flow.write_paused
            and self.scope["method"] == "GET"
            and not any(name in _LENGTHS for name, _ in self.headers)
            and super()._should_upgrade()
        )

    def _unsupported_upgrade_warning(self) -> None:
        """Anybody may ask for another protocol; it is not worth two lines of the log."""

    def _expect_head(self) -> None:
        # Not begun anew by every byte that trickles in.
        if self._head is None:
            self._head = self.loop.call_later(self._timeout, self.transport.abort)


def _stop(timer: asyncio.TimerHandle | None) -> asyncio.TimerHandle | None:
    """No timer any more."""
    if timer is not None:
        timer.cancel()
    return None


def configured(app: Any, web: Web, *, web_sockets: bool = False) -> uvicorn.Config:
    """The server's configuration. An ``X-Forwarded-For`` counts when a proxy of this machine says it, or one that
    ``FORWARDED_ALLOW_IPS`` names. Without ``web_sockets`` a wish for one is a request like any other."""
    config = uvicorn.Config(
        app,
        host=web.host,
        port=web.port,
        loop="uvloop",
        ws=GuardedSocket if web_sockets else "none",
        ws_max_size=LARGEST_MESSAGE,
        ws_per_message_deflate=False,
        ws_ping_interval=PING_SECONDS,
        ws_ping_timeout=PING_SECONDS,
        timeout_graceful_shutdown=4,
        timeout_keep_alive=_IDLE_SECONDS,
        log_config=None,
        access_log=False,
        server_header=False,
        forwarded_allow_ips=trusted_proxies(),
    )
    places = Places(web.connections, web.connections_per_address, trusted_proxies())
    protocol: Any = partial(GuardedProtocol, timeout=web.client_timeout.total_seconds(), places=places)
    config.http = protocol
    return config
