"""Routes found by a table: what a request costs does not grow with the number of routes.

The framework asks one route after the other, and each included router its own, for every request; that was a third of
what a read cost. Which route answers is the same: of those that fit, the one that was registered first.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter
from fastapi.routing import RouteContext, iter_route_contexts
from starlette.convertors import PathConvertor
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket


@dataclass(frozen=True, slots=True)
class Entry:
    """A route as it is called, and its place among all: an earlier one goes first."""

    place: int
    methods: frozenset[str]
    app: ASGIApp
    route: Route | WebSocketRoute
    pattern: Any
    convertors: dict[str, Any]


@dataclass(slots=True)
class _Node:
    """What may follow a part of a path: a part with this text, or any."""

    named: "dict[str, _Node]" = field(default_factory=dict)
    any: "_Node | None" = None
    entries: list[Entry] = field(default_factory=list)


class RouteTable:
    """The routes of a router by the parts of their paths. What is not found is left to the router: 404, 405, mounts.

    Made when all routes are registered. ``guarded`` may put something around the application of a route.
    """

    def __init__(self, router: APIRouter, guarded: Callable[[RouteContext], ASGIApp]) -> None:
        self._router = router
        self._otherwise: ASGIApp = router.app
        self._root = _Node()
        self._sockets: list[Entry] = []
        for place, context in enumerate(iter_route_contexts(router.routes)):
            if isinstance(context.original_route, WebSocketRoute):
                self._sockets.append(_entry(place, context, _spoken_by(context)))
                continue
            if not isinstance(context.original_route, Route) or _spans_parts(context):
                break  # a mount, say: what was registered behind it must not be found before it
            self._add(place, context, guarded(context))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer by the route of the request, or of the socket that is asked for."""
        kind, path, method = scope["type"], scope.get("path", ""), scope.get("method")
        if scope.get("root_path"):
            entries = []
        elif kind == "http":
            entries = self._entries(path)
        else:
            entries = self._sockets if kind == "websocket" else []
        for entry in entries:
            if (method is None or method in entry.methods) and (found := entry.pattern.match(path)):
                scope["router"], scope["route"], scope["endpoint"] = self._router, entry.route, entry.route.endpoint
                given = found.groupdict()
                scope["path_params"] = {name: entry.convertors[name].convert(part) for name, part in given.items()}
                await entry.app(scope, receive, send)
                return
        await self._otherwise(scope, receive, send)

    def _add(self, place: int, context: RouteContext, app: ASGIApp) -> None:
        node = self._root
        for part in str(context.path_format).split("/"):
            if "{" in part:
                node.any = node.any or _Node()
                node = node.any
            else:
                node = node.named.setdefault(part, _Node())
        node.entries.append(_entry(place, context, app))

    def _entries(self, path: str) -> list[Entry]:
        """What may fit, in the order of registration."""
        nodes = [self._root]
        for part in path.split("/"):
            nodes = [follows for node in nodes for follows in (node.named.get(part), node.any) if follows is not None]
            if not nodes:
                return []
        if len(nodes) == 1:
            return nodes[0].entries
        return sorted((entry for node in nodes for entry in node.entries), key=lambda entry: entry.place)


def _entry(place: int, context: RouteContext, app: ASGIApp) -> Entry:
    route = context.original_route
    assert isinstance(route, Route | WebSocketRoute)  # noqa: S101 - seen by the caller
    methods = frozenset(context.methods or ())
    return Entry(place, methods, app, route, context.path_regex, context.param_convertors)


def _spoken_by(context: RouteContext) -> ASGIApp:
    """The function of a socket, which gets nothing but the socket: what the framework has around one, for what it may
    depend on, is there for as long as the socket is."""
    endpoint: Any = context.endpoint

    async def speak(scope: Scope, receive: Receive, send: Send) -> None:
        await endpoint(WebSocket(scope, receive, send))

    return speak


def _spans_parts(context: RouteContext) -> bool:
    return any(isinstance(each, PathConvertor) for each in context.param_convertors.values())
