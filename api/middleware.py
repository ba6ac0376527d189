"""What every request passes: a size limit, a request id, one log line, counters. Plain ASGI: streams stay streams."""

import asyncio
import re
import secrets
import time
from collections import Counter
from dataclasses import dataclass, field

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import error_body, error_response, fault_response

log = structlog.get_logger("api.access")

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_BOOKING = re.compile(r"/bookings/(?:admin/analysis/)?(\d{1,16})(?:/|$)")
_QUIET = ("/health/", "/metrics")
_PERSONAL = "/api/"
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_NULS = (b"\x00", b"\\u0000")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_READ_ON = 10_000_000
_SLOWEST = 5_000
"""Bytes per second that a body has to keep up with."""
LONGEST_TARGET = 8_000
LARGEST_HEADERS = 32_000


@dataclass
class Measurements:
    """Counts and durations for ``/metrics``, by method, route and status."""

    requests: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    seconds: Counter[tuple[str, str]] = field(default_factory=Counter)
    buckets: Counter[tuple[str, str, float]] = field(default_factory=Counter)

    def note(self, method: str, route: str, status: int, seconds: float) -> None:
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


class Observe:
    """Request id in and out, contextual logs, one line and one count per request."""

    def __init__(self, app: ASGIApp, measurements: Measurements) -> None:
        self._app = app
        self._measurements = measurements

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
            self._note(scope, status, time.perf_counter() - since)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "unmatched")
        # Anybody can invent methods; each would be a row here for as long as the process lives.
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self._measurements.note(method, route, status, seconds)
        if not scope["path"].startswith(_QUIET):
            log.info("answered", method=scope["method"], path=scope["path"], status=status, ms=round(seconds * 1000, 1))


class LimitHead:
    """Addresses and headers up to a size, and one length of the body."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse what is too long before anybody reads it."""
        if scope["type"] == "http":
            if len(scope.get("raw_path") or scope["path"]) + len(scope["query_string"]) > LONGEST_TARGET:
                await _refuse(scope, receive, send, 414, "AddressTooLong", "the address is too long")
                return
            if sum(len(name) + len(value) for name, value in scope["headers"]) > LARGEST_HEADERS:
                await _refuse(scope, receive, send, 431, "HeadersTooLarge", "the headers are too large")
                return
            if {b"content-length", b"transfer-encoding"} <= {name for name, _ in scope["headers"]}:
                # A proxy may believe the other one, and take the rest of the body for somebody's next request.
                await _refuse(scope, receive, send, 400, "Unreadable", "the body has two lengths")
                return
        await self._app(scope, receive, send)


class LimitBody:
    """Bodies up to a size, declared or not, in a time; no NUL characters, which no store of ours can keep.

    ``own`` are the paths with limits of their own, ``patience`` the seconds that any body has.
    """

    def __init__(self, app: ASGIApp, limit: int, own: dict[str, int], patience: float) -> None:
        self._app = app
        self._limit = limit
        self._own = own
        self._patience = patience

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the whole body first; it is small, or refused."""
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD", "OPTIONS"):
            await self._app(scope, receive, send)
            return
        limit = self._own.get(scope["path"].rstrip("/"), self._limit)
        try:
            body = await self._whole(scope, receive, limit)
        except TimeoutError:
            await _refuse(scope, receive, send, 408, "TooSlow", "the body does not arrive")
            return
        except ClientDisconnect:
            return
        if body is None:
            await _refuse(scope, receive, send, 413, "TooLarge", f"the body is larger than {limit} bytes")
        elif self._is_json(scope) and any(nul in body for nul in _NULS):
            await _refuse_nul(scope, receive, send)
        else:
            await self._app(scope, _replay(body, receive), send)

    async def _whole(self, scope: Scope, receive: Receive, limit: int) -> bytes | None:
        """The body; None if it is too large. What is too large is read on without being kept, though not for ever:
        who is cut off while sending never sees the answer.

        Raises:
            TimeoutError: it takes too long.
            ClientDisconnect: nobody is there any more.
        """
        headers = Headers(scope=scope)
        declared = headers.get("content-length", "0")
        too_large = not declared.isdecimal() or int(declared) > limit
        if too_large and headers.get("expect", "").lower() == "100-continue":
            return None
        body, size, began = bytearray(), 0, asyncio.get_running_loop().time()
        async with asyncio.timeout(self._patience) as clock:
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ClientDisconnect
                piece = message.get("body", b"")
                size += len(piece)
                too_large = too_large or size > limit
                if too_large:
                    body.clear()
                else:
                    body += piece
                if not message.get("more_body") or size > limit + _READ_ON:
                    return None if too_large else bytes(body)
                clock.reschedule(began + self._patience + size / _SLOWEST)

    @staticmethod
    def _is_json(scope: Scope) -> bool:
        # Webhooks keep their raw bytes and are judged by their signature, not by us.
        return "json" in Headers(scope=scope).get("content-type", "") and not scope["path"].endswith("/webhook")


async def _refuse_nul(scope: Scope, receive: Receive, send: Send) -> None:
    detail = "NUL characters cannot be stored"
    body = error_body(422, detail, "ShapeMismatch")
    body["errors"] = [{"field": "body", "message": detail, "type": "nul"}]
    await error_response(422, body, {"Connection": "close"})(scope, receive, send)


async def _refuse(scope: Scope, receive: Receive, send: Send, status: int, code: str, detail: str) -> None:
    await error_response(status, error_body(status, detail, code), {"Connection": "close"})(scope, receive, send)


def _replay(body: bytes, receive: Receive) -> Receive:
    sent = False

    async def replayed() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed


class EitherSlash:
    """``/bookings`` and ``/bookings/`` are one route, without a redirect.

    A path that was registered has the methods that were registered with it: ``PUT /customers/cart`` is not meant for a
    customer called cart.
    """

    def __init__(self, app: ASGIApp, known: dict[str, set[str]]) -> None:
        self._app = app
        self._known = known

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Turn the path into the one that was registered."""
        if scope["type"] == "http":
            path: str = scope["path"]
            if path.endswith("/") and len(path) > 1 and path not in self._known:
                path = path.rstrip("/") or "/"
            elif path + "/" in self._known and path not in self._known:
                path += "/"
            if path != scope["path"]:
                # In place: the route that is found must be seen by those who measure.
                scope["path"], scope["raw_path"] = path, path.encode()
            methods = self._known.get(path)
            if methods and scope["method"] not in methods:
                body = error_body(405, "Method Not Allowed", "MethodNotAllowed")
                await error_response(405, body, {"Allow": ", ".join(sorted(methods))})(scope, receive, send)
                return
        await self._app(scope, receive, send)
