"""What crosses the border of a booking's workflow: its start, its short answer, its names.

One function builds a workflow's id, beside the names that others rely on.
"""

from dataclasses import dataclass, field

from domain.kinds.vehicle_service.booking import KIND, Booking
from domain.people import Actor

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
    """How a booking's workflow begins: a new booking (version 0) or one carried over from the run before."""

    booking: Booking
    actor: Actor
    update_id: str | None = None
    seen: dict[str, Ack] = field(default_factory=dict)


def booking_workflow_id(booking_id: int) -> str:
    """The workflow of a booking."""
    return f"{KIND}-{booking_id}"


def refund_workflow_id(key: str) -> str:
    """The workflow of a refund; ``key`` is its idempotency key."""
    return f"refund-{key}"
