"""The reads that are asked for most, as plain ASGI: the framework's way to the same answer costs several times as much.

They stand inside every guard, behind the same check of the login, and take their rights from the routes that they
stand for. What is not plain is left to those routes: they refuse it, and they are what the documentation is made of.
"""

import re
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl

from fastapi.exceptions import RequestValidationError
from fastapi.routing import RouteContext
from starlette.types import ASGIApp, Receive, Scope, Send

from adapters.access_lines import note_request
from adapters.auth.token_cache import CachedToken
from adapters.pages import Filters, Slice
from api.bookings.views import conditional
from api.dependencies import FOUND, Required
from api.http.login import calls
from api.lists import Whole, page_headers, place_of
from api.schemas.fields import LARGEST_BOOKING_ID
from domain.people import Actor, Role

_NUMBER = re.compile(r"[1-9][0-9]{0,15}", re.ASCII)
_PLAIN = {
    "limit": re.compile(r"[1-9][0-9]?|100", re.ASCII),
    "offset": re.compile(r"0|[1-9][0-9]{0,5}", re.ASCII),
    "order": re.compile("newest|oldest"),
    "after": re.compile(r"[A-Za-z0-9_-]{1,200}", re.ASCII),
}
_JSON = (b"content-type", b"application/json")
_ALIVE = b'{"status":"alive"}'

Answer = tuple[int, dict[str, str], bytes]
Read = Callable[[Scope, CachedToken], Awaitable[Answer | None]]


def hot_read(route: RouteContext, prefix: str) -> ASGIApp:
    """The application of a route, or a faster one that stands for it."""
    ordinary: ASGIApp = route.app
    path, methods = str(route.path_format), route.methods or ()
    if "GET" not in methods:
        return ordinary
    if path == "/health/live":
        return _alive
    if path == f"{prefix}/bookings/{{booking_id}}":
        return _HotRead(route, _detail)
    if path == f"{prefix}/bookings/customer":
        return _HotRead(route, _own_bookings)
    return ordinary


class _HotRead:
    """A read for people who are logged in and may; anybody and anything else goes the ordinary way."""

    def __init__(self, route: RouteContext, read: Read) -> None:
        self._ordinary: ASGIApp = route.app
        self._read = read
        needs = [call for call in calls(route.dependant) if isinstance(call, Required)]
        self._scopes = frozenset(scope for need in needs for scope in need.scopes)
        self._roles = [frozenset(need.roles) for need in needs if need.roles]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        known: CachedToken | None = scope.get(FOUND)
        if known is None or not self._may(known):
            await self._ordinary(scope, receive, send)
            return
        note_request(person=known.row.id)
        answer = await self._read(scope, known)
        if answer is None:
            await self._ordinary(scope, receive, send)
        else:
            await _answered(send, *answer)

    def _may(self, known: CachedToken) -> bool:
        return self._scopes <= known.row.scopes and all(known.row.role in roles for roles in self._roles)


async def _detail(scope: Scope, known: CachedToken) -> Answer | None:
    number = scope["path_params"]["booking_id"]
    if not _NUMBER.fullmatch(number) or int(number) > LARGEST_BOOKING_ID:
        return None
    view = await scope["app"].state.services.views.view(int(number), Actor(known.row.role, known.row.id))
    return conditional(view, _header(scope, b"if-none-match"))


async def _own_bookings(scope: Scope, known: CachedToken) -> Answer | None:
    query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    part = _slice(query)
    if part is None or known.row.role == Role.ADMIN:
        return None
    page = await scope["app"].state.services.lists.page(Role.CUSTOMER, Filters(customer_id=known.row.id), part)
    behind = part.after is not None
    headers = page_headers(scope["path"], query, page.total, part.limit, part.offset, last=page.last, behind=behind)
    return 200, headers, page.rows.encode()


def _slice(query: list[tuple[str, str]]) -> Slice | None:
    """The part that is wanted; None if the query says anything else, or not in the plainest way."""
    said = dict(query)
    if len(said) < len(query) or any(name not in _PLAIN or not _PLAIN[name].fullmatch(said[name]) for name in said):
        return None
    try:
        after = place_of(said["after"], Whole) if "after" in said else None
    except RequestValidationError:
        return None
    order: Any = said.get("order", "newest")
    return Slice(int(said.get("limit", 50)), int(said.get("offset", 0)), order, after)


async def _alive(scope: Scope, _receive: Receive, send: Send) -> None:
    await _answered(send, 200, {}, _ALIVE)


async def _answered(send: Send, status: int, headers: dict[str, str], body: bytes) -> None:
    raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
    if status != 304:
        raw += [_JSON, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body})


def _header(scope: Scope, wanted: bytes) -> str:
    return ", ".join(value.decode("latin-1") for name, value in scope["headers"] if name == wanted)
