"""The application: routes, middleware and errors; one set of connections per process."""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import APIRouter, FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.routing import APIRoute

import settings as configuration
from adapters.auth.authenticator import Authenticator
from adapters.resources import Resources, open_resources
from api import errors
from api.documentation import openapi
from api.documentation import pages as reference_pages
from api.http.limits import BodyLimit, HeaderLimit
from api.http.log import AccessLog, RequestMetrics
from api.http.paths import TrailingSlash
from api.pages import routes as web_pages
from api.routes import (
    addresses,
    admins,
    assignment_types,
    auth,
    backups,
    booking_admin,
    booking_documents,
    booking_events,
    booking_mechanic,
    bookings,
    car_masters,
    cars,
    carts,
    contents,
    customers,
    favourites,
    gst,
    health,
    images,
    mechanics,
    notifications,
    passwords,
    payment_books,
    payment_webhook,
    payments,
    queries,
    rbac,
    reviews,
    services,
    utils,
)
from api.services import BookingServices
from settings import Settings

ResourceOpener = Callable[[Settings], AbstractAsyncContextManager[Resources]]

# Fixed paths come before those with an id: /customers/cart before /customers/{customer_id}.
# The webhook is looked for first: a provider that sends hundreds a second must not wait for a walk past all others.
ROUTERS = (
    payment_webhook.router,
    auth.router,
    passwords.router,
    rbac.router,
    carts.router,
    favourites.router,
    customers.router,
    assignment_types.router,
    mechanics.router,
    admins.router,
    car_masters.router,
    cars.router,
    addresses.router,
    images.router,
    utils.router,
    reviews.router,
    services.router,
    contents.router,
    gst.router,
    queries.router,
    booking_admin.router,
    booking_mechanic.router,
    bookings.router,
    booking_documents.router,
    booking_events.router,
    payment_books.router,
    payments.router,
    notifications.router,
    backups.router,
)
PREFIX = "/api/v1"
# Forms are read byte by byte in Python, by whoever asks: those that are open to everybody stay small.
_BODY_LIMITS = {
    f"{PREFIX}/utils/images": 5_500_000,
    f"{PREFIX}/auth/login": 16_000,
    f"{PREFIX}/payment/verify": 100_000,
}
_DESCRIPTION = """Vehicle service, booked and followed from the doorstep and back.

Log in at `/api/v1/auth/login` (username = phone), send the token as `Authorization: Bearer`. Amounts are decimal
strings in rupees; times are ISO 8601 in UTC, dates and slots local to the shop. Every mutating booking and payment
route honours an `Idempotency-Key`: a repeat gets the same answer. Errors have `status`, `message`, `detail` and `code`.
"""


def create_app(opening: ResourceOpener = open_resources, settings: Settings | None = None) -> FastAPI:
    """The application; ``opening`` is what opens its connections."""
    settings = settings or configuration.load()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with opening(settings) as resources:
            app.state.resources = resources
            app.state.services = BookingServices.of(resources)
            app.state.authenticator = Authenticator(
                resources.database, resources.tokens, settings.stores.postgresql_url
            )
            app.state.authenticator.start()
            try:
                yield
            finally:
                await app.state.services.changes.close()
                await app.state.authenticator.close()

    app = FastAPI(
        title="RevCare",
        version="1.0.0",
        description=_DESCRIPTION,
        lifespan=lifespan,
        redirect_slashes=False,
        docs_url=None,  # see documentation/pages
        redoc_url=None,
        generate_unique_id_function=_operation_id,
    )
    app.state.metrics = RequestMetrics()
    api = APIRouter(prefix=PREFIX)
    for router in ROUTERS:
        api.include_router(router)
    app.include_router(api)
    app.include_router(health.router)
    app.include_router(images.shown)
    app.include_router(web_pages.router)
    openapi.install(app)
    reference_pages.install(app)
    errors.install(app)
    app.add_middleware(TrailingSlash, known=_paths())
    app.add_middleware(
        BodyLimit,
        limit=settings.web.max_body_bytes,
        own=_BODY_LIMITS,
        timeout=settings.web.client_timeout.total_seconds(),
    )
    app.add_middleware(HeaderLimit)
    if settings.web.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(settings.web.cors_origins),
            allow_credentials=True,
            allow_methods=["*"],
            allow_headers=["*"],
            expose_headers=["X-Total-Count", "Link", "X-Request-Id", "X-Rating-Average", "X-Rating-Count"],
        )
    app.add_middleware(AccessLog, metrics=app.state.metrics)
    return app


def _paths() -> dict[str, set[str]]:
    """Every path as it was registered, with or without its slash at the end, and its methods."""
    routes = [(PREFIX, route) for router in ROUTERS for route in router.routes]
    routes += [("", route) for route in health.router.routes]
    found: dict[str, set[str]] = {}
    for prefix, route in routes:
        if isinstance(route, APIRoute):
            found.setdefault(prefix + route.path, set()).update(route.methods or ())
    return found


def _operation_id(route: APIRoute) -> str:
    """Stable and readable in generated clients: tag and function name."""
    tag = str(route.tags[0]) if route.tags else "revcare"
    return re.sub(r"\W+", "_", f"{tag}_{route.name}".lower())
