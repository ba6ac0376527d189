"""How many connections a process holds, in all and of one address; who comes when there is no place is told so."""

import resource
from collections import Counter
from ipaddress import IPv4Address, ip_address, ip_network
from typing import Any

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import _TrustedHosts

from api.errors import error_body, error_response
from api.http.protection import ALWAYS

_OTHER_FILES, _TOLD_SO = 300, 100
"""Files that a process needs beside its connections: a third of them for those who are told that it is full."""
_FEW = 100
"""Few are a hundredth of all places."""
_IPV6_NETWORK = 64
_PROXY, _REFUSED = "a proxy", "refused"
_COME_BACK = {"Connection": "close", "Retry-After": "10"}


def network_of(host: str) -> str:
    """An address as it is counted: of an IPv6 address the network, for whoever has one address has all of it.

    What a proxy hands on may be anything; only an address is kept.
    """
    try:
        address = ip_address(host)
    except ValueError:
        return "unknown"
    if isinstance(address, IPv4Address):
        return str(address)
    return str(address.ipv4_mapped or ip_network((address, _IPV6_NETWORK), strict=False))


class Places:
    """The places of one process. Proxies that are believed (``trusted``) bring everybody, and are not counted apart.

    A quarter is kept for addresses that have few: however many connections some hold, others get in. Who is refused
    has none of these places, idle or not.
    """

    def __init__(self, in_all: int, per_address: int, trusted: list[str] | str) -> None:
        files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        self._in_all = in_all if files == resource.RLIM_INFINITY else min(in_all, max(1, files - _OTHER_FILES))
        self._per_address, self._few = per_address, max(1, self._in_all // _FEW)
        self._trusted = _TrustedHosts(trusted)
        self._taken: Counter[str] = Counter()

    @property
    def overfull(self) -> bool:
        """Also those who are to be told so are too many by now."""
        return self._taken[_REFUSED] > _TOLD_SO

    def take(self, host: str) -> tuple[str, ASGIApp | None]:
        """A place for a connection, to be given ``back``; and what answers it instead of the application, if full."""
        place = _PROXY if host in self._trusted else network_of(host)
        full = self._full(place)
        place = _REFUSED if full else place
        self._taken[place] += 1
        return place, full

    def back(self, place: str) -> None:
        """The connection is gone."""
        self._taken[place] -= 1
        if not self._taken[place]:
            del self._taken[place]

    def _full(self, place: str) -> ASGIApp | None:
        own, total = self._taken[place], self._taken.total() - self._taken[_REFUSED]
        if place != _PROXY and own >= self._per_address:
            return _too_many_of_one
        many = place != _PROXY and own >= self._few
        return _too_many if total >= (self._in_all * 3 // 4 if many else self._in_all) else None


async def _too_many(scope: Scope, receive: Receive, send: Send) -> None:
    body = error_body(503, "too many connections are open; try again shortly", "Unavailable")
    await _refused(503, body)(scope, receive, send)


async def _too_many_of_one(scope: Scope, receive: Receive, send: Send) -> None:
    body = error_body(429, "your address has too many connections open; close some", "TooMany")
    await _refused(429, body)(scope, receive, send)


def _refused(status: int, body: dict[str, Any]) -> Response:
    """An answer that passes through none of the application's layers."""
    answer = error_response(status, body, _COME_BACK)
    answer.raw_headers.extend(ALWAYS)
    return answer
