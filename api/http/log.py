"""Logs and measurements of requests: a request id, one log line, counters. Plain ASGI: streams stay streams."""

import re
import secrets
import time
from collections import Counter
from dataclasses import dataclass, field

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import fault_response

log = structlog.get_logger("api.access")

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_BOOKING = re.compile(r"/bookings/(?:admin/analysis/)?(\d{1,16})(?:/|$)")
_NOT_LOGGED = ("/health/", "/metrics")
_PERSONAL = "/api/"
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


@dataclass
class RequestMetrics:
    """Counts and durations for ``/metrics``, by method, route and status."""

    requests: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    seconds: Counter[tuple[str, str]] = field(default_factory=Counter)
    buckets: Counter[tuple[str, str, float]] = field(default_factory=Counter)

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """One answered request."""
        self.requests[method, route, status] += 1
        self.seconds[method, route] += seconds  # type: ignore[assignment]
        for bucket in _BUCKETS:
            if seconds <= bucket:
                self.buckets[method, route, bucket] += 1

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
            lines += [f'{name}_bucket{{{labels},le="{b}"}} {self.buckets[method, route, b]}' for b in _BUCKETS]
            lines.append(f'{name}_bucket{{{labels},le="+Inf"}} {count}')
            lines.append(f"{name}_sum{{{labels}}} {self.seconds[method, route]:.6f}")
            lines.append(f"{name}_count{{{labels}}} {count}")
        return "\n".join(lines) + "\n"


class AccessLog:
    """Request id in and out, contextual logs, one line and one count per request."""

    def __init__(self, app: ASGIApp, metrics: RequestMetrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Follow one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(8)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        if found := _BOOKING.search(scope["path"]):
            structlog.contextvars.bind_contextvars(booking_id=int(found[1]))
        status, started, since = 500, False, time.perf_counter()

        async def sending(message: Message) -> None:
            nonlocal status, started
            if message["type"] == "http.response.start":
                status, started = message["status"], True
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = request_id
                headers.setdefault("X-Content-Type-Options", "nosniff")
                if scope["path"].startswith(_PERSONAL):
                    headers.setdefault("Cache-Control", "no-store")
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
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self._metrics.observe(method, route, status, seconds)
        if not scope["path"].startswith(_NOT_LOGGED):
            log.info("answered", method=scope["method"], path=scope["path"], status=status, ms=round(seconds * 1000, 1))
