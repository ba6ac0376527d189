"""Input and result types of a booking's workflow, workflow ids and task queues."""

from dataclasses import dataclass, field

from domain.billing.provider import LatePaymentEvent
from domain.people import SYSTEM, Actor
from kinds.vehicle_service.domain.visit import KIND, VisitBooking

BOOKINGS_QUEUE = "bookings"
PAYMENTS_QUEUE = "payments"
MAIL_QUEUE = "mail"
MAINTENANCE_QUEUE = "maintenance"
BACKUPS_QUEUE = "backups"


@dataclass(frozen=True, slots=True)
class Ack:
    """The result of every update: status and version now. Details are read from PostgreSQL."""

    id: int
    status: str
    version: int


@dataclass(frozen=True, slots=True)
class Start:
    """Input of a booking's workflow: a new booking (version 0), or the state that the previous run carries over.

    ``reopened``: the workflow had ended and runs again, for money came late; the state is loaded from the rows first.
    ``results``: what the latest updates answered, by update id.
    """

    booking: VisitBooking
    actor: Actor
    update_id: str | None = None
    results: dict[str, Ack] = field(default_factory=dict)
    reopened: bool = False


def booking_workflow_id(booking_id: int) -> str:
    """Workflow id of a booking."""
    return f"{KIND}-{booking_id}"


def refund_workflow_id(key: str) -> str:
    """Workflow id of a refund; ``key`` is its idempotency key."""
    return f"refund-{key}"


def late_workflow_id(event: LatePaymentEvent) -> str:
    """Workflow id for a late payment event: one per order or dispute."""
    return f"latepay-{event.order_id}" if event.order_id else f"late-dispute-{event.dispute_id}"


def reopened(booking: VisitBooking) -> Start:
    """Input for a booking whose workflow had ended."""
    return Start(booking, SYSTEM, reopened=True)
