"""Asking the running API many things at once, and seeing that a refusal is one."""

import asyncio
import json
import sys
import time
import uuid
from collections.abc import Awaitable, Callable, Iterable
from importlib.util import find_spec
from typing import Any, Self

import asyncpg
import httpx

from devstack.demo.calls import pause_after
from tests.api.conforming import what_is_wrong
from tests.api.connections import Connections
from tests.rows import SETTINGS

if find_spec("sniffio") is None:
    # httpcore looks for it at every lock that it takes, which is a third of our time: tell it once.
    sys.modules["sniffio"] = None  # type: ignore[assignment]

Json = dict[str, Any]
PREFIX = "/api/v1"
SECOND = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
"""How every answer writes a moment."""
_AT_ONCE = 16
_BOOKKEEPING = ("login_attempts", "idempotency_keys", "order_checks", "workflow_recovery")
"""What is written whether or not a request is granted, and what the product notes when it looks after orders that
nobody pays and workflows that run.
"""
_MARK, _RAW = "@raw:", ("1e400", "-1e400", "NaN", "Infinity")


class Api:
    """The API over HTTP, and the rows behind it."""

    def __init__(self, info: Json) -> None:
        self.info = info
        self.people: Json = info["people"]
        self._gate = asyncio.Semaphore(_AT_ONCE)
        self._tokens: dict[str, str] = {}
        self._digest = ""
        self._found: dict[str, str] = {}

    async def __aenter__(self) -> Self:
        self.http = httpx.AsyncClient(base_url=self.info["api"], timeout=30, trust_env=False, transport=Connections())
        # A pool outlives a server that other tests kill.
        self.rows: asyncpg.Pool[Any] = await asyncpg.create_pool(
            self.info["postgres"], min_size=1, max_size=4, server_settings=SETTINGS
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.aclose()
        await self.rows.close()

    def card(self, role: str) -> Json:
        """Somebody of a role: A, M or C."""
        people = {"A": [self.people["admin"]], "M": self.people["mechanics"], "C": self.people["customers"]}
        found: Json = people[role][0]
        return found

    async def log_in(self, card: Json) -> str:
        """The access token of a fresh login."""
        form = {"username": card["phone"], "password": card["password"]}
        answer = await self.http.post(f"{PREFIX}/auth/login", data=form)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    async def token(self, card: Json) -> dict[str, str]:
        """The header of somebody who is logged in."""
        if card["id"] not in self._tokens:
            self._tokens[card["id"]] = await self.log_in(card)
        return bearer(self._tokens[card["id"]])

    async def ask(self, method: str, path: str, card: Json | None = None, **content: Any) -> httpx.Response:
        """One request, by somebody or by nobody; ``path`` with or without the prefix. The answer is as documented."""
        headers = {**(await self.token(card) if card else {}), **content.pop("headers", {})}
        url = path if path.startswith((PREFIX, "/health", "/metrics", "/docs", "/uploads", "/nope")) else PREFIX + path
        async with self._gate:
            answer = await self.http.request(method, url, headers=headers, **content)
        assert (wrong := what_is_wrong(answer)) == "", wrong
        return answer

    async def all(self, questions: Iterable[Awaitable[httpx.Response]]) -> list[httpx.Response]:
        """Many, some at a time."""
        return await asyncio.gather(*questions)

    async def written(self) -> dict[str, str]:
        """How many rows each table has, and who wrote them: the same later means that none was written."""
        if not self._digest:
            tables = await self.rows.fetch(
                "SELECT schemaname || '.' || tablename FROM pg_tables"
                " WHERE schemaname = ANY(current_schemas(false)) AND tablename <> ALL($1) ORDER BY 1",
                _BOOKKEEPING,
            )
            self._digest = " UNION ALL ".join(
                f"SELECT '{name}', count(*) || ' ' || coalesce(sum(xmin::text::bigint), 0) FROM {name}"
                for (name,) in tables
            )
        return dict(await self.rows.fetch(self._digest))

    async def settled(self) -> dict[str, str]:
        """The same, once mails and projections of what was done before are through."""
        before = await self.written()
        for _ in range(40):
            await asyncio.sleep(0.25)
            if (now := await self.written()) == before:
                return now
            before = now
        raise AssertionError("something goes on writing")

    async def writes(self, action: Callable[[], Awaitable[None]]) -> set[str]:
        """The tables that it writes since it was asked for the last time; it is done again if somebody else may have
        been at work meanwhile."""
        tables: set[str] = set()
        for _ in range(3):
            before = self._found or await self.written()
            await action()
            self._found = after = await self.written()
            tables = {table for table in before | after if before.get(table) != after.get(table)}
            if not tables:
                break
            self._found = await self.settled()
        return tables

    async def newcomer(self) -> Json:
        """A customer who has just registered."""
        number = uuid.uuid4().int % 10**9
        card = {"name": "Nina New", "phone": f"7{number:09}", "email": f"nina{number}@example.com"}
        card["password"] = "Secret-" + uuid.uuid4().hex[:8]
        answer = await self.ask("POST", "/customers/", json=card)
        assert answer.status_code == 201, answer.text
        return {**card, "id": answer.json()["id"]}


async def until(true: Callable[[], Awaitable[bool]], seconds: float = 20) -> None:
    """Ask again and again until it is true: what happens in another process tells us nothing."""
    began = time.monotonic()
    async with asyncio.timeout(seconds):
        while not await true():  # noqa: ASYNC110
            await asyncio.sleep(pause_after(time.monotonic() - began, 0.05))


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def raw(number: str) -> str:
    """A number that Python's json would not write, for ``encoded``."""
    assert number in _RAW
    return _MARK + number


def encoded(body: Any) -> bytes:
    """JSON with lone surrogates as escapes, and with numbers that are none."""
    text = json.dumps(body)
    for number in _RAW:
        text = text.replace(f'"{_MARK}{number}"', number)
    return text.encode()


def is_refusal(answer: httpx.Response, *statuses: int) -> str:
    """Empty for a 4xx (or one of these statuses) in the one shape of errors; otherwise what is wrong."""
    try:
        body = answer.json()
    except ValueError:
        return f"{answer.status_code}, not JSON: {answer.text[:200]!r}"
    if answer.status_code not in (statuses or range(400, 500)):
        return f"{answer.status_code}: {answer.text[:200]}"
    if not isinstance(body, dict) or body.get("status") != answer.status_code:
        return f"{answer.status_code} of another shape: {answer.text[:200]}"
    wrong = [name for name in ("message", "detail", "code") if not isinstance(body.get(name), str) or not body[name]]
    if wrong or "x-request-id" not in answer.headers:
        return f"{answer.status_code} without {wrong or 'X-Request-Id'}: {answer.text[:200]}"
    if answer.status_code == 401 and answer.headers.get("www-authenticate") != "Bearer":
        return "401 without WWW-Authenticate"
    return ""
