"""The composition of what booking and payment routes need, from the resources of the process."""

from dataclasses import dataclass
from typing import Any

from adapters.mongo.gst import GstRates
from adapters.postgres.booking_changes import BookingChanges
from adapters.postgres.booking_editions import BookingEditions
from adapters.postgres.booking_lists import BookingLists
from adapters.postgres.booking_queries import BookingQueries
from adapters.postgres.idempotency import IdempotencyKeys
from adapters.postgres.kind import KindStorage
from adapters.postgres.pauses import Pauses
from adapters.postgres.payment_queries import PaymentQueries
from adapters.postgres.webhook_inbox import WebhookInbox
from adapters.postgres.workflow_problems import WorkflowProblemRows
from adapters.resources import Resources
from api.bookings.client import BookingClient
from api.bookings.restarts import Restarts
from api.bookings.service import BookingService
from api.bookings.views import BookingViews
from api.build import build_of
from api.payments.client import PaymentClient
from api.payments.service import PaymentService
from domain.kind import BookingKind


@dataclass(frozen=True, slots=True)
class BookingServices:
    """Made once per process."""

    kind: BookingKind[Any]
    bookings: BookingService
    queries: BookingQueries[Any]
    lists: BookingLists[Any]
    views: BookingViews
    payments: PaymentService
    payment_client: PaymentClient
    payment_queries: PaymentQueries
    changes: BookingChanges
    rates: GstRates
    pauses: Pauses

    @classmethod
    def of(cls, resources: Resources, kind: BookingKind[Any], storage: KindStorage[Any]) -> "BookingServices":
        """Construct them; nothing is opened here."""
        settings, database, rates = resources.settings, resources.database, resources.mongo.gst
        queries = BookingQueries(database, kind, storage.shown)
        restarts = Restarts(resources.temporal, WorkflowProblemRows(database))
        client = BookingClient(kind, resources.temporal, queries, restarts, settings.web.update_timeout)
        payment_queries = PaymentQueries(database, kind, settings.company.shop_timezone)
        changes = BookingChanges(settings.stores.postgresql_url)
        pauses = Pauses(database, settings.company.shop_timezone)
        bookings = BookingService(kind, client, queries, IdempotencyKeys(database), pauses, settings.razorpay.key_id)
        build = f"{build_of(kind)} {settings.razorpay.key_id}"
        views = BookingViews(bookings, BookingEditions(database, kind, storage.shown), build)
        payment_client = PaymentClient(resources.temporal)
        payments = PaymentService(
            kind.name, payment_client, payment_queries, WebhookInbox(database), changes, settings.razorpay
        )
        lists = BookingLists(database, kind, storage)
        return cls(
            kind, bookings, queries, lists, views, payments, payment_client, payment_queries, changes, rates, pauses
        )
