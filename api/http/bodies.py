"""Bodies of requests: read whole before a route sees them, within a size, a time, and the room that all have together.

Plain ASGI, around each route that reads one, behind the check of its login: of whoever may not ask nothing is kept.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, Self

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.dependencies import FOUND
from api.errors import error_body, error_response
from api.http.limits import refuse

_NULS = (b"\x00", b"\\u0000")
_LONGEST_NUL = max(map(len, _NULS))
_READ_ON = 10_000_000
"""Bytes of a body that is too large which are read and thrown away, so that the client sees the answer."""
_SLOWEST = 5_000
"""Bytes per second that a body has to keep up with."""
_IN_MEMORY = 1_000_000
"""What is larger goes to a file without a name, and is read from there by pieces of this size."""
_COME_BACK = {"Retry-After": "5"}
"""The connection stays open: what is left of the body is thrown away as it comes, and the client sees the answer."""
ALWAYS_TAKEN = 64_000
"""Bytes of each body that need no room: logins and webhooks are smaller, and whoever fills the room stops neither."""
_OF_STRANGERS = 4
"""Requests without a login have one part in so many: whoever fills it keeps nobody out who has one."""


class NoRoom(Exception):
    """All bodies together would be larger than they may be."""


class BodyRoom:
    """The bytes of all bodies that a process has taken in and not answered yet."""

    def __init__(self, most: int) -> None:
        self._free = {True: most, False: most // _OF_STRANGERS}

    @contextmanager
    def share(self, *, known: bool) -> Iterator["_Share"]:
        """That of one request, given back at the end; ``known``: it has a login."""
        share = _Share(self._free, known)
        try:
            yield share
        finally:
            self._free[known] += share.taken


class _Share:
    def __init__(self, free: dict[bool, int], known: bool) -> None:
        self._free, self._known = free, known
        self._size = 0
        self.taken = 0

    def take(self, size: int) -> None:
        """So many bytes more.

        Raises:
            NoRoom: there is no room for them.
        """
        self._size += size
        needed = max(0, self._size - ALWAYS_TAKEN) - self.taken
        if needed > self._free[self._known]:
            raise NoRoom
        self._free[self._known] -= needed
        self.taken += needed


class BodyLimit:
    """Bodies up to a size, declared or not, in a time; no NUL characters, which no store of ours can keep.

    ``own`` are paths without a slash at the end, with limits of their own, by which ``route`` is looked up as it was
    registered ("/listings/{listing_id}/media"); ``timeout`` the seconds in which a body has to begin, and which it may
    pause. Large ones are spooled in ``folder``.
    """

    def __init__(
        self,
        app: ASGIApp,
        room: BodyRoom,
        limit: int,
        own: dict[str, int],
        timeout: float,
        folder: Path,
        route: str = "",
    ) -> None:
        self._app = app
        self._room = room
        self._limit = own.get(route.rstrip("/"), limit)
        self._timeout = timeout
        self._folder = folder

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the whole body first; it is small, or refused."""
        if scope["method"] in ("GET", "HEAD", "OPTIONS"):
            await self._app(scope, receive, send)
            return
        limit = self._limit
        with self._room.share(known=FOUND in scope) as share, _Body(self._folder, _is_json(scope)) as body:
            try:
                fits = await self._read(body, share, scope, receive, limit)
            except TimeoutError:
                await refuse(scope, receive, send, 408, "TooSlow", "the body does not arrive")
                return
            except NoRoom:
                detail = "too many large requests at once; try again shortly"
                await error_response(503, error_body(503, detail, "Unavailable"), _COME_BACK)(scope, receive, send)
                return
            except ClientDisconnect:
                return
            if not fits:
                await refuse(scope, receive, send, 413, "TooLarge", f"the body is larger than {limit} bytes")
            elif body.has_nul:
                await _refuse_nul(scope, receive, send)
            else:
                await self._app(scope, body.replayed(receive), send)

    async def _read(self, body: "_Body", share: _Share, scope: Scope, receive: Receive, limit: int) -> bool:
        """Fill the body; False if it is too large. What is too large is read on without being kept, though not for
        ever: who is cut off while sending never sees the answer.

        Raises:
            TimeoutError: it takes too long, or pauses for too long.
            NoRoom: others have all the room.
            ClientDisconnect: nobody is there any more.
        """
        headers, clock = Headers(scope=scope), asyncio.get_running_loop().time
        declared = headers.get("content-length", "0")
        too_large = not declared.isdecimal() or int(declared) > limit
        if too_large and headers.get("expect", "").lower() == "100-continue":
            return False
        size, began = 0, clock()
        async with asyncio.timeout(self._timeout) as timer:
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ClientDisconnect
                piece = message.get("body", b"")
                size += len(piece)
                too_large = too_large or size > limit
                if not too_large:
                    share.take(len(piece))
                    body.add(piece)
                if not message.get("more_body") or size > limit + _READ_ON:
                    return not too_large
                timer.reschedule(min(began + self._timeout + size / _SLOWEST, clock() + self._timeout))


class _Body:
    """One body as it comes: in memory up to a size, then in a file."""

    def __init__(self, folder: Path, watched_for_nuls: bool) -> None:
        self._folder = folder
        self._file: IO[bytes] | None = None
        self._first = b""
        self._size = 0
        self._watched = watched_for_nuls
        self._end = b""
        self.has_nul = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, piece: bytes) -> None:
        """The next bytes. Most bodies come in one piece."""
        if not piece:
            return
        if self._watched and not self.has_nul:
            seen = self._end + piece
            self.has_nul = any(nul in seen for nul in _NULS)
            self._end = seen[1 - _LONGEST_NUL :]
        if self._size == 0:
            self._first = piece
        else:
            if self._size + len(piece) > _IN_MEMORY:
                self._folder.mkdir(parents=True, exist_ok=True)
            self._spooled().write(piece)
        self._size += len(piece)

    def replayed(self, receive: Receive) -> Receive:
        """The body for the application, then what the client does."""
        left = self._size
        if self._file is not None:
            self._file.seek(0)

        async def from_here() -> Message:
            nonlocal left
            if left < 0:
                return await receive()
            piece = self._first if self._file is None else self._file.read(_IN_MEMORY)
            left -= len(piece)
            more = left > 0
            if not more:
                left = -1
            return {"type": "http.request", "body": piece, "more_body": more}

        return from_here

    def _spooled(self) -> IO[bytes]:
        if self._file is None:
            self._file = SpooledTemporaryFile(_IN_MEMORY, dir=str(self._folder))  # noqa: SIM115 - closed with the body
            self._file.write(self._first)
            self._first = b""
        return self._file


def _is_json(scope: Scope) -> bool:
    # Webhooks keep their raw bytes and are judged by their signature, not by us.
    return "json" in Headers(scope=scope).get("content-type", "") and not scope["path"].endswith("/webhook")


async def _refuse_nul(scope: Scope, receive: Receive, send: Send) -> None:
    detail = "NUL characters cannot be stored"
    body = error_body(422, detail, "ShapeMismatch")
    body["errors"] = [{"field": "body", "message": detail, "type": "nul"}]
    await error_response(422, body, {"Connection": "close"})(scope, receive, send)
