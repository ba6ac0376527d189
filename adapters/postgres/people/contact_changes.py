"""Changes of how people can be reached: recorded with what was before, taken back, and kept free meanwhile.

The person's row is locked first, so one change sees the other.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.people.sessions import end_every_session
from adapters.postgres.statements import write
from domain.errors import Duplicate, NotFound, TooMany
from domain.people import RoleSpec

MOST = 10
"""Changes of one's own that may be undone at one moment: each of them is a mail to an address that somebody chose."""

_HOLD = text(
    """
    SELECT u.phone, u.email, u.password_hash FROM users AS u
    WHERE u.id = :id AND u.deleted_at IS NULL AND u.role_id = (SELECT id FROM roles WHERE name = :role)
    FOR NO KEY UPDATE OF u
    """
)
_COUNT = text(
    """
    SELECT count(*) AS changes, min(good_until) AS first_ends FROM contact_changes
    WHERE user_id = :id AND can_be_undone AND good_until > now()
    """
)
# Who takes the last one back is where they were before all that the same address was told of.
_RECORD = text(
    """
    WITH earlier AS (
        UPDATE contact_changes SET spent_at = now()
        WHERE user_id = :person AND lower(email) = lower(CAST(:email AS text)) AND CAST(:moved AS boolean)
            AND can_be_undone AND spent_at IS NULL AND good_until > now()
        RETURNING phone, changed_at
    )
    INSERT INTO contact_changes (id, user_id, phone, email, can_be_undone, changed_at, good_until)
    VALUES (:id, :person, coalesce((SELECT phone FROM earlier ORDER BY changed_at LIMIT 1), :phone),
        CAST(:email AS text), :can_be_undone, clock_timestamp(), :good_until)
    """
)
_SPEND_LINKS = text("UPDATE users SET password_changed_at = :at WHERE id = :id")
_HOLD_ITS_PERSON = text(
    """
    SELECT u.id FROM contact_changes AS c JOIN users AS u ON u.id = c.user_id
    WHERE c.id = :id AND u.deleted_at IS NULL FOR NO KEY UPDATE OF u
    """
)
_UNDO = text(
    """
    WITH undone AS (
        UPDATE contact_changes SET spent_at = now()
        WHERE id = :id AND can_be_undone AND spent_at IS NULL AND good_until > now()
        RETURNING id, user_id, phone, email, changed_at
    ),
    later AS (
        UPDATE contact_changes AS c SET spent_at = now() FROM undone
        WHERE c.user_id = undone.user_id AND c.changed_at > undone.changed_at AND c.spent_at IS NULL
    )
    SELECT phone, email FROM undone
    """
)
_PUT_BACK = """
    UPDATE users SET phone = :phone, email = :email, password_changed_at = clock_timestamp(), updated_at = now(),
        password_hash = coalesce(CAST(:password AS text), password_hash)
    WHERE id = :person
"""
_KEPT = text(
    """
    SELECT phone = CAST(:phone AS text) FROM contact_changes
    WHERE can_be_undone AND spent_at IS NULL AND good_until > now() AND user_id <> :person
        AND (phone = CAST(:phone AS text) OR lower(email) = lower(CAST(:email AS text)))
    LIMIT 1
    """
)


@dataclass(frozen=True, slots=True)
class Contact:
    """How somebody can be reached, and what their password is checked against."""

    phone: str
    email: str | None
    password_hash: str | None = None

    def changed_by(self, columns: Mapping[str, Any]) -> list[str]:
        """Which of "phone" and "email" would be another one. Letters of another case are the same address."""
        now = {"phone": self.phone, "email": (self.email or "").lower()}
        return [name for name, value in now.items() if name in columns and (columns[name] or "").lower() != value]


async def hold_contact(connection: AsyncConnection, role: RoleSpec, person_id: str) -> Contact:
    """Somebody's contact as it is; it stays so until the transaction ends.

    Raises:
        NotFound: there is nobody of that id and role (any more).
    """
    row = (await connection.execute(_HOLD, {"id": person_id, "role": role.name})).first()
    if row is None:
        raise NotFound(f"there is no {role.name} {person_id}")
    return Contact(row.phone, row.email, row.password_hash)


async def must_not_be_too_many(connection: AsyncConnection, person_id: str) -> None:
    """Before one more change of one's own.

    Raises:
        TooMany: as many as there may be can still be undone.
    """
    row = (await connection.execute(_COUNT, {"id": person_id})).one()
    if row.changes >= MOST:
        left = max(1, int((row.first_ends - datetime.now(UTC)).total_seconds()))
        raise TooMany("phone and mail address were changed too often; try again in some days", retry_after=left)


async def record(
    connection: AsyncConnection,
    change: str,
    person_id: str,
    before: Contact,
    *,
    moved: bool,
    can_be_undone: bool,
    at: datetime,
    good_until: datetime,
) -> None:
    """What was ``before`` a change. ``moved``: the mail address is another one, so links that it was sent are spent."""
    values = {"id": change, "person": person_id, "phone": before.phone, "email": before.email, "moved": moved}
    await connection.execute(_RECORD, {**values, "can_be_undone": can_be_undone, "good_until": good_until})
    if moved:
        await connection.execute(_SPEND_LINKS, {"id": person_id, "at": at})


async def undo(connection: AsyncConnection, change: str, password_hash: str | None) -> bool:
    """Phone and mail address as before the change, all later changes and all links spent, everybody logged out.

    With a hash the password is another one from now on. False: the change cannot be taken back (any more).

    Raises:
        Duplicate: somebody else has that phone or mail address by now.
    """
    person = (await connection.execute(_HOLD_ITS_PERSON, {"id": change})).scalar()
    row = (await connection.execute(_UNDO, {"id": change})).first()
    if person is None or row is None:
        return False
    await write(connection, _PUT_BACK, person=person, phone=row.phone, email=row.email, password=password_hash)
    await end_every_session(connection, person)
    return True


async def must_be_free(connection: AsyncConnection, person_id: str, columns: Mapping[str, Any]) -> None:
    """What somebody may want back is nobody else's. Ask after writing: a change that was waited for is seen then.

    Raises:
        Duplicate: in the same words as for a phone or mail address that somebody has.
    """
    values = {"person": person_id, "phone": columns.get("phone"), "email": columns.get("email")}
    kept = (await connection.execute(_KEPT, values)).first()
    if kept is not None:
        raise Duplicate(f"there is one with the same {'phone' if kept[0] else 'email'} already")
