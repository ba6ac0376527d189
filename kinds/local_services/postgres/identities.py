"""Identities at providers of logins: whose they are, and those that wait for a registration."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.auth.claims import fingerprint

_OWNER = text("SELECT user_id FROM social_subjects WHERE provider = :provider AND subject = :subject")
_LINK = text(
    """
    INSERT INTO social_subjects (provider, subject, user_id) VALUES (:provider, :subject, :person)
    ON CONFLICT (provider, subject) DO NOTHING
    """
)
_BEGIN = text(
    """
    INSERT INTO begun_registrations (token, provider, subject, expires_at)
    VALUES (:token, :provider, :subject, now() + CAST(:lifetime AS interval))
    """
)
_USE = text(
    """
    UPDATE begun_registrations SET used_at = now() WHERE token = :token AND used_at IS NULL AND expires_at > now()
    RETURNING provider, subject
    """
)
_IS_GOOD = text(
    "SELECT EXISTS (SELECT FROM begun_registrations WHERE token = :token AND used_at IS NULL AND expires_at > now())"
)

REGISTRATION_LIFETIME = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is at a provider of logins."""

    provider: str
    subject: str


async def owner_of(connection: AsyncConnection, identity: Identity) -> str | None:
    """Whose account it opens."""
    found: str | None = (await connection.execute(_OWNER, _names(identity))).scalar()
    return found


async def link(connection: AsyncConnection, identity: Identity, person_id: str) -> bool:
    """It opens this account from now on; False if it opens another one."""
    await connection.execute(_LINK, {**_names(identity), "person": person_id})
    return await owner_of(connection, identity) == person_id


async def begin_registration(connection: AsyncConnection, identity: Identity) -> str:
    """A token with which somebody of that identity registers, once."""
    token = secrets.token_urlsafe(32)
    values = {**_names(identity), "token": fingerprint(token), "lifetime": REGISTRATION_LIFETIME}
    await connection.execute(_BEGIN, values)
    return token


async def is_good(connection: AsyncConnection, token: str) -> bool:
    """Whether a registration can be finished with this token."""
    return bool((await connection.execute(_IS_GOOD, {"token": fingerprint(token)})).scalar_one())


async def use_registration(connection: AsyncConnection, token: str) -> Identity | None:
    """The identity of that token, which is used up; None if it is unknown, old or used."""
    row = (await connection.execute(_USE, {"token": fingerprint(token)})).first()
    return Identity(row.provider, row.subject) if row else None


def _names(identity: Identity) -> dict[str, str]:
    return {"provider": identity.provider, "subject": identity.subject}
