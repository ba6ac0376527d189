"""The phones over HTTP: what senders and issuers speak to, JSON for tests and the demo, a page for people."""

import secrets
from pathlib import Path
from typing import Annotated, Any

from fastapi import FastAPI, Header, HTTPException
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader
from pydantic import BaseModel, Field

from devstack.phone.fcm import fcm_router
from devstack.phone.issuer import issuer_router
from devstack.phone.keys import Keys
from devstack.phone.store import Store, TokenState

_PAGE = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:",
    "X-Content-Type-Options": "nosniff",
}


class TextMessage(BaseModel):
    """A text message as a gateway takes it; ``to`` with the country's number."""

    to: Annotated[str, Field(pattern=r"^\+[1-9][0-9]{6,14}$")]
    text: Annotated[str, Field(min_length=1, max_length=1000)]
    key: Annotated[str, Field(min_length=1, max_length=200)]


class TokenOrder(BaseModel):
    """How pushes to a token are answered from now on."""

    state: TokenState


def create_app(store: Store, keys: Keys, address: str, sms_token: str) -> FastAPI:
    """The phones of one store, at that address; ``sms_token`` is what the gateway asks for as a bearer."""
    app = FastAPI(title="Phones of the development stack", docs_url=None, redoc_url=None)
    pages = Environment(loader=FileSystemLoader(Path(__file__).parent / "pages"), autoescape=True)
    app.include_router(fcm_router(store, keys, address))
    app.include_router(issuer_router(keys, address))

    @app.get("/health")
    def health() -> dict[str, str]:
        return {"status": "ok"}

    @app.post("/sms")
    def take(message: TextMessage, authorization: Annotated[str, Header()] = "") -> dict[str, Any]:
        if not secrets.compare_digest(authorization.encode(), f"Bearer {sms_token}".encode()):
            raise HTTPException(401, "the token is not ours")
        return store.add_message(message.to, message.text, message.key)

    @app.get("/sandbox/messages")
    def messages(to: str | None = None) -> list[dict[str, Any]]:
        return store.messages(_number(to))

    @app.get("/sandbox/pushes")
    def pushes(token: str | None = None) -> list[dict[str, Any]]:
        return store.pushes(token)

    @app.put("/sandbox/tokens/{token:path}")
    def set_state(token: str, order: TokenOrder) -> dict[str, str]:
        store.set_state(token, order.state)
        return {"token": token, "state": order.state}

    @app.get("/")
    def index() -> HTMLResponse:
        found = {"messages": store.messages()[::-1], "pushes": store.pushes()[::-1]}
        return HTMLResponse(pages.get_template("index.html").render(**found), headers=_PAGE)

    return app


def _number(to: str | None) -> str | None:
    """A "+" that an address was given without quotes arrives as a blank."""
    return f"+{to.strip().removeprefix('+')}" if to else None
