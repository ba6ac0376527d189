"""Sessions: who may open one, and how a session is renewed and ended, which revokes its tokens.

Whoever opens, renews or ends a session holds the person's row first. Of a refresh and a logout at the same moment the
second one sees what the first one did, so nobody slips out of an ending session.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.auth.claims import Claims, Issued, fingerprint
from adapters.postgres.database import Database

_HAS_FACTOR = "EXISTS (SELECT FROM second_factors AS f WHERE f.user_id = u.id AND f.confirmed_at IS NOT NULL)"
_PERSON = text(
    f"""
    SELECT u.id, u.name, u.first_name, u.last_name, u.email, u.phone, r.name AS role,
        {_HAS_FACTOR} AS second_factor,
        EXISTS (SELECT FROM revoked_tokens WHERE jti = :jti) AS revoked,
        coalesce((SELECT array_agg(p.name) FROM role_permissions AS rp JOIN permissions AS p ON p.id = rp.permission_id
            WHERE rp.role_id = u.role_id), ARRAY[]::text[]) AS scopes
    FROM users AS u JOIN roles AS r ON r.id = u.role_id WHERE u.id = :id AND u.deleted_at IS NULL
    """  # noqa: S608 - constants of ours
)
_LOGIN = f"""
    SELECT u.id, u.password_hash, r.name AS role, u.created_at, {_HAS_FACTOR} AS second_factor
    FROM users AS u JOIN roles AS r ON r.id = u.role_id WHERE {{}} = :name AND u.deleted_at IS NULL
"""  # noqa: S608 - constants of ours
_LOGIN_BY = {
    "phone": text(_LOGIN.format("u.phone")),
    "email": text(_LOGIN.format("lower(u.email)")),
    "id": text(_LOGIN.format("u.id")),
}
_HOLD = text(
    """
    SELECT u.password_hash, r.name AS role FROM users AS u JOIN roles AS r ON r.id = u.role_id
    WHERE u.id = :id AND u.deleted_at IS NULL FOR NO KEY UPDATE OF u
    """
)
_FACTOR = text(f"SELECT {_HAS_FACTOR} FROM users AS u WHERE u.id = :id")  # noqa: S608 - a constant of ours
# What a process of the release before opened has no row yet; it gets one when it is renewed.
_OPEN_SESSION = text(
    """
    WITH used AS (
        INSERT INTO sessions (id, user_id, device, address, verified_at)
        VALUES (:family, :user_id, :device, :address, CASE WHEN CAST(:verified AS boolean) THEN now() END)
        ON CONFLICT (id) DO UPDATE SET
            device = excluded.device, address = excluded.address, last_used_at = excluded.last_used_at
    )
    INSERT INTO refresh_tokens (jti, token, user_id, family, access_jti, access_expires_at, expires_at)
    VALUES (:jti, :token, :user_id, :family, :access_jti, :access_expires_at, :expires_at)
    """
)
_USE = text(
    """
    UPDATE refresh_tokens SET used_at = now() WHERE jti = :jti AND token = :token AND used_at IS NULL
        AND expires_at > now()
    RETURNING family, used_at
    """
)
# By the clock and not by the transaction's beginning: it may have waited for the one that used the token.
_USED_JUST_NOW = text(
    """
    SELECT used_at FROM refresh_tokens WHERE jti = :jti AND token = :token AND expires_at > now()
        AND used_at > clock_timestamp() - CAST(:grace AS interval)
    """
)
_STANDS = text("SELECT used_at IS NOT NULL FROM refresh_tokens WHERE jti = :jti AND token = :token")
END = """
    WITH ended AS (DELETE FROM refresh_tokens WHERE {} RETURNING family, access_jti, access_expires_at),
    gone AS (DELETE FROM sessions WHERE id IN (SELECT family FROM ended))
    INSERT INTO revoked_tokens (jti, expires_at) SELECT access_jti, access_expires_at FROM ended
    ON CONFLICT (jti) DO NOTHING
"""
"""Ends the sessions of the refresh tokens for which a condition holds."""
_END_FAMILY_OF = text(END.format("family = (SELECT family FROM refresh_tokens WHERE jti = :jti)"))
_END_FAMILY_OF_ACCESS = text(END.format("family = (SELECT family FROM refresh_tokens WHERE access_jti = :jti LIMIT 1)"))
_END_OTHERS = text(
    END.format(
        "user_id = :person AND family IS DISTINCT FROM"
        " (SELECT family FROM refresh_tokens WHERE access_jti = :jti LIMIT 1)"
    )
)
_END_EVERY = text(END.format("user_id = :person"))
END_SESSIONS_OF = END.format("user_id = ANY(:people)")
"""Logs people out everywhere, whoever holds their rows."""
_REVOKE = text("INSERT INTO revoked_tokens (jti, expires_at) VALUES (:jti, :expires_at) ON CONFLICT (jti) DO NOTHING")


@dataclass(frozen=True, slots=True)
class Renewed:
    """What a refresh token was exchanged for. ``reused``: it was spent before, and ended its family now."""

    tokens: tuple[Issued, Issued] | None
    reused: bool = False


Successors = Callable[[Claims, str, datetime], tuple[Issued, Issued]]
"""The tokens after a spent one, of its claims, the person's role and the moment of the use."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a session is used: a device, as far as it says what it is, and the address of its network."""

    device: str | None
    address: str


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person and what their role may do."""

    id: str
    name: str
    first_name: str
    last_name: str
    email: str | None
    phone: str | None
    role: str
    revoked: bool
    scopes: frozenset[str]
    second_factor: bool = False


@dataclass(frozen=True, slots=True)
class LoginRow:
    """What a login is checked against."""

    id: str
    password_hash: str | None
    role: str
    created_at: datetime
    second_factor: bool


class SessionQueries:
    """Questions of authentication: the person of a token, and of what one logs in by."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def person_of_token(self, person_id: str, jti: str) -> PersonRow | None:
        """The person, and whether this token of theirs was revoked."""
        async with self._database.read.connect() as connection:
            row = (await connection.execute(_PERSON, {"id": person_id, "jti": jti})).mappings().first()
        if row is None:
            return None
        return PersonRow(**{**row, "scopes": frozenset(row["scopes"])})

    async def who_logs_in(self, login_by: str, name: str) -> LoginRow | None:
        """Whoever has that phone ("+91" and ten digits), that e-mail address in lower case, or that id."""
        async with self._database.read.connect() as connection:
            row = (await connection.execute(_LOGIN_BY[login_by], {"name": name})).mappings().first()
        return LoginRow(**row) if row else None


async def open_session(
    connection: AsyncConnection, who: LoginRow, access: Issued, refresh: Issued, origin: Origin
) -> bool:
    """Keep a login's refresh token, by its fingerprint. False if the password was changed or the person left since.

    Whoever has a second factor has shown it.
    """
    person = await hold_person(connection, who.id)
    if person is None or person.password_hash != who.password_hash:
        return False
    # A statement of its own: the one that waited for the lock does not see what was set up meanwhile.
    if (await connection.execute(_FACTOR, {"id": who.id})).scalar() != who.second_factor:
        return False
    link = _link(access, refresh, refresh.claims.jti, origin)
    await connection.execute(_OPEN_SESSION, {**link, "verified": who.second_factor})
    return True


async def renew_session(
    connection: AsyncConnection, claims: Claims, token: str, issue: Successors, grace: timedelta, origin: Origin
) -> Renewed:
    """Spend a refresh token for the next tokens: ``issue`` makes them for its claims, a role and the moment of its use.

    Within ``grace`` of that moment it answers them again: two tabs may renew one session at once. No tokens if it
    cannot be spent; one that was spent before that ends its whole family, for it was stolen.
    """
    person = await hold_person(connection, claims.sub)
    this = {"jti": claims.jti, "token": fingerprint(token)}
    used = (await connection.execute(_USE, this)).first()
    if person is not None and used is not None:
        access, refresh = issue(claims, person.role, used.used_at)
        link = _link(access, refresh, used.family, origin)
        await connection.execute(_OPEN_SESSION, {**link, "verified": False})
        return Renewed((access, refresh))
    before = (await connection.execute(_USED_JUST_NOW, {**this, "grace": grace})).first()
    if person is not None and before is not None:
        return Renewed(issue(claims, person.role, before.used_at))
    stands = (await connection.execute(_STANDS, this)).scalar()
    await connection.execute(_END_FAMILY_OF, {"jti": claims.jti})
    return Renewed(None, reused=bool(stands))


async def end_session(connection: AsyncConnection, person_id: str, access_jti: str, expires_at: datetime) -> None:
    """Log out: this access token and all tokens of its family are refused from the commit on."""
    await hold_person(connection, person_id)
    await connection.execute(_END_FAMILY_OF_ACCESS, {"jti": access_jti})
    await connection.execute(_REVOKE, {"jti": access_jti, "expires_at": expires_at})


async def end_other_sessions(connection: AsyncConnection, person_id: str, access_jti: str) -> None:
    """Log a person out everywhere but in the session of this access token."""
    await hold_person(connection, person_id)
    await connection.execute(_END_OTHERS, {"person": person_id, "jti": access_jti})


async def end_every_session(connection: AsyncConnection, person_id: str) -> None:
    """Log a person out everywhere: what a new password and leaving us bring with them."""
    await hold_person(connection, person_id)
    await connection.execute(_END_EVERY, {"person": person_id})


async def hold_person(connection: AsyncConnection, person_id: str) -> Any:
    """Lock the row of a person, before anything of theirs; None if they are gone."""
    return (await connection.execute(_HOLD, {"id": person_id})).first()


def _link(access: Issued, refresh: Issued, family: str, origin: Origin) -> dict[str, Any]:
    return {
        "jti": refresh.claims.jti,
        "token": fingerprint(refresh.token),
        "user_id": refresh.claims.sub,
        "family": family,
        "device": origin.device,
        "address": origin.address,
        "access_jti": access.claims.jti,
        "access_expires_at": access.claims.expires_at,
        "expires_at": refresh.claims.expires_at,
    }
