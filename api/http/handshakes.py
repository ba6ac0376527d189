"""What is refused before a WebSocket is opened. Plain ASGI."""

import re
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from api.http.headers import first_header
from api.http.limits import refuse

_TOKENS = frozenset({"token", "access_token", "auth", "authorization", "bearer", "jwt"})
_LOOKS_LIKE_ONE = re.compile(r"[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}")


class Handshakes:
    """Sockets are opened only where there is one, by pages of ours or of ``origins``, and never with a token in the
    address: proxies write addresses into their logs.

    A browser asks nobody before it opens a socket to another origin. Programs send no origin, and need none.
    ``patterns`` are those of the paths.
    """

    def __init__(self, app: ASGIApp, patterns: Sequence[Any], origins: Iterable[str]) -> None:
        self._app = app
        self._patterns = patterns
        self._origins = frozenset("{0.scheme}://{0.netloc}".format(urlsplit(each.lower())) for each in origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or let the application decide."""
        if scope["type"] == "websocket":
            scope["path"] = scope["path"].rstrip("/") or "/"
            if not any(pattern.match(scope["path"]) for pattern in self._patterns):
                await refuse(scope, receive, send, 404, "NoSuchRoute", "there is no such socket")
                return
            if _has_token(scope["query_string"]):
                detail = "a token does not belong into an address, which is logged: send it as a header or a frame"
                await refuse(scope, receive, send, 400, "TokenInAddress", detail)
                return
            if not self._is_ours(scope):
                await refuse(scope, receive, send, 403, "ForeignOrigin", "pages of other origins open no socket here")
                return
        await self._app(scope, receive, send)

    def _is_ours(self, scope: Scope) -> bool:
        origin = first_header(scope["headers"], b"origin").lower()
        if not origin or origin in self._origins:
            return True
        try:
            found = urlsplit(origin)
        except ValueError:
            return False
        return found.scheme in ("http", "https") and found.netloc == first_header(scope["headers"], b"host").lower()


def _has_token(query: bytes) -> bool:
    given = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    return any(name.lower() in _TOKENS or _LOOKS_LIKE_ONE.search(value) for name, value in given)
