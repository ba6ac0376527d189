"""The mailbox over HTTP: JSON for tests and the demo, a page for people.

Mails are shown in frames that run no script and reach no network: what a mail says is never trusted. What
looks at one mail, or at one reader's, is done on the loop, which costs less than a thread; what looks at all of them
is not, for mails come in there as well.
"""

from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, HTTPException
from fastapi.responses import HTMLResponse, PlainTextResponse, Response
from jinja2 import Environment, FileSystemLoader
from starlette.concurrency import run_in_threadpool

from devstack.mail.store import Store

_LOCKED = {
    "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:",
    "X-Content-Type-Options": "nosniff",
}
_PAGE = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; img-src data:",
    "X-Content-Type-Options": "nosniff",
}


def create_app(store: Store) -> FastAPI:
    """The mailbox of one store."""
    app = FastAPI(title="Mails of the development stack", docs_url=None, redoc_url=None)
    pages = Environment(loader=FileSystemLoader(Path(__file__).parent / "pages"), autoescape=True)
    pages.filters["quoted"] = lambda text: quote(text, safe="")

    def found(number: int) -> dict[str, Any]:
        if (mail := store.message(number)) is None:
            raise HTTPException(404, "no such message")
        return mail

    @app.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/messages")
    async def messages(to: str | None = None) -> list[dict[str, Any]]:
        return store.messages(to) if to else await run_in_threadpool(store.messages)

    @app.delete("/messages")
    async def clear() -> dict[str, str]:
        store.clear()
        return {"message": "all messages are deleted"}

    @app.get("/messages/{number}")
    async def message(number: int) -> dict[str, Any]:
        return found(number)

    @app.get("/messages/{number}/attachments/{filename:path}")
    async def attachment(number: int, filename: str) -> Response:
        if (part := store.attachment(number, filename)) is None:
            raise HTTPException(404, "no such attachment")
        kind, content = part
        headers = _LOCKED | {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(filename, safe='')}"}
        return Response(content, media_type=kind, headers=headers)

    @app.get("/messages/{number}/html")
    async def html(number: int) -> HTMLResponse:
        return HTMLResponse(found(number)["html"] or "", headers=_LOCKED)

    @app.get("/messages/{number}/text")
    async def text(number: int) -> PlainTextResponse:
        return PlainTextResponse(found(number)["text"] or "", headers=_LOCKED)

    @app.get("/messages/{number}/source")
    async def source(number: int) -> PlainTextResponse:
        found(number)
        return PlainTextResponse((store.raw(number) or b"").decode("utf-8", "replace"), headers=_LOCKED)

    @app.get("/messages/{number}/page")
    async def page(number: int) -> HTMLResponse:
        return HTMLResponse(pages.get_template("mail.html").render(mail=found(number)), headers=_PAGE)

    @app.get("/")
    def index() -> HTMLResponse:
        mails = store.messages()[::-1]
        return HTMLResponse(pages.get_template("index.html").render(mails=mails), headers=_PAGE)

    return app
