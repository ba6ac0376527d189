"""The outermost layer: commits before it answers, keeps the list of calls, and stages the accidents of a network."""

import asyncio
import contextlib
from typing import Any

from fastapi.responses import HTMLResponse, JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from devstack.razorpay.box import Sandbox
from devstack.razorpay.errors import ApiError, envelope
from devstack.razorpay.store import Doc

_THROTTLED = "Request failed. Please try after sometime."
_DOWN = "We are facing some trouble completing your request at the moment. Please try again shortly."


class Front:
    """Wraps the whole application, so that the ``send`` it holds is the server's own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Only calls of the REST API are counted and disturbed; checkout and the operator's calls never are."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        box: Sandbox = scope["app"].state.box
        path = scope["path"]
        if path.startswith(("/v1/", "/v2/")) and not path.startswith("/v1/checkout/"):
            await self._call(box, scope, receive, send)
            return

        async def commit_first(message: Message) -> None:
            if message["type"] == "http.response.start":
                box.commit()
            await send(message)

        await self._app(scope, receive, commit_first)

    async def _call(self, box: Sandbox, scope: Scope, receive: Receive, send: Send) -> None:
        over = box.over
        heard = await _heard_out(receive)
        # No await from here until the key is taken, or another call with it would come in between.
        rule = {} if over.is_set() else box.chaos.pick("api", f"{scope['method']} {scope['path']}")
        scope["sandbox.rule"] = rule
        key = _header(scope, b"x-refund-idempotency") or _header(scope, b"x-transfer-idempotency")
        hangs_up = bool(rule.get("drop_after_commit"))

        async def note_and_commit(message: Message) -> None:
            if message["type"] == "http.response.start":
                status = None if hangs_up else message["status"]
                box.note_request(method=scope["method"], path=scope["path"], status=status, idempotency_key=key)
                box.commit()
            if not hangs_up:
                await send(message)

        async with _slowly(box, scope, rule, key, over):
            if not over.is_set():
                await (_canned(rule) or self._app)(scope, heard, note_and_commit)
            else:  # a request to a world that is gone must not act in the new one
                hangs_up = True
        if hangs_up:
            await _hang_up(receive, send)


async def _heard_out(receive: Receive) -> Receive:
    """Read the whole request first: a caller that times out during the latency has sent it all the same."""
    messages: list[Message] = []
    while not messages or messages[-1].get("more_body"):
        messages.append(await receive())
    messages.reverse()

    async def again() -> Message:
        return messages.pop() if messages else await receive()

    return again


@contextlib.asynccontextmanager
async def _slowly(box: Sandbox, scope: Scope, rule: Doc, key: str | None, over: asyncio.Event) -> Any:
    """Latency comes before the operation, until ``over`` or other rules at the longest; meanwhile the idempotency key
    is taken, as it is at the real service."""
    latency = float(rule.get("latency", 0))
    replaced = box.chaos.replaced  # also when the world is over
    holds = bool(latency and key and key not in box.in_flight)
    if holds and key:
        box.in_flight.add(key)
        scope["sandbox.holds_key"] = True
    try:
        if latency:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(replaced.wait(), latency)
        yield
    finally:
        if holds and key and not over.is_set():
            box.in_flight.discard(key)


def _canned(rule: Doc) -> Response | None:
    """The answer of something in between: a balancer's page, or an error that says nothing about the request."""
    wanted = rule.get("http")
    if not wanted:
        return None
    status = int(wanted.get("status", 502))
    if page := wanted.get("html"):
        text = page if isinstance(page, str) else f"<html><body><h1>{status} Bad Gateway</h1></body></html>"
        return HTMLResponse(text, status_code=status)
    if status >= 400:
        usual, code = (_DOWN, "SERVER_ERROR") if status >= 500 else (_THROTTLED, "BAD_REQUEST_ERROR")
        said = wanted.get("description", usual)
        return envelope(ApiError(status, said, code=wanted.get("code", code), source="NA", step="NA", reason="NA"))
    return JSONResponse({}, status_code=status)


async def _hang_up(receive: Receive, send: Send) -> None:
    """Close the socket without an answer. ASGI has no message for that, so this uses uvicorn's transport."""
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if transport is None:
        raise ConnectionResetError("drop_after_commit needs a real server")
    transport.abort()
    while (await receive())["type"] != "http.disconnect":
        pass


def _header(scope: Scope, name: bytes) -> str | None:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), None)
