"""The vehicle service as an API process serves it: the table of contents of its routes, shapes and documentation."""

from pathlib import Path

from api.kind import BookingModels, KindApi
from api.routes import (
    backups,
    booking_events,
    contents,
    gst,
    images,
    notifications,
    payment_books,
    queries,
)
from api.routes.admins import admin_routes
from api.routes.attention import attention_routes
from api.routes.booking_documents import document_routes
from api.routes.bookings import booking_routes
from api.routes.payments import payment_routes
from kinds.vehicle_service.api.dependencies import CustomerId, MechanicId, filters
from kinds.vehicle_service.api.routes import (
    addresses,
    assignment_types,
    booking_admin,
    booking_mechanic,
    bookings,
    car_reference,
    cars,
    carts,
    cash,
    customers,
    favourites,
    mechanics,
    reviews,
    services,
    utils,
)
from kinds.vehicle_service.api.schemas.booking_answers import BookingAnswer, ListRow
from kinds.vehicle_service.api.schemas.payment_answers import InvoiceWithVehicle, PaymentAnswer, VerifyAnswer
from kinds.vehicle_service.api.schemas.visit_answers import TimelineEntry
from kinds.vehicle_service.domain.kind import VEHICLE_SERVICE
from kinds.vehicle_service.domain.visit import VisitBooking
from kinds.vehicle_service.postgres.storage import STORAGE
from kinds.vehicle_service.settings import PolicySettings

_PREFIX = "/api/v1"
_DESCRIPTION = """Vehicle service, booked and followed from the doorstep and back.

Log in at `/api/v1/auth/login` (username = phone), send the token as `Authorization: Bearer`. Amounts are decimal
strings in rupees; times are ISO 8601 in UTC, dates and slots local to the shop. Every mutating booking and payment
route honours an `Idempotency-Key`: a repeat gets the same answer. Errors have `status`, `message`, `detail` and `code`.
"""
_MODELS = BookingModels(
    booking=BookingAnswer,
    row=ListRow,
    timeline_entry=TimelineEntry,
    payment_confirmation=VerifyAnswer,
    payment=PaymentAnswer,
    filters=filters,
    customer=CustomerId,
    participant=MechanicId,
    invoice=InvoiceWithVehicle,
)
# Fixed paths come before those with an id: /customers/cart before /customers/{customer_id}.
_ROUTERS = (
    carts.router,
    favourites.router,
    customers.router,
    assignment_types.router,
    mechanics.router,
    admin_routes(STORAGE),
    car_reference.router,
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
    attention_routes(_MODELS),
    booking_mechanic.router,
    bookings.router,
    booking_routes(_MODELS),
    document_routes(VEHICLE_SERVICE, _MODELS),
    booking_events.router,
    payment_books.router,
    payment_routes(_MODELS),
    cash.router,
    notifications.router,
    backups.router,
)
_CHAPTERS = {
    "auth": "Login with a phone and a password, for an access token and a refresh cookie; refresh and logout.",
    "rbac": "What each role may do: a table of scopes that admins can change.",
    "customers": "Registering, one's own profile, cart and favourites.",
    "mechanics": "The people of the workshop, what they can be assigned to, and who is busy.",
    "admins": "Admins.",
    "cars": "Customers' cars with their history, and their reference data: models, manufacturers, fuels, classes.",
    "addresses": "Where cars are collected and brought back, and the areas that we serve.",
    "services": "The catalogue with a price per car class; categories and reviews. Readable without a login.",
    "utils": "States, time slots with what is free on a day, ways of paying, uploads of images.",
    "bookings": "A visit from booking to delivery, for the customer: what it waits for, what the customer can do now.",
    "bookings: mechanic": "What mechanics do: jobs, analyses with quotes, progress reports.",
    "bookings: admin": "What admins do: overview, assignments, validation of analyses and reports.",
    "payments": "Payments and refunds: the checkout's callback, the provider's webhook, cash on delivery.",
    "content": "Texts and pictures of the app, by key.",
    "gst": "The GST percent; a booking keeps the one it was estimated with.",
    "queries": "Questions from anybody, answered by mail.",
    "notifications": "Every mail that was sent, and sending one again.",
    "backup": "Backups of both databases: make, list, restore, delete.",
    "health": "For operators: liveness, readiness, metrics.",
}

API: KindApi[VisitBooking] = KindApi(
    storage=STORAGE,
    title="RevCare",
    description=_DESCRIPTION,
    prefix=_PREFIX,
    routers=_ROUTERS,
    models=_MODELS,
    policy=PolicySettings,
    chapters=_CHAPTERS,
    body_limits={"/utils/images": 5_500_000},
    refusals={
        "POST /customers/": frozenset({409, 429}),
        "POST /mechanics/": frozenset({429}),
    },
    pages=Path(__file__).parent / "pages",
    schema_names={"InvoiceWithVehicle": "InvoiceAnswer", "VisitStatus": "State", "LineStatus": "LineState"},
)
