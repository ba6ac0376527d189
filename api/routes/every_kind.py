"""The routes that every kind of booking has, in its shapes, beside its own."""

from typing import Any

from fastapi import APIRouter

from adapters.postgres.kind import KindStorage
from api.kind import BookingModels
from api.routes import booking_events, notifications, pauses
from api.routes.admins import admin_routes
from api.routes.attention import attention_routes
from api.routes.booking_documents import document_routes
from api.routes.bookings import booking_routes
from api.routes.customers import customer_routes
from api.routes.payments import payment_routes
from domain.people import Role


def routes_of_every_kind(storage: KindStorage[Any], models: BookingModels) -> tuple[APIRouter, ...]:
    """Customers and admins; lists, detail, timeline, stream and documents of bookings; payments, refunds and e-mails.

    They are looked for after the kind's own, whose fixed paths would otherwise read as ids. A kind without a role of
    customers has routes of its own for whoever takes part.
    """
    has_customers = any(role.name == Role.CUSTOMER for role in storage.roles)
    return (
        *((customer_routes(storage),) if has_customers else ()),
        admin_routes(storage),
        attention_routes(models),
        booking_routes(models),
        document_routes(storage.kind, models),
        booking_events.router,
        payment_routes(models),
        notifications.router,
        pauses.router,
    )
