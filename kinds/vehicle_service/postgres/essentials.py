"""Rows without which the vehicle service does not work: roles and scopes, states, jobs, payment methods."""

from sqlalchemy import Connection

from adapters.postgres.essentials import insert_names, insert_roles
from domain.people import Role
from kinds.vehicle_service.domain.kind import VEHICLE_SERVICE
from kinds.vehicle_service.postgres.tables.reference import AssignmentType, PaymentMethod, Status

_ROLES_BY_ID = (Role.ADMIN, Role.MECHANIC, Role.CUSTOMER)
_STATUSES = (
    "booked", "pickup", "received", "analysis", "analysed",
    "cancelled", "in-progress", "completed", "out-for-delivery", "delivered",
)  # fmt: skip


def insert_essentials(connection: Connection) -> None:
    """Insert what is missing; safe to repeat."""
    insert_names(connection, Status, _STATUSES)
    insert_names(connection, AssignmentType, ("pickup", "drop", "service", "analysis"))
    insert_names(connection, PaymentMethod, ("online", "offline"))
    specs = {role.name: role for role in VEHICLE_SERVICE.roles}
    insert_roles(connection, {role: specs[role] for role in _ROLES_BY_ID})
