"""Paths with and without their last slash. Plain ASGI."""

from starlette.types import ASGIApp, Receive, Scope, Send

from api.errors import error_body, error_response


class TrailingSlash:
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
