"""People who call the API: HTTP spoken by hand, because a comfortable client uses more of the processors than a reply.

Each call takes a lasting connection of its own while it waits; idle ones are used again.
"""

import asyncio
import uuid
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode, urlsplit

import orjson

TIMEOUT = 60.0
"""Seconds for one answer: the longest wait of the API itself is shorter."""
_Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Json = dict[str, Any]


class Refused(Exception):
    """The API said no, where the measured life needs a yes."""


class Http:
    """One service over lasting connections."""

    def __init__(self, base: str, address: str | None = None) -> None:
        """``address``: from which of this machine's it is called."""
        parts = urlsplit(base)
        self._host, self._port = parts.hostname or "", parts.port or 80
        self._from = (address, 0) if address else None
        self._idle: list[_Line] = []

    async def send(self, method: str, path: str, token: str | None = None, body: Any = None) -> tuple[int, bytes]:
        """Status and body of the answer; a call that changes something has a key of its own."""
        content = b"" if body is None else orjson.dumps(body)
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self._host}:{self._port}"]
        if token is not None:
            lines.append(f"Authorization: Bearer {token}")
        if method != "GET":
            lines += [f"Idempotency-Key: {uuid.uuid4().hex}", f"Content-Length: {len(content)}"]
        if content:
            lines.append("Content-Type: application/json")
        return await self._exchange("\r\n".join([*lines, "", ""]).encode() + content)

    async def post_form(self, path: str, cookie: str = "", **fields: str) -> tuple[int, bytes]:
        """The same for a form."""
        content = urlencode(fields).encode()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {self._host}:{self._port}\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(content)}\r\n"
            + (f"Cookie: {cookie}\r\n\r\n" if cookie else "\r\n")
        )
        return await self._exchange(head.encode() + content)

    async def _exchange(self, request: bytes) -> tuple[int, bytes]:
        async with asyncio.timeout(TIMEOUT):
            while self._idle:
                line = self._idle.pop()
                try:
                    return await self._over(line, request)
                except (ConnectionError, asyncio.IncompleteReadError) as cut:
                    if isinstance(cut, asyncio.IncompleteReadError) and cut.partial:
                        raise
                    # The server had hung up before the request reached it.
            return await self._over(await self._opened(), request)

    async def _opened(self) -> _Line:
        return await asyncio.open_connection(self._host, self._port, local_addr=self._from)

    async def _over(self, line: _Line, request: bytes) -> tuple[int, bytes]:
        try:
            line[1].write(request)
            answer = await _answer(line[0])
        except BaseException:
            line[1].close()
            raise
        self._idle.append(line)
        return answer

    async def close(self) -> None:
        """Hang up."""
        for _, writer in self._idle:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
        self._idle.clear()


class Person:
    """Somebody with a token."""

    def __init__(self, http: Http, person_id: str, token: str) -> None:
        self._http, self.id, self._token = http, person_id, token

    @classmethod
    async def logged_in(cls, http: Http, card: Json) -> "Person":
        """One of the people of ``stack.json``."""
        status, body = await http.post_form("/api/v1/auth/login", username=card["phone"], password=card["password"])
        if status != 200:
            raise Refused(f"the login of {card['id']}: {status} {body[:200]!r}")
        return cls(http, card["id"], orjson.loads(body)["access_token"])

    async def call(self, method: str, path: str, body: Any = None) -> Any:
        """The JSON of a good answer.

        Raises:
            Refused: the answer is another one.
        """
        status, content = await self.answer(method, path, body)
        if not 200 <= status < 300:
            raise Refused(f"{method} {path}: {status} {content[:300]!r}")
        return orjson.loads(content)

    async def status_of(self, method: str, path: str, body: Any = None) -> int:
        """The status of the answer, whatever it is."""
        return (await self.answer(method, path, body))[0]

    async def answer(self, method: str, path: str, body: Any = None) -> tuple[int, bytes]:
        """The answer, whatever it is: its status and its bytes."""
        return await self._http.send(method, f"/api/v1{path}", self._token, body)


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    length = head.partition("content-length:")[2].partition("\r\n")[0]
    return int(head.split(" ", 2)[1]), await reader.readexactly(int(length or 0))
