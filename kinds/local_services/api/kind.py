"""Local services as an API process serves them: the table of contents of routes, shapes and documentation."""

from fastapi import APIRouter

from api.kind import BookingModels, KindApi
from api.routes import backups, gst, images, payment_books
from api.routes.booking_documents import leg_document_routes
from kinds.local_services.api.accounts import ACCOUNTS
from kinds.local_services.api.listing_routes import LISTING_BODY_LIMITS, LISTING_ROUTERS
from kinds.local_services.api.people_routes import BODY_LIMITS, PEOPLE_ROUTERS, REFUSALS, REPLACED
from kinds.local_services.api.routes import (
    booking_notes,
    bookings,
    disputes,
    messages,
    notifications,
    payouts,
    reviews,
    socket,
)
from kinds.local_services.api.schemas.booking_answers import BookingAnswer, ListRow, TimelineEntry
from kinds.local_services.domain.booking import ServiceBooking
from kinds.local_services.domain.papers import COMMISSION_LEG
from kinds.local_services.postgres.storage import STORAGE
from kinds.local_services.settings import LocalServicesSettings

_DESCRIPTION = """Services of people nearby: requested, negotiated, paid, done and reviewed.

Register or log in at `/api/v1/auth` with a phone, send the token as `Authorization: Bearer`. Amounts are decimal
strings in rupees, GST included; times are ISO 8601 in UTC. Every mutating booking and payment route honours an
`Idempotency-Key`: a repeat gets the same answer. Errors have `status`, `message`, `detail` and `code`.
"""
_MODELS = BookingModels(booking=BookingAnswer, row=ListRow, timeline_entry=TimelineEntry)
_ROUTERS: tuple[APIRouter, ...] = (
    *LISTING_ROUTERS,
    *PEOPLE_ROUTERS,
    images.router,
    reviews.router,
    gst.router,
    disputes.router,
    booking_notes.router,
    bookings.router,
    messages.router,
    socket.router,
    notifications.router,
    payouts.router,
    payment_books.router,
    leg_document_routes(STORAGE.kind, _MODELS, COMMISSION_LEG, "commission-invoice"),
    backups.router,
)
_CHAPTERS = {
    "auth": "Registering and login with a phone and a password, for an access token and a refresh token.",
    "users": "One's own profile, providers and their public profiles.",
    "services": "Categories, listings and what is free. Readable without a login.",
    "bookings": "A service from the request to the confirmation: what it waits for, what the caller can do now.",
    "bookings: admin": "What admins do beside their part in a booking.",
    "reviews": "What the people of a booking say of each other.",
    "messages": "Conversations between two people.",
    "notifications": "What happened meanwhile; every mail that was sent, for admins.",
    "payments": "Payments, refunds and payouts; the provider's webhook.",
    "rbac": "What each role may do: a table of scopes that admins can change.",
    "admins": "Admins.",
    "audit": "What was done to people, listings and bookings beside their timelines.",
    "gst": "The GST percent; a booking keeps the one it was accepted with.",
    "utils": "Uploads of images.",
    "backup": "Backups of both databases: make, list, restore, delete.",
    "health": "For operators: liveness, readiness, metrics.",
}

API: KindApi[ServiceBooking] = KindApi(
    storage=STORAGE,
    title="Local services",
    description=_DESCRIPTION,
    prefix="/api/v1",
    routers=_ROUTERS,
    models=_MODELS,
    chapters=_CHAPTERS,
    policy=LocalServicesSettings,
    accounts=ACCOUNTS,
    web_sockets=True,
    leaves_out=frozenset({"GET /bookings/", "GET /bookings/customer"}) | REPLACED,
    body_limits={"/utils/images": 15_500_000, **LISTING_BODY_LIMITS, **BODY_LIMITS},
    refusals={
        **REFUSALS,
        "POST /bookings/": frozenset({429}),
        "POST /bookings/{booking_id}/offers": frozenset({429}),
        "POST /reviews/": frozenset({429}),
    },
)
