"""Rows without which the vehicle service does not work: states, jobs, payment methods."""

from sqlalchemy import Connection

from adapters.postgres.essentials import insert_names
from kinds.vehicle_service.postgres.tables.reference import AssignmentType, PaymentMethod, Status

_STATUSES = (
    "booked", "pickup", "received", "analysis", "analysed",
    "cancelled", "in-progress", "completed", "out-for-delivery", "delivered",
)  # fmt: skip


def insert_essentials(connection: Connection) -> None:
    """Insert what is missing; safe to repeat."""
    insert_names(connection, Status, _STATUSES)
    insert_names(connection, AssignmentType, ("pickup", "drop", "service", "analysis"))
    insert_names(connection, PaymentMethod, ("online", "offline"))
