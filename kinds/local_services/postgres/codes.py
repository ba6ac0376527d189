"""Codes as rows: one alive of a person and purpose, a few tries each."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.auth.codes import Codes


class Purpose(StrEnum):
    """What a code is good for: it opens nothing else."""

    VERIFY_PHONE = "verify-phone"
    VERIFY_EMAIL = "verify-email"
    RESET_PASSWORD = "reset-password"  # noqa: S105 - the name of a purpose
    CHANGE_PHONE = "change-phone"


_END = text("UPDATE codes SET spent_at = now() WHERE user_id = :person AND purpose = :purpose AND spent_at IS NULL")
_END_ALL = text("UPDATE codes SET spent_at = now() WHERE user_id = :person AND spent_at IS NULL")
_ADD = text(
    """
    INSERT INTO codes (id, user_id, purpose, target, digest, expires_at)
    VALUES (:id, :person, :purpose, :target, :digest, now() + CAST(:lifetime AS interval))
    RETURNING created_at, expires_at
    """
)
# The row is held until the transaction ends: of two tries at once the second sees that the first was right.
_TRY = text(
    """
    UPDATE codes SET tries = tries + 1 WHERE user_id = :person AND purpose = :purpose AND spent_at IS NULL
        AND expires_at > now() AND tries < :most RETURNING id, digest, target, created_at
    """
)
_MADE = text("SELECT user_id, target, created_at, expires_at FROM codes WHERE id = :id")
_SPEND = text("UPDATE codes SET spent_at = now() WHERE id = :id")


def new_number() -> str:
    """The id of the row of a code that is not made yet."""
    return secrets.token_urlsafe(16)


async def end_codes(connection: AsyncConnection, person_id: str) -> None:
    """No code of theirs is good any more."""
    await connection.execute(_END_ALL, {"person": person_id})


@dataclass(frozen=True, slots=True)
class Sent:
    """A code on its way: the number of its row, and what it is sent to."""

    number: str
    person_id: str
    target: str
    at: datetime
    good_until: datetime


@dataclass(frozen=True, slots=True)
class Shown:
    """A right code: what it was sent to, and when."""

    target: str
    sent_at: datetime


class CodeRows:
    """The codes of one kind."""

    def __init__(self, codes: Codes, kind: str) -> None:
        self._codes = codes
        self._kind = kind

    async def add(
        self,
        connection: AsyncConnection,
        person_id: str,
        purpose: Purpose,
        target: str,
        lifetime: timedelta,
        number: str | None = None,
    ) -> Sent:
        """A new code, by a ``number`` of its own if none is given; an older one of the purpose is good no more."""
        number = number or new_number()
        digest = self._codes.digest(self._kind, number, self._codes.of(self._kind, number))
        await connection.execute(_END, {"person": person_id, "purpose": purpose})
        values = {"id": number, "person": person_id, "purpose": purpose, "target": target}
        row = (await connection.execute(_ADD, {**values, "digest": digest, "lifetime": lifetime})).one()
        return Sent(number, person_id, target, row.created_at, row.expires_at)

    async def made(self, connection: AsyncConnection, number: str) -> Sent | None:
        """The code of that number, if there is one by now."""
        row = (await connection.execute(_MADE, {"id": number})).first()
        return Sent(number, row.user_id, row.target, row.created_at, row.expires_at) if row else None

    async def shown(
        self, connection: AsyncConnection, person_id: str, purpose: Purpose, entered: str, most: int
    ) -> Shown | None:
        """Use a code up; None if it is not right, too old, spent, or was tried too often.

        Commit either way: a try counts.
        """
        asked = {"person": person_id, "purpose": purpose, "most": most}
        row = (await connection.execute(_TRY, asked)).first()
        if row is None or not self._codes.is_right(self._kind, row.id, entered, row.digest):
            return None
        await connection.execute(_SPEND, {"id": row.id})
        return Shown(row.target, row.created_at)
