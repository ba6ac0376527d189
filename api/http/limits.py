"""Limits of what a client sends: length of address and headers, size and time of the body. Plain ASGI."""

import asyncio

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import error_body, error_response

_NULS = (b"\x00", b"\\u0000")
_READ_ON = 10_000_000
"""Bytes of a body that is too large which are read and thrown away, so that the client sees the answer."""
_SLOWEST = 5_000
"""Bytes per second that a body has to keep up with."""
LONGEST_TARGET = 8_000
LARGEST_HEADERS = 32_000
_LENGTHS = frozenset({b"content-length", b"transfer-encoding"})
_VERSIONS = ("1.0", "1.1")
_BETWEEN = len(": \r\n")


class HeaderLimit:
    """Addresses and headers up to a size, one host, and one length of the body."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse what is too long before anybody reads it."""
        if scope["type"] == "http":
            if len(scope.get("raw_path") or scope["path"]) + len(scope["query_string"]) > LONGEST_TARGET:
                await _refuse(scope, receive, send, 414, "AddressTooLong", "the address is too long")
                return
            size = hosts = lengths = 0
            for name, value in scope["headers"]:
                size += len(name) + len(value) + _BETWEEN
                if name == b"host":
                    hosts += 1
                elif name in _LENGTHS:
                    lengths += 1
            if size > LARGEST_HEADERS:
                await _refuse(scope, receive, send, 431, "HeadersTooLarge", "the headers are too large")
                return
            # What a proxy may read in another way than we: of two lengths it may believe the other one, and take the
            # rest of the body for somebody's next request.
            if lengths > 1:
                await _refuse(scope, receive, send, 400, "Unreadable", "the body has two lengths")
                return
            if hosts > 1 or (not hosts and scope["http_version"] == "1.1") or scope["http_version"] not in _VERSIONS:
                await _refuse(scope, receive, send, 400, "Unreadable", "one host is needed, and HTTP/1.0 or HTTP/1.1")
                return
        await self._app(scope, receive, send)


class BodyLimit:
    """Bodies up to a size, declared or not, in a time; no NUL characters, which no store of ours can keep.

    ``own`` are paths without a slash at the end, with limits of their own; ``timeout`` the seconds that any body has.
    """

    def __init__(self, app: ASGIApp, limit: int, own: dict[str, int], timeout: float) -> None:
        self._app = app
        self._limit = limit
        self._own = own
        self._timeout = timeout

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the whole body first; it is small, or refused."""
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD", "OPTIONS"):
            await self._app(scope, receive, send)
            return
        limit = self._own.get(scope["path"].rstrip("/"), self._limit)
        try:
            body = await self._whole(scope, receive, limit)
        except TimeoutError:
            await _refuse(scope, receive, send, 408, "TooSlow", "the body does not arrive")
            return
        except ClientDisconnect:
            return
        if body is None:
            await _refuse(scope, receive, send, 413, "TooLarge", f"the body is larger than {limit} bytes")
        elif self._is_json(scope) and any(nul in body for nul in _NULS):
            await _refuse_nul(scope, receive, send)
        else:
            await self._app(scope, _replay(body, receive), send)

    async def _whole(self, scope: Scope, receive: Receive, limit: int) -> bytes | None:
        """The body; None if it is too large. What is too large is read on without being kept, though not for ever:
        who is cut off while sending never sees the answer.

        Raises:
            TimeoutError: it takes too long.
            ClientDisconnect: nobody is there any more.
        """
        headers = Headers(scope=scope)
        declared = headers.get("content-length", "0")
        too_large = not declared.isdecimal() or int(declared) > limit
        if too_large and headers.get("expect", "").lower() == "100-continue":
            return None
        body, size, began = bytearray(), 0, asyncio.get_running_loop().time()
        async with asyncio.timeout(self._timeout) as clock:
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ClientDisconnect
                piece = message.get("body", b"")
                size += len(piece)
                too_large = too_large or size > limit
                if too_large:
                    body.clear()
                else:
                    body += piece
                if not message.get("more_body") or size > limit + _READ_ON:
                    return None if too_large else bytes(body)
                clock.reschedule(began + self._timeout + size / _SLOWEST)

    @staticmethod
    def _is_json(scope: Scope) -> bool:
        # Webhooks keep their raw bytes and are judged by their signature, not by us.
        return "json" in Headers(scope=scope).get("content-type", "") and not scope["path"].endswith("/webhook")


async def _refuse_nul(scope: Scope, receive: Receive, send: Send) -> None:
    detail = "NUL characters cannot be stored"
    body = error_body(422, detail, "ShapeMismatch")
    body["errors"] = [{"field": "body", "message": detail, "type": "nul"}]
    await error_response(422, body, {"Connection": "close"})(scope, receive, send)


async def _refuse(scope: Scope, receive: Receive, send: Send, status: int, code: str, detail: str) -> None:
    await error_response(status, error_body(status, detail, code), {"Connection": "close"})(scope, receive, send)


def _replay(body: bytes, receive: Receive) -> Receive:
    sent = False

    async def replayed() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed
