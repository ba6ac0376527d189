"""What people of local services have beside their account: profiles, skills, certifications, codes, identities."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from adapters.postgres.tables.base import CreatedAt, Id
from adapters.postgres.tables.people.users import User
from kinds.local_services.postgres.tables.base import TablesBase


class Profile(TablesBase):
    """A seeker or provider. Admins may have none.

    ``rating_avg`` and ``reputation`` are computed from rows of reviews and bookings; a newcomer's reputation is that of
    nobody's rows. The account to which their share is transferred is the engine's (``payout_accounts``).
    """

    __tablename__ = "profiles"
    __table_args__ = (CheckConstraint("(lat IS NULL) = (lng IS NULL)", name="whole_point"),)

    user_id: Mapped[str] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), primary_key=True)
    bio: Mapped[str] = mapped_column(server_default="")
    location_label: Mapped[str | None]
    lat: Mapped[float | None]
    lng: Mapped[float | None]
    gstin: Mapped[str | None]
    state: Mapped[str | None]
    phone_verified_at: Mapped[datetime | None]
    email_verified_at: Mapped[datetime | None]
    blocked_at: Mapped[datetime | None]
    rating_avg: Mapped[Decimal | None] = mapped_column(Numeric(3, 2))
    rating_count: Mapped[int] = mapped_column(server_default="0")
    reputation: Mapped[Decimal] = mapped_column(Numeric(4, 1), server_default="82.5")
    notification_preferences: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))


class UserSkill(TablesBase):
    """A skill that somebody says they have."""

    __tablename__ = "user_skills"
    __table_args__ = (Index("uq_user_skills_user_id_skill_tag", "user_id", "skill_tag", unique=True),)

    id: Mapped[Id]
    user_id: Mapped[str] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"))
    skill_tag: Mapped[str] = mapped_column(index=True)


class Certification(TablesBase):
    """A certificate of somebody; an admin has seen it when it is ``verified``."""

    __tablename__ = "certifications"

    id: Mapped[Id]
    user_id: Mapped[str] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), index=True)
    title: Mapped[str]
    issuer: Mapped[str]
    issued_on: Mapped[date | None]
    file_url: Mapped[str | None]
    verified: Mapped[bool] = mapped_column(server_default=text("false"))


class SentCode(TablesBase):
    """A code that was sent ``target``, a phone or a mail address, for one purpose.

    One of a purpose is alive at a time. The code follows from the ``id`` (``adapters.auth.codes``).
    """

    __tablename__ = "codes"
    __table_args__ = (Index("ix_codes_user_id_purpose", "user_id", "purpose", "created_at"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"))
    purpose: Mapped[str]
    target: Mapped[str]
    digest: Mapped[str]
    tries: Mapped[int] = mapped_column(server_default="0")
    created_at: Mapped[CreatedAt]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    spent_at: Mapped[datetime | None]


class SocialSubject(TablesBase):
    """Somebody's identity at a provider of logins; it opens their account."""

    __tablename__ = "social_subjects"

    provider: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), index=True)
    created_at: Mapped[CreatedAt]


class BegunRegistration(TablesBase):
    """An identity that nobody has yet, waiting for a registration; the token for it is kept as its fingerprint."""

    __tablename__ = "begun_registrations"

    token: Mapped[str] = mapped_column(primary_key=True)
    provider: Mapped[str]
    subject: Mapped[str]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]


class AuditEntry(TablesBase):
    """Who did what to whom or what. PostgreSQL refuses to change or delete it."""

    __tablename__ = "audit_log"
    __table_args__ = (
        Index("ix_audit_log_actor_id", "actor_id", "id"),
        Index("ix_audit_log_target", "target_type", "target_id", "id"),
    )

    id: Mapped[Id]
    actor_id: Mapped[str]
    action: Mapped[str]
    target_type: Mapped[str]
    target_id: Mapped[str]
    details: Mapped[dict[str, Any]] = mapped_column("metadata", JSONB, server_default=text("'{}'"))
    created_at: Mapped[CreatedAt] = mapped_column(index=True)
