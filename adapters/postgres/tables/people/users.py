"""People: one row each, whatever their role."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from adapters.postgres.tables.base import CreatedAt, PeopleBase

_LIVE = text("deleted_at IS NULL")


class User(PeopleBase):
    """Somebody in one role. Deleting empties the row; bookings go on pointing at it.

    The id is the prefix of the role and at least six digits, and grows beyond them. Whether there has to be a mail
    address is for the role to say (``RoleSpec.email_optional``).
    """

    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint("id ~ '^[A-Z]{3}[0-9]{6,}$'", name="id_shape"),
        CheckConstraint("phone ~ '^[+]91[6-9][0-9]{9}$'", name="phone_shape"),
        CheckConstraint("deleted_at IS NOT NULL OR phone IS NOT NULL", name="reachable"),
        Index("uq_users_phone_live", "phone", unique=True, postgresql_where=_LIVE),
        Index("uq_users_email_live", text("lower(email)"), unique=True, postgresql_where=_LIVE),
        Index("ix_users_role_id_id", "role_id", "id"),
        Index("ix_users_role_id_number", "role_id", text("(substr(id, 4)::bigint)")),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    role_id: Mapped[int] = mapped_column(ForeignKey("roles.id"))
    first_name: Mapped[str]
    last_name: Mapped[str] = mapped_column(server_default="")
    name: Mapped[str] = mapped_column(Computed("btrim(first_name || ' ' || last_name)", persisted=True))
    email: Mapped[str | None]
    phone: Mapped[str | None]
    password_hash: Mapped[str | None]
    password_changed_at: Mapped[datetime | None]  # links that were asked for before are spent
    photo: Mapped[str | None]
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[CreatedAt]
    deleted_at: Mapped[datetime | None]
