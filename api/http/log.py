"""Logs and measurements of requests, and the headers of every answer: a request id, one log line, counters.

Plain ASGI: streams stay streams.
"""

import re
import secrets
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from adapters.access_lines import AccessLines, begin_request
from api.errors import fault_response
from api.http.headers import first_header
from api.http.protection import ALWAYS, BEHIND_TLS

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_BOOKING = re.compile(r"/bookings/(?:admin/analysis/)?(\d{1,16})(?:/|$)")
_NOT_LOGGED = ("/health/", "/metrics")
_PERSONAL = "/api/"
_NOT_STORED = ((b"cache-control", b"no-store"),)
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_BEGINNINGS = frozenset({"http.response.start", "websocket.accept", "websocket.http.response.start"})
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


@dataclass
class RequestMetrics:
    """Counts and durations for ``/metrics``, by method, route and status."""

    requests: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    seconds: Counter[tuple[str, str]] = field(default_factory=Counter)
    buckets: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    """By the place of the smallest bound that is not below; the sums up to each bound are made when they are read."""

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """One answered request."""
        self.requests[method, route, status] += 1
        self.seconds[method, route] += seconds  # type: ignore[assignment]
        self.buckets[method, route, bisect_left(_BUCKETS, seconds)] += 1

    def exposition(self) -> str:
        """Prometheus' text format."""
        lines = ["# TYPE revcare_http_requests_total counter"]
        for (method, route, status), count in sorted(self.requests.items()):
            lines.append(f'revcare_http_requests_total{{method="{method}",route="{route}",status="{status}"}} {count}')
        lines.append("# TYPE revcare_http_request_duration_seconds histogram")
        totals: Counter[tuple[str, str]] = Counter()
        for (method, route, _), count in self.requests.items():
            totals[method, route] += count
        for (method, route), count in sorted(totals.items()):
            name, labels = "revcare_http_request_duration_seconds", f'method="{method}",route="{route}"'
            sums = accumulate(self.buckets[method, route, place] for place in range(len(_BUCKETS)))
            lines += [
                f'{name}_bucket{{{labels},le="{bound}"}} {below}' for bound, below in zip(_BUCKETS, sums, strict=True)
            ]
            lines.append(f'{name}_bucket{{{labels},le="+Inf"}} {count}')
            lines.append(f"{name}_sum{{{labels}}} {self.seconds[method, route]:.6f}")
            lines.append(f"{name}_count{{{labels}}} {count}")
        return "\n".join(lines) + "\n"


class AccessLog:
    """Request id in and out, headers that every answer has, contextual logs, one line and one count per request.

    A socket is a request that was answered with 101 and took as long as it was open.
    """

    def __init__(self, app: ASGIApp, metrics: RequestMetrics) -> None:
        self._app = app
        self._metrics = metrics
        self._lines = AccessLines("api.access")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Follow one request."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        path: str = scope["path"]
        request_id = _request_id(scope["headers"])
        facts: dict[str, Any] = {"request_id": request_id}
        if found := _BOOKING.search(path):
            facts["booking_id"] = int(found[1])
        begin_request(facts)
        defaults = ((b"x-request-id", request_id.encode()), *ALWAYS)
        if path.startswith(_PERSONAL):
            defaults += _NOT_STORED
        if scope["scheme"] in ("https", "wss"):
            defaults += BEHIND_TLS
        status, started, since = 500, False, time.perf_counter()

        async def sending(message: Message) -> None:
            nonlocal status, started
            if message["type"] in _BEGINNINGS:
                status, started = message.get("status", 101), True
                headers = list(message.get("headers", ()))
                given = {name for name, _ in headers}
                message["headers"] = headers + [each for each in defaults if each[0] not in given]
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except Exception as fault:
            # Here, not in Starlette's outermost layer: so that a bug's answer carries the request id.
            response = fault_response(fault)
            if started:
                raise
            await response(scope, receive, sending)
        finally:
            self._record(scope, status, time.perf_counter() - since)

    def _record(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "unmatched")
        # Anybody can invent methods; each would be a row here for as long as the process lives.
        named = scope.get("method", "GET")
        method = named if named in _METHODS else "other"
        self._metrics.observe(method, route, status, seconds)
        path: str = scope["path"]
        if not path.startswith(_NOT_LOGGED):
            facts = {"method": named, "path": path, "status": status, "ms": round(seconds * 1000, 1)}
            self._lines.write("answered", facts)


def _request_id(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """The client's own, if it can be one; else a new one."""
    given = first_header(headers, b"x-request-id")
    return given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(8)
