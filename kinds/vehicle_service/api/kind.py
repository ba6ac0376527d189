"""The vehicle service as an API process serves it: the table of contents of its routes, shapes and documentation."""

from pathlib import Path

from api.kind import BookingModels, KindApi
from api.routes import (
    backups,
    contents,
    gst,
    images,
    payment_books,
    queries,
)
from kinds.vehicle_service.api.dependencies import CustomerId, MechanicId, filters
from kinds.vehicle_service.api.routes import (
    absences,
    addresses,
    assignment_types,
    booking_admin,
    booking_mechanic,
    bookings,
    car_reference,
    cars,
    carts,
    cash,
    closures,
    favourites,
    mechanics,
    reviews,
    services,
    utils,
)
from kinds.vehicle_service.api.schemas.booking_answers import BookingAnswer, ListRow
from kinds.vehicle_service.api.schemas.payment_answers import InvoiceWithVehicle, PaymentAnswer, VerifyAnswer
from kinds.vehicle_service.api.schemas.visit_answers import TimelineEntry
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
_ROUTERS = (
    carts.router,
    favourites.router,
    assignment_types.router,
    absences.router,
    mechanics.router,
    car_reference.router,
    cars.router,
    addresses.router,
    images.router,
    utils.router,
    closures.router,
    reviews.router,
    services.router,
    contents.router,
    gst.router,
    queries.router,
    booking_admin.router,
    booking_mechanic.router,
    bookings.router,
    payment_books.router,
    cash.router,
    backups.router,
)
_CHAPTERS = {
    "auth": "Login with a phone and a password, for an access token and a refresh cookie; refresh and logout.",
    "rbac": "What each role may do: a table of scopes that admins can change.",
    "customers": "Registering, one's own profile, cart and favourites.",
    "mechanics": "The people of the workshop, what they can be assigned to, who is busy and who is away.",
    "admins": "Admins.",
    "cars": "Customers' cars with their history, and their reference data: models, manufacturers, fuels, classes.",
    "addresses": "Where cars are collected and brought back, and the areas that we serve.",
    "services": "The catalogue with a price per car class; categories and reviews. Readable without a login.",
    "utils": "States, time slots with what is free on a day, closed days, ways of paying, uploads of images.",
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
    reads_supplier=True,
    chapters=_CHAPTERS,
    body_limits={"/utils/images": 15_500_000},
    refusals={
        "POST /mechanics/": frozenset({429}),
    },
    pages=Path(__file__).parent / "pages",
    schema_names={"InvoiceWithVehicle": "InvoiceAnswer", "VisitStatus": "State", "LineStatus": "LineState"},
)
