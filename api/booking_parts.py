"""The composition of everything that bookings and payments need, from the resources of the process."""

from dataclasses import dataclass

from adapters.mongo.gst import GstRates
from adapters.postgres.booking_facts import BookingFacts
from adapters.postgres.booking_reads import BookingReads
from adapters.postgres.feed import BookingFeed
from adapters.postgres.idempotency import IdempotencyKeys
from adapters.postgres.inbox import Inbox
from adapters.postgres.payment_reads import PaymentReads
from adapters.resources import Resources
from api.booking_plans import BookingPlanner
from api.booking_requests import BookingRequests
from api.desk import Desk
from api.engine import BookingEngine
from api.till import Till


@dataclass(frozen=True, slots=True)
class BookingParts:
    """Everything, made once per process."""

    desk: Desk
    engine: BookingEngine
    reads: BookingReads
    requests: BookingRequests
    payments: PaymentReads
    till: Till
    feed: BookingFeed
    rates: GstRates

    @classmethod
    def of(cls, resources: Resources) -> "BookingParts":
        """Put the parts together; nothing is opened here."""
        settings, database, rates = resources.settings, resources.database, resources.documents.gst
        reads, facts = BookingReads(database), BookingFacts(database, settings.policy.shop_timezone)
        engine = BookingEngine(resources.temporal, reads, settings.web.update_timeout)
        requests = BookingRequests(facts, rates)
        planner = BookingPlanner(facts, rates, settings.policy)
        payments = PaymentReads(database, settings.policy.shop_timezone)
        feed = BookingFeed(settings.stores.postgresql_url)
        desk = Desk(
            engine=engine,
            reads=reads,
            keys=IdempotencyKeys(database),
            planner=planner,
            requests=requests,
            key_id=settings.razorpay.key_id,
        )
        till = Till(engine, payments, Inbox(database), feed, settings.razorpay)
        return cls(desk, engine, reads, requests, payments, till, feed, rates)
