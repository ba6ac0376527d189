"""Putting the sandbox together."""

import contextlib
from collections.abc import AsyncIterator
from operator import attrgetter

from fastapi import Depends, FastAPI
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp

from api.http.routing import RouteTable
from devstack.razorpay import operator_calls, operator_transfers
from devstack.razorpay.box import Sandbox
from devstack.razorpay.checkout import routes as checkout
from devstack.razorpay.config import Config
from devstack.razorpay.errors import ApiError, answer_refusal, envelope, not_found
from devstack.razorpay.front import Front
from devstack.razorpay.machine import later
from devstack.razorpay.rest import (
    beyond,
    disputes,
    links,
    orders,
    payments,
    refunds,
    settlements,
    transfers,
    webhooks,
)
from devstack.razorpay.rest.reading import authenticated


class SandboxApp(FastAPI):
    """FastAPI with ``Front`` outside everything else, where it can still reach the connection."""

    def build_middleware_stack(self) -> ASGIApp:
        """The usual stack in its wrapping."""
        return Front(super().build_middleware_stack())


def create_app(config: Config | None = None) -> FastAPI:
    """The whole sandbox; its state opens with the server's start and closes with its end."""
    chosen = config or Config()

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        box = app.state.box = Sandbox(chosen)
        later.teach(box)
        await box.open()
        try:
            yield
        finally:
            await box.close()

    app = SandboxApp(title="Razorpay sandbox", openapi_url=None, redirect_slashes=False, lifespan=lifespan)
    app.add_exception_handler(ApiError, answer_refusal)
    app.add_exception_handler(HTTPException, _no_such_url)
    for part in (beyond, orders, payments, refunds, disputes, links, settlements, transfers, webhooks):
        app.include_router(part.router, prefix="/v1", dependencies=[Depends(authenticated)])
    app.include_router(transfers.account_router, prefix="/v2", dependencies=[Depends(authenticated)])
    app.include_router(checkout.router)
    app.include_router(operator_calls.router, prefix="/sandbox")
    app.include_router(operator_transfers.router, prefix="/sandbox")
    app.router.middleware_stack = RouteTable(app.router, guarded=attrgetter("app"))
    return app


async def _no_such_url(_: Request, __: Exception) -> JSONResponse:
    """Wrong path and wrong method look alike at the provider."""
    return envelope(not_found())
