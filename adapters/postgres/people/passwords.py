"""Passwords: found, changed, and spent links refused by when the password was changed last."""

from datetime import datetime
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.database import Database
from adapters.postgres.people.login_failures import OF_PEOPLE
from adapters.postgres.people.sessions import end_every_session
from domain.account_emails import Recipient

_FIND = text(
    """
    SELECT id, name, email FROM users
    WHERE deleted_at IS NULL AND email IS NOT NULL
        AND (lower(email) = lower(CAST(:email AS text)) OR phone = CAST(:phone AS text))
    """
)
_HASH = text("SELECT password_hash FROM users WHERE id = :id AND deleted_at IS NULL")
# Later than the link even where the clocks of two machines differ: a link is never good twice.
_BY_LINK = text(
    """
    UPDATE users SET password_hash = :new, password_changed_at = greatest(now(), :asked), updated_at = now()
    WHERE id = :id AND deleted_at IS NULL AND (password_changed_at IS NULL OR password_changed_at < :asked)
    RETURNING id
    """
)
_BY_HAND = text(
    """
    UPDATE users SET password_hash = :new, password_changed_at = now(), updated_at = now()
    WHERE id = :id AND deleted_at IS NULL AND password_hash = :old
    RETURNING id
    """
)
_UNLOCK = text(OF_PEOPLE)


class PasswordRows:
    """People and their passwords, in PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, email: str | None, phone: str | None) -> Recipient | None:
        """Whoever has that mail address, or that phone ("+91" and ten digits) and some mail address."""
        async with self._database.read.connect() as connection:
            row = (await connection.execute(_FIND, {"email": email, "phone": phone})).first()
        return Recipient(row.id, row.name, row.email) if row else None

    async def hash_of(self, person_id: str) -> str | None:
        """What their password is checked against."""
        async with self._database.read.connect() as connection:
            return (await connection.execute(_HASH, {"id": person_id})).scalar()


async def set_by_link(connection: AsyncConnection, person_id: str, asked_at: datetime, new_hash: str) -> bool:
    """Set the password unless it was changed since the link was asked for; everybody is logged out."""
    return await _set(connection, _BY_LINK, {"id": person_id, "asked": asked_at, "new": new_hash})


async def change(connection: AsyncConnection, person_id: str, old_hash: str, new_hash: str) -> bool:
    """Change the password, if nobody else has meanwhile; everybody is logged out."""
    return await _set(connection, _BY_HAND, {"id": person_id, "old": old_hash, "new": new_hash})


async def _set(connection: AsyncConnection, statement: TextClause, values: dict[str, Any]) -> bool:
    if (await connection.execute(statement, values)).first() is None:
        return False
    await end_every_session(connection, values["id"])
    await connection.execute(_UNLOCK, {"people": [values["id"]]})
    return True
