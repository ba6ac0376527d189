"""Who may do what: roles, scopes, and the scopes of a role."""

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from adapters.postgres.tables.base import Id, PeopleBase


class Role(PeopleBase):
    """A role of the kind, numbered in the kind's order."""

    __tablename__ = "roles"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(unique=True)


class Permission(PeopleBase):
    """A scope such as ``READ:BOOKINGS``."""

    __tablename__ = "permissions"
    __table_args__ = (CheckConstraint("name ~ '^(READ|WRITE|UPDATE|DELETE):[A-Z_]+$'", name="name_shape"),)

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(unique=True)


class RolePermission(PeopleBase):
    """The scopes of a role."""

    __tablename__ = "role_permissions"

    role_id: Mapped[int] = mapped_column(ForeignKey("roles.id", ondelete="CASCADE"), primary_key=True)
    permission_id: Mapped[int] = mapped_column(
        ForeignKey("permissions.id", ondelete="CASCADE"), primary_key=True, index=True
    )
