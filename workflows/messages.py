"""What crosses the border of a booking's workflow: its start, its short answer, its names.

One function builds a workflow's id, beside the names that others rely on.
"""

from dataclasses import dataclass, field

from domain.payments import LateNews
from domain.people import SYSTEM, Actor
from kinds.vehicle_service.domain.booking import KIND, Booking

BOOKINGS_QUEUE = "bookings"
PAYMENTS_QUEUE = "payments"
MAIL_QUEUE = "mail"
BACKUPS_QUEUE = "backups"


@dataclass(frozen=True, slots=True)
class Ack:
    """The answer of every update: where the booking stands now. Details are read from PostgreSQL."""

    id: int
    status: str
    version: int


@dataclass(frozen=True, slots=True)
class Start:
    """How a booking's workflow begins: a new booking (version 0) or one carried over from the run before.

    ``taken_up``: the story had ended and goes on, for money came late; the state is read from the rows first.
    """

    booking: Booking
    actor: Actor
    update_id: str | None = None
    seen: dict[str, Ack] = field(default_factory=dict)
    taken_up: bool = False


def booking_workflow_id(booking_id: int) -> str:
    """The workflow of a booking."""
    return f"{KIND}-{booking_id}"


def refund_workflow_id(key: str) -> str:
    """The workflow of a refund; ``key`` is its idempotency key."""
    return f"refund-{key}"


def late_workflow_id(news: LateNews) -> str:
    """The workflow that looks after late news: one per order or dispute."""
    return f"latepay-{news.order_id}" if news.order_id else f"late-dispute-{news.dispute_id}"


def taken_up(booking: Booking) -> Start:
    """The start of a story that had ended."""
    return Start(booking, SYSTEM, taken_up=True)
