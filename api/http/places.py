"""How many connections a process holds, in all and of one address; who comes when there is no place is told so."""

import os
import resource
from collections import defaultdict
from functools import lru_cache
from heapq import nlargest
from ipaddress import IPv4Address, ip_address, ip_network
from typing import Any, Protocol

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import _TrustedHosts

from api.errors import error_body, error_response
from api.http.protection import ALWAYS

OTHER_FILES, _TOLD_SO = 500, 100
"""Files that a process needs beside its connections: half of them for connections that were taken and not begun with, a
fifth for those who are told that it is full."""
_FEW = 100
"""Few are a hundredth of all places."""
_LOOKED_AT = 8
"""Addresses with many connections of which one has to have some that can be closed."""
_IPV6_NETWORK = 64
_LONGEST_ADDRESS = 64
_PROXY, _REFUSED, _UNKNOWN = "a proxy", "refused", "unknown"
_COME_BACK = {"Connection": "close", "Retry-After": "10"}


def trusted_proxies() -> str:
    """The proxies whose word counts on whom they bring: those of this machine, unless others are named."""
    return os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1,::1")


def network_of(host: str) -> str:
    """An address as it is counted: of an IPv6 address the network, for whoever has one address has all of it.

    What a proxy hands on may be anything; only an address is kept.
    """
    return _network_of(host) if len(host) <= _LONGEST_ADDRESS else _UNKNOWN


@lru_cache(maxsize=4096)
def _network_of(host: str) -> str:
    try:
        address = ip_address(host)
    except ValueError:
        return _UNKNOWN
    if isinstance(address, IPv4Address):
        return str(address)
    return str(address.ipv4_mapped or ip_network((address, _IPV6_NETWORK), strict=False))


class Connection(Protocol):
    """What has a place."""

    def expendable(self) -> int | None:
        """How soon it may be closed to make room, the smallest number first; None: somebody waits for its answer."""

    def hang_up(self) -> None:
        """Close it at once."""


class Places:
    """The places of one process. Proxies that are believed (``trusted``) bring everybody, and are not counted apart.

    A quarter is kept for addresses that have few. When there is no place, those who have fewer connections than others
    get one of theirs: however many some hold, others get in. Who is refused has none of these places, idle or not.
    """

    def __init__(self, in_all: int, per_address: int, trusted: str) -> None:
        files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        self._in_all = in_all if files == resource.RLIM_INFINITY else min(in_all, max(1, files - OTHER_FILES))
        self._per_address, self._few = per_address, max(1, self._in_all // _FEW)
        self._trusted = _TrustedHosts(trusted)
        self._held: defaultdict[str, dict[Connection, None]] = defaultdict(dict)
        """By address, the oldest first."""
        self._place_of: dict[Connection, str] = {}

    @property
    def overfull(self) -> bool:
        """Also those who are to be told so are too many by now."""
        return len(self._held.get(_REFUSED, ())) > _TOLD_SO

    def take(self, host: str, connection: Connection) -> ASGIApp | None:
        """A place for a connection, to be given ``back``; answers what is said instead of the application, if full."""
        place = _PROXY if host in self._trusted else network_of(host)
        refusal = self._refusal(place)
        if refusal is _too_many and self._make_room(place):
            refusal = None
        place = _REFUSED if refusal else place
        self._held[place][connection] = None
        self._place_of[connection] = place
        return refusal

    def back(self, connection: Connection) -> None:
        """The connection is gone, or has to go."""
        place = self._place_of.pop(connection, None)
        if place is not None:
            del self._held[place][connection]
            if not self._held[place]:
                del self._held[place]

    def pass_on(self, before: Connection, after: Connection) -> None:
        """The same connection, spoken on by another protocol from now on."""
        place = self._place_of.pop(before, None)
        if place is not None:
            del self._held[place][before]
            self._held[place][after] = None
            self._place_of[after] = place

    def _refusal(self, place: str) -> ASGIApp | None:
        own = len(self._held.get(place, ()))
        if place != _PROXY and own >= self._per_address:
            return _too_many_of_one
        total = len(self._place_of) - len(self._held.get(_REFUSED, ()))
        many = place != _PROXY and own >= self._few
        return _too_many if total >= (self._in_all * 3 // 4 if many else self._in_all) else None

    def _make_room(self, place: str) -> bool:
        """Close some connections of an address that has more than this one; the places of a proxy are many people's,
        who have few each."""
        own = 0 if place == _PROXY else len(self._held.get(place, ()))
        others = (each for each in self._held if each not in (_PROXY, _REFUSED))
        for other in nlargest(_LOOKED_AT, others, key=lambda each: len(self._held[each])):
            more = (len(self._held[other]) - own) // 2
            ranks = [(each.expendable(), each) for each in self._held[other]] if more > 0 else []
            closed = sorted((each for each in ranks if each[0] is not None), key=lambda each: each[0] or 0)
            for _, connection in closed[: min(more, self._few)]:
                self.back(connection)
                connection.hang_up()
            if closed:
                return True
        return False


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
