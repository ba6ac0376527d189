"""HEAD is answered as GET is, without the body. Plain ASGI."""

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class HeadAsGet:
    """Everything behind this sees a GET; an answer that is a stream ends where its body would begin."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with status and headers."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def without_body(message: Message) -> None:
            if message["type"] == "http.response.start":
                scope["method"] = "HEAD"  # the server counts the bytes of a body, but for this method
                await send(message)
            elif message.get("more_body"):
                raise ClientDisconnect
            else:
                await send({**message, "body": b""})

        # In place, for those that measure look at the same scope.
        scope["method"] = "GET"
        try:
            await self._app(scope, receive, without_body)
        except ClientDisconnect:
            await send({"type": "http.response.body", "body": b""})
        finally:
            scope["method"] = "HEAD"
