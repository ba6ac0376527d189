"""The application: routes, middleware and errors; one set of connections per process."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from starlette.routing import WebSocketRoute
from starlette.types import ASGIApp

import settings as configuration
from adapters.auth.authenticator import Authenticator
from adapters.auth.tokens import Tokens
from adapters.heartbeat import beating
from adapters.resources import Resources, open_resources
from api import errors
from api.auth import second_factor
from api.auth.login_turns import LoginTurns
from api.documentation import openapi
from api.documentation import pages as reference_pages
from api.hot_reads import hot_read
from api.http.bodies import BodyLimit, BodyRoom
from api.http.handshakes import Handshakes
from api.http.head import HeadAsGet
from api.http.limits import HeaderLimit
from api.http.log import AccessLog, RequestMetrics
from api.http.login import LoginFirst, needs_login, sets_second_factor_up
from api.http.paths import TrailingSlash
from api.http.places import trusted_proxies
from api.http.routing import RouteTable
from api.http.shares import Shared, Shares
from api.kind import KindApi
from api.pages.routes import page_routes
from api.readiness import parts_of_the_api
from api.routes import contact, health, images, rbac, sessions
from api.routes.auth import auth_routes
from api.routes.every_kind import routes_of_every_kind
from api.routes.passwords import password_routes
from api.routes.payment_webhook import payment_webhook_routes
from api.routes.second_factor import second_factor_routes
from api.services import BookingServices
from api.streams.open_streams import OpenStreams
from settings import Settings, Web

_Around = Callable[..., ASGIApp]
ResourceOpener = Callable[[Settings, str], AbstractAsyncContextManager[Resources]]

# Forms are read byte by byte in Python, by whoever asks: those that are open to everybody stay small.
_BODY_LIMITS = {"/auth/login": 16_000, "/payment/verify": 100_000}


def create_app(
    kind: KindApi[Any],
    opening: ResourceOpener = open_resources,
    settings: Settings | None = None,
    *,
    watched: bool = False,
) -> FastAPI:
    """The application that serves one kind; ``opening`` is what opens its connections. ``watched``: the log says once a
    minute which of them is away, and the heartbeat is kept.

    Raises:
        ValidationError: the environment has a setting of the kind that cannot be meant.
    """
    settings = settings or configuration.load()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with opening(settings, kind.storage.schema) as resources:
            app.state.resources, app.state.kind, app.state.storage = resources, kind.kind, kind.storage
            app.state.login_by = kind.login_by
            app.state.services = BookingServices.of(resources, kind.kind, kind.storage)
            tokens = Tokens(settings.secrets, kind.kind.name, {role.name: role.shown for role in kind.kind.roles})
            app.state.authenticator = Authenticator(
                resources.database,
                tokens,
                settings.stores.postgresql_url,
                second_factor_required=second_factor.is_required(settings),
            )
            app.state.parts = parts_of_the_api(resources)
            app.state.streams = OpenStreams(settings.web.streams_per_person)
            app.state.authenticator.tell(app.state.streams.wake)
            app.state.authenticator.start()
            running = [asyncio.create_task(resources.mongo.prepare_when_reachable())]
            if watched:
                running.append(asyncio.create_task(app.state.parts.watch()))
            try:
                async with beating(settings.process.heartbeat if watched else None):
                    yield
            finally:
                for each in running:
                    each.cancel()
                await app.state.services.changes.close()
                await app.state.authenticator.close()

    app = FastAPI(
        title=kind.title,
        version="1.0.0",
        description=kind.description,
        lifespan=lifespan,
        redirect_slashes=False,
        openapi_url=None,  # see documentation/openapi
        docs_url=None,  # see documentation/pages
        redoc_url=None,
        generate_unique_id_function=_operation_id,
        telemetry={"tracing": False, "metrics": False, "logs": False},  # nobody reads it, and each request asks for it
    )
    app.state.metrics = RequestMetrics()
    app.state.login_turns = LoginTurns()
    app.state.policy = kind.policy()
    # The webhook is looked for first: a provider that sends hundreds a second must not wait for all other routes.
    logins = auth_routes(kind.login_by, kind.accounts)
    accounts = (logins, password_routes(kind.login_by), second_factor_routes(kind.login_by))
    people = _without(kind.leaves_out, (*accounts, contact.router, sessions.router, rbac.router))
    of_every_kind = _without(kind.leaves_out, routes_of_every_kind(kind.storage, kind.models))
    routers = (payment_webhook_routes(kind.models), *people, *kind.routers, *of_every_kind)
    for router in routers:  # without a router of all of them in between, which would build each route once more
        app.include_router(router, prefix=kind.prefix)
    app.include_router(health.router)
    app.include_router(images.shown)
    app.include_router(page_routes(kind.pages, kind.login_by, rehearsal=settings.process.rehearsal))
    openapi.install(app, kind)
    reference_pages.install(app, rehearsal=settings.process.rehearsal)
    errors.install(app)
    shared = partial(Shared, shares=Shares(settings.web.requests_at_once, trusted_proxies()))
    guarded = partial(_guarded, kind.prefix, _bodies(kind, settings.web), shared)
    app.router.middleware_stack = RouteTable(app.router, guarded=guarded)
    if kind.web_sockets:
        origins = (*settings.web.cors_origins, settings.web.public_url)
        app.add_middleware(Handshakes, patterns=_patterns_of_sockets(app), origins=origins)
    app.add_middleware(TrailingSlash, known=_paths(kind.prefix, routers))
    app.add_middleware(HeaderLimit)
    if settings.web.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(settings.web.cors_origins),
            allow_credentials=True,
            allow_methods=["*"],
            allow_headers=["*"],
            expose_headers=["X-Total-Count", "Link", "ETag", "X-Request-Id", "X-Rating-Average", "X-Rating-Count"],
        )
    app.add_middleware(HeadAsGet)
    app.add_middleware(AccessLog, metrics=app.state.metrics)
    return app


def _without(left_out: frozenset[str], routers: Sequence[APIRouter]) -> list[APIRouter]:
    """The routers without the routes that a kind leaves out."""
    return [_kept(router, left_out) if left_out else router for router in routers]


def _kept(router: APIRouter, left_out: frozenset[str]) -> APIRouter:
    routes = (route for route in router.routes if isinstance(route, APIRoute))
    return APIRouter(routes=[route for route in routes if not left_out & _names(route)])


def _names(route: APIRoute) -> set[str]:
    return {f"{method} {route.path}" for method in route.methods or ()}


def _guarded(prefix: str, bodies: _Around, shared: _Around, route: RouteContext) -> ASGIApp:
    """The route behind the share of whoever asks, both behind the limits of its body, and all behind its login: of
    strangers not a byte is kept there."""
    app = shared(hot_read(route, prefix))
    if set(route.methods or ()) - {"GET", "HEAD"}:
        app = bodies(app, route=str(route.path_format))
    return LoginFirst(app, setting_up=sets_second_factor_up(route)) if needs_login(route) else app


def _bodies(kind: KindApi[Any], web: Web) -> _Around:
    """What goes around a route that reads bodies, by its path; all share the room that a process has for them."""
    limits = {**_BODY_LIMITS, **kind.body_limits}
    return partial(
        BodyLimit,
        room=BodyRoom(web.max_bodies_bytes),
        limit=web.max_body_bytes,
        own={(kind.prefix + path).rstrip("/"): limit for path, limit in limits.items()},
        timeout=web.client_timeout.total_seconds(),
        folder=web.uploads,
    )


def _paths(prefix: str, routers: Sequence[APIRouter]) -> dict[str, set[str]]:
    """Every path as it was registered, with or without its slash at the end, and its methods."""
    routes = [(prefix, route) for router in routers for route in router.routes]
    routes += [("", route) for route in health.router.routes]
    found: dict[str, set[str]] = {}
    for prefix, route in routes:
        if isinstance(route, APIRoute):
            found.setdefault(prefix + route.path, set()).update(route.methods or ())
    return found


def _patterns_of_sockets(app: FastAPI) -> list[Any]:
    contexts = iter_route_contexts(app.router.routes)
    return [context.path_regex for context in contexts if isinstance(context.original_route, WebSocketRoute)]


def _operation_id(route: APIRoute) -> str:
    """Stable and readable in generated clients: tag and function name."""
    tag = str(route.tags[0]) if route.tags else "revcare"
    return re.sub(r"\W+", "_", f"{tag}_{route.name}".lower())
