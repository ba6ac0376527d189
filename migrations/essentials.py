"""Rows without which the engine does not work: the categories of e-mails."""

from sqlalchemy import Connection

from adapters.postgres.essentials import insert_names
from adapters.postgres.tables.engine.emails import NotificationCategory

_CATEGORIES = (
    "Booking Confirmation", "Pickup Scheduled", "Vehicle Received", "Estimate Ready", "Reminder",
    "Payment Received", "Payment Failed", "Progress Update", "Completed", "Out for Delivery", "Delivered",
    "Invoice", "Cancellation", "Refund Processed", "Query Response", "Service Reminder", "Password Reset",
)  # fmt: skip


def insert_essentials(connection: Connection) -> None:
    """Insert what is missing; safe to repeat."""
    insert_names(connection, NotificationCategory, _CATEGORIES)
