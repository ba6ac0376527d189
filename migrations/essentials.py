"""Rows without which the code does not work: roles and scopes, states, assignment types, payment methods, mail kinds.

They come with the schema, not with the demo data. Everything is "insert what is missing": what an administrator
changed since (another role's scopes, a further status) stays.
"""

from sqlalchemy import Connection, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from adapters.postgres.numbering import continue_rows
from adapters.postgres.tables.base import Base
from adapters.postgres.tables.engine.emails import NotificationCategory
from adapters.postgres.tables.people.access import Permission, Role, RolePermission
from domain.people import Role as Part
from kinds.vehicle_service.domain.roles import SCOPES
from kinds.vehicle_service.postgres.tables.reference import AssignmentType, PaymentMethod, Status

ROLES = {1: Part.ADMIN, 2: Part.MECHANIC, 3: Part.CUSTOMER}

FIXED: dict[type[Base], tuple[str, ...]] = {
    Status: (
        "booked", "pickup", "received", "analysis", "analysed",
        "cancelled", "in-progress", "completed", "out-for-delivery", "delivered",
    ),
    AssignmentType: ("pickup", "drop", "service", "analysis"),
    PaymentMethod: ("online", "offline"),
    NotificationCategory: (
        "Booking Confirmation", "Pickup Scheduled", "Vehicle Received", "Estimate Ready", "Reminder",
        "Payment Received", "Payment Failed", "Progress Update", "Completed", "Out for Delivery", "Delivered",
        "Invoice", "Cancellation", "Refund Processed", "Query Response", "Service Reminder", "Password Reset",
    ),
}  # fmt: skip


def insert_essentials(connection: Connection) -> None:
    """Insert what is missing; safe to repeat."""
    for table, names in FIXED.items():
        _missing(connection, table, [{"id": number, "name": name} for number, name in enumerate(names, start=1)])
    _missing(connection, Role, [{"id": number, "name": role.value} for number, role in ROLES.items()])
    _grant_new_scopes(connection)


def _missing(connection: Connection, table: type[Base], rows: list[dict[str, object]]) -> None:
    connection.execute(upsert(table).on_conflict_do_nothing(), rows)
    connection.execute(continue_rows(table.__tablename__))


def _grant_new_scopes(connection: Connection) -> None:
    """Only a scope that this database has never seen is granted: taking one away from a role is for good."""
    known = set(connection.scalars(select(Permission.name)))
    new = sorted({scope for role in ROLES.values() for scope in SCOPES[role]} - known)
    if not new:
        return
    connection.execute(insert(Permission), [{"name": scope} for scope in new])
    numbers = {name: number for number, name in connection.execute(select(Permission.id, Permission.name))}
    grants = [
        {"role_id": role_id, "permission_id": numbers[scope]}
        for role_id, role in ROLES.items()
        for scope in new
        if scope in SCOPES[role]
    ]
    connection.execute(insert(RolePermission), grants)
