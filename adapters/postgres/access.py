"""Who may come in: people by id and phone, refresh tokens, revocations, failed logins. One statement each."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text

from adapters.postgres.engine import Database
from adapters.security import Issued, fingerprint
from domain.people import Role

_PERSON = text(
    """
    SELECT u.id, u.name, u.first_name, u.last_name, u.email, u.phone, r.name AS role,
        EXISTS (SELECT FROM revoked_tokens WHERE jti = :jti) AS revoked,
        coalesce((SELECT array_agg(p.name) FROM role_permissions AS rp JOIN permissions AS p ON p.id = rp.permission_id
            WHERE rp.role_id = u.role_id), '{}') AS scopes
    FROM users AS u JOIN roles AS r ON r.id = u.role_id WHERE u.id = :id AND u.deleted_at IS NULL
    """
)
_LOGIN = text(
    """
    SELECT u.id, u.password_hash, r.name AS role FROM users AS u JOIN roles AS r ON r.id = u.role_id
    WHERE u.phone = :phone AND u.deleted_at IS NULL
    """
)
_FAILURES = text(
    "SELECT subject, failures FROM login_attempts WHERE subject = ANY(CAST(:subjects AS text[])) AND since > :after"
)
# A phone is locked from its last failure on; an address has a window that begins with its first.
_COUNT = text(
    """
    INSERT INTO login_attempts (subject, failures, since)
    SELECT subject, 1, now() FROM unnest(CAST(:subjects AS text[])) AS subject
    ON CONFLICT (subject) DO UPDATE SET
        failures = CASE WHEN login_attempts.since > :after THEN login_attempts.failures + 1 ELSE 1 END,
        since = CASE WHEN login_attempts.since > :after AND login_attempts.subject NOT LIKE 'phone %'
            THEN login_attempts.since ELSE now() END
    """
)
_FORGET = text("DELETE FROM login_attempts WHERE subject = :subject")
_OPEN_SESSION = text(
    """
    INSERT INTO refresh_tokens (jti, token, user_id, family, access_jti, access_expires_at, expires_at)
    VALUES (:jti, :token, :user_id, :family, :access_jti, :access_expires_at, :expires_at)
    """
)
_USE = text(
    """
    UPDATE refresh_tokens SET used_at = now() WHERE jti = :jti AND token = :token AND used_at IS NULL
        AND expires_at > now()
    RETURNING user_id, family
    """
)
_FAMILY = text("SELECT family FROM refresh_tokens WHERE jti = :jti")
_END_FAMILY = text(
    """
    WITH ended AS (DELETE FROM refresh_tokens WHERE family = :family RETURNING access_jti, access_expires_at)
    INSERT INTO revoked_tokens (jti, expires_at) SELECT access_jti, access_expires_at FROM ended
    ON CONFLICT (jti) DO NOTHING
    """
)
_REVOKE = text("INSERT INTO revoked_tokens (jti, expires_at) VALUES (:jti, :expires_at) ON CONFLICT (jti) DO NOTHING")
_FAMILY_OF_ACCESS = text("SELECT family FROM refresh_tokens WHERE access_jti = :jti LIMIT 1")


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person and what their role may do."""

    id: str
    name: str
    first_name: str
    last_name: str
    email: str | None
    phone: str | None
    role: Role
    revoked: bool
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class LoginRow:
    """What a login is checked against."""

    id: str
    password_hash: str | None
    role: str


class AccessReads:
    """The door."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def person(self, person_id: str, jti: str) -> PersonRow | None:
        """The person, and whether this token of theirs was revoked."""
        async with self._database.read.connect() as connection:
            row = (await connection.execute(_PERSON, {"id": person_id, "jti": jti})).mappings().first()
        if row is None:
            return None
        return PersonRow(**{**row, "role": Role(row["role"]), "scopes": frozenset(row["scopes"])})

    async def by_phone(self, phone: str) -> LoginRow | None:
        """Whoever has that phone ("+91" and ten digits)."""
        async with self._database.read.connect() as connection:
            row = (await connection.execute(_LOGIN, {"phone": phone})).first()
        return LoginRow(row.id, row.password_hash, row.role) if row else None

    async def failures(self, subjects: list[str], after: datetime) -> dict[str, int]:
        """Failed logins since then, by phone and by address."""
        async with self._database.read.connect() as connection:
            rows = await connection.execute(_FAILURES, {"subjects": subjects, "after": after})
            return {row.subject: row.failures for row in rows}

    async def count_failure(self, subjects: list[str], after: datetime) -> None:
        """One more failed login."""
        async with self._database.write.begin() as connection:
            await connection.execute(_COUNT, {"subjects": sorted(subjects), "after": after})

    async def forget_failures(self, subject: str) -> None:
        """A success wipes the phone's slate."""
        async with self._database.write.begin() as connection:
            await connection.execute(_FORGET, {"subject": subject})

    async def open_session(self, access: Issued, refresh: Issued, family: str) -> None:
        """Keep a refresh token's fingerprint; the tokens of one login and its refreshes are a family."""
        async with self._database.write.begin() as connection:
            await connection.execute(_OPEN_SESSION, _link(access, refresh, family))

    async def rotate(self, jti: str, token: str, access: Issued, refresh: Issued) -> bool:
        """Spend a refresh token for the next ones, once. A second use ends the whole family: it was stolen.

        One transaction: whoever uses the token at the same moment waits, then ends these new tokens too.
        """
        async with self._database.write.begin() as connection:
            used = (await connection.execute(_USE, {"jti": jti, "token": fingerprint(token)})).first()
            if used is not None:
                await connection.execute(_OPEN_SESSION, _link(access, refresh, used.family))
                return True
            known = (await connection.execute(_FAMILY, {"jti": jti})).first()
            if known is not None:
                await connection.execute(_END_FAMILY, {"family": known.family})
            return False

    async def end_session(self, access_jti: str, expires_in: timedelta) -> None:
        """Log out: the access token is revoked at once, its family is gone."""
        async with self._database.write.begin() as connection:
            family = (await connection.execute(_FAMILY_OF_ACCESS, {"jti": access_jti})).first()
            if family is not None:
                await connection.execute(_END_FAMILY, {"family": family.family})
            expires_at = (
                await connection.execute(text("SELECT now() + :patience"), {"patience": expires_in})
            ).scalar_one()
            await connection.execute(_REVOKE, {"jti": access_jti, "expires_at": expires_at})


def _link(access: Issued, refresh: Issued, family: str) -> dict[str, Any]:
    return {
        "jti": refresh.claims.jti,
        "token": fingerprint(refresh.token),
        "user_id": refresh.claims.sub,
        "family": family,
        "access_jti": access.claims.jti,
        "access_expires_at": access.claims.expires_at,
        "expires_at": refresh.claims.expires_at,
    }
