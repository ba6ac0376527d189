"""Passwords: found, changed, and spent links refused by when the password was changed last."""

from datetime import datetime

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.engine import Database
from domain.letters import Addressee

_FIND = text(
    """
    SELECT id, name, email FROM users
    WHERE deleted_at IS NULL AND (lower(email) = lower(CAST(:email AS text)) OR phone = CAST(:phone AS text))
    """
)
_HASH = text("SELECT password_hash FROM users WHERE id = :id AND deleted_at IS NULL")
# Later than the link even where the clocks of two machines differ: a link is never good twice.
_BY_LINK = text(
    """
    UPDATE users SET password_hash = :new, password_changed_at = greatest(now(), :asked), updated_at = now()
    WHERE id = :id AND deleted_at IS NULL AND (password_changed_at IS NULL OR password_changed_at < :asked)
    RETURNING phone
    """
)
_BY_HAND = text(
    """
    UPDATE users SET password_hash = :new, password_changed_at = now(), updated_at = now()
    WHERE id = :id AND deleted_at IS NULL AND password_hash = :old
    RETURNING phone
    """
)
_UNLOCK = text("DELETE FROM login_attempts WHERE subject = 'phone ' || CAST(:phone AS text)")
_END_SESSIONS = text(
    """
    WITH ended AS (DELETE FROM refresh_tokens WHERE user_id = :id RETURNING access_jti, access_expires_at)
    INSERT INTO revoked_tokens (jti, expires_at)
    SELECT access_jti, max(access_expires_at) FROM ended WHERE access_expires_at > now() GROUP BY access_jti
    ON CONFLICT (jti) DO NOTHING
    """
)


class PasswordRows:
    """People and their passwords, in PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, email: str | None, phone: str | None) -> Addressee | None:
        """Whoever has that mail address, or that phone ("+91" and ten digits)."""
        async with self._database.read.connect() as connection:
            row = (await connection.execute(_FIND, {"email": email, "phone": phone})).first()
        return Addressee(row.id, row.name, row.email) if row else None

    async def hash_of(self, person_id: str) -> str | None:
        """What their password is checked against."""
        async with self._database.read.connect() as connection:
            return (await connection.execute(_HASH, {"id": person_id})).scalar()

    async def set_by_link(self, person_id: str, asked_at: datetime, new_hash: str) -> bool:
        """Set the password unless it was changed since the link was asked for; everybody is logged out."""
        return await self._set(_BY_LINK, person_id, {"id": person_id, "asked": asked_at, "new": new_hash})

    async def change(self, person_id: str, old_hash: str, new_hash: str) -> bool:
        """Change the password, if nobody else has meanwhile; everybody is logged out."""
        return await self._set(_BY_HAND, person_id, {"id": person_id, "old": old_hash, "new": new_hash})

    async def _set(self, statement: TextClause, person_id: str, values: dict[str, object]) -> bool:
        async with self._database.write.begin() as connection:
            row = (await connection.execute(statement, values)).first()
            if row is None:
                return False
            await end_every_session(connection, person_id)
            await connection.execute(_UNLOCK, {"phone": row.phone})
            return True


async def end_every_session(connection: AsyncConnection, person_id: str) -> None:
    """Nobody is logged in as this person any more, on no device."""
    await connection.execute(_END_SESSIONS, {"id": person_id})
