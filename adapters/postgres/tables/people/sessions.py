"""Sessions, which tokens are alive and which are revoked, who caches them, and failed logins."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from adapters.postgres.tables.base import CreatedAt, PeopleBase


class Session(PeopleBase):
    """A login and what followed from it, as its person sees it. Its refresh tokens are the family of this id.

    ``device`` and ``address`` are those of the last use: the login, or the last time that its tokens were renewed.
    """

    __tablename__ = "sessions"

    id: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    device: Mapped[str | None]
    address: Mapped[str | None]
    began_at: Mapped[CreatedAt]
    last_used_at: Mapped[CreatedAt]
    verified_at: Mapped[datetime | None]  # when it last showed a second factor


class RefreshToken(PeopleBase):
    """One link of a login's chain. A link that is used again ends its whole family, access tokens included,
    unless it is used again at once."""

    __tablename__ = "refresh_tokens"

    jti: Mapped[str] = mapped_column(primary_key=True)
    token: Mapped[str]  # SHA-256: a copy of the table opens no session
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    family: Mapped[str] = mapped_column(index=True)
    access_jti: Mapped[str] = mapped_column(index=True)
    access_expires_at: Mapped[datetime]
    created_at: Mapped[CreatedAt]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]


class RevokedToken(PeopleBase):
    """A token that is refused before its time is up; kept until then."""

    __tablename__ = "revoked_tokens"

    jti: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class AuthListener(PeopleBase):
    """An API process that caches tokens, and the connection on which it listens for invalidations."""

    __tablename__ = "auth_listeners"

    name: Mapped[str] = mapped_column(primary_key=True)
    pid: Mapped[int]  # as in pg_stat_activity
    session_began: Mapped[datetime]


class LoginAttempt(PeopleBase):
    """What a subject has done since ``since``: failed logins of a phone, an address or both, requests of an address;
    shared by all processes."""

    __tablename__ = "login_attempts"

    subject: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int]
    since: Mapped[datetime] = mapped_column(index=True)
