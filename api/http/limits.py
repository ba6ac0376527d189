"""Limits of what a client sends before its body: length of address and headers. Plain ASGI."""

from starlette.types import ASGIApp, Receive, Scope, Send

from api.errors import error_body, error_response

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
        if scope["type"] in ("http", "websocket"):
            if len(scope.get("raw_path") or scope["path"]) + len(scope["query_string"]) > LONGEST_TARGET:
                await refuse(scope, receive, send, 414, "AddressTooLong", "the address is too long")
                return
            size = hosts = lengths = 0
            for name, value in scope["headers"]:
                size += len(name) + len(value) + _BETWEEN
                if name == b"host":
                    hosts += 1
                elif name in _LENGTHS:
                    lengths += 1
            if size > LARGEST_HEADERS:
                await refuse(scope, receive, send, 431, "HeadersTooLarge", "the headers are too large")
                return
            # What a proxy may read in another way than we: of two lengths it may believe the other one, and take the
            # rest of the body for somebody's next request.
            if lengths > 1:
                await refuse(scope, receive, send, 400, "Unreadable", "the body has two lengths")
                return
            if hosts > 1 or (not hosts and scope["http_version"] == "1.1") or scope["http_version"] not in _VERSIONS:
                await refuse(scope, receive, send, 400, "Unreadable", "one host is needed, and HTTP/1.0 or HTTP/1.1")
                return
        await self._app(scope, receive, send)


async def refuse(scope: Scope, receive: Receive, send: Send, status: int, code: str, detail: str) -> None:
    await error_response(status, error_body(status, detail, code), {"Connection": "close"})(scope, receive, send)
