"""Input and result types of a booking's workflow, its names and ids, and the task queues."""

import hashlib
import re
from dataclasses import dataclass, field
from typing import Any, Generic

from domain.billing.provider import LatePaymentEvent
from domain.booking import Booking
from domain.commands import Command
from domain.kind import B
from domain.people import SYSTEM, Actor
from workflows.booking.rechecks import InVain, Recheck

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


@dataclass(frozen=True)
class Start(Generic[B]):
    """Input of a booking's workflow: a new booking (version 0), or the state that the previous run carries over.

    ``reopened``: the workflow had ended and runs again; the state is loaded from the rows first. ``restarted``: it
    should not have ended; what became of it, for the admin who is told.
    ``update_id``: the request that opens it. ``results``: what the latest requests were answered.
    ``rechecks``: what could not be fetched yet.
    ``in_vain``: what was fetched and brought nothing new; ``unknown``: what was not found in the rows.
    """

    booking: B
    actor: Actor
    update_id: str | None = None
    results: dict[str, Ack] = field(default_factory=dict)
    reopened: bool = False
    restarted: str | None = None
    rechecks: tuple[Recheck, ...] = ()
    in_vain: tuple[InVain, ...] = ()
    unknown: tuple[InVain, ...] = ()


def update_name(command: type[Command]) -> str:
    """The update that performs a command: its name in snake case."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", command.__name__).lower()


def update_id(request_id: str, arguments: bytes) -> str:
    """The id under which Temporal does an update once: of the request, and of what is sent for it.

    A repeat of a request may send something else, since it has read a newer version. Under one id the server would take
    the arguments of the one for those of the other, and a workflow whose history shows other arguments than it has
    worked with cannot be replayed. ``request_id`` has no colon; by it a booking recognises the repeat.
    """
    return f"{request_id}:{hashlib.sha256(arguments).hexdigest()[:16]}"


def request_id(update_id: str) -> str:
    """The request that an update was sent for; of releases up to 0.3.0 it is the id itself."""
    return update_id.partition(":")[0]


def booking_workflow_id(kind: str, booking_id: int) -> str:
    """Workflow id of a booking; ``kind`` is the name of its kind."""
    return f"{kind}-{booking_id}"


def refund_workflow_id(key: str) -> str:
    """Workflow id of a refund; ``key`` is its idempotency key."""
    return f"refund-{key}"


def late_workflow_id(event: LatePaymentEvent) -> str:
    """Workflow id for a late payment event: one per order, dispute or transfer."""
    if event.transfer_id is not None:
        return f"late-transfer-{event.transfer_id}"
    return f"latepay-{event.order_id}" if event.order_id else f"late-dispute-{event.dispute_id}"


def reopened(booking: Booking, restarted: str | None = None) -> Start[Any]:
    """Input for a booking whose workflow had ended; ``restarted`` as in ``Start``."""
    return Start(booking, SYSTEM, reopened=True, restarted=restarted)
