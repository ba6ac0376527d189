"""Anonymising a person. The row stays, because bookings, payments and invoices reference it; its personal data goes.

Issued documents carry copies of the name and address that they were made for, as the law requires them to be kept.
"""

from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.email_log import forget_emails
from adapters.postgres.kind import KindStorage
from adapters.postgres.people.login_failures import OF_A_PERSON
from adapters.postgres.people.sessions import end_every_session
from adapters.postgres.statements import write
from domain.errors import InUse, NotFound
from domain.people import Role, RoleSpec

# Rows are locked in the order of their ids: of two admins who delete each other at once, one stays.
_LOCK = text(
    """
    SELECT u.id FROM users AS u JOIN roles AS r ON r.id = u.role_id
    WHERE r.name = :role AND u.deleted_at IS NULL AND (r.name = 'admin' OR u.id = :id) ORDER BY u.id FOR UPDATE OF u
    """
)
_OPEN_BOOKING = text(
    """
    SELECT min(id) FROM (
        SELECT id FROM bookings WHERE customer_id = :id AND kind = :kind AND closed_at IS NULL
        UNION ALL
        SELECT b.id FROM booking_participants AS p JOIN bookings AS b ON b.id = p.booking_id
        WHERE p.person_id = :id AND p.active AND b.kind = :kind AND b.closed_at IS NULL
    ) AS theirs
    """
)
_FORGET = (
    OF_A_PERSON,
    "DELETE FROM contact_changes WHERE user_id = :id",
    "DELETE FROM idempotency_keys WHERE user_id = :id",  # answers with names, phones and addresses in them
)
_EMPTY = """
    UPDATE users SET first_name = :name, last_name = '', email = NULL, phone = NULL, password_hash = NULL, photo = NULL,
        updated_at = now(), deleted_at = now() WHERE id = :id
"""


async def anonymise(connection: AsyncConnection, storage: KindStorage[Any], role: RoleSpec, person_id: str) -> None:
    """Empty a person's row, end their sessions, drop what is only theirs; phone and mail address are free again.

    In the engine's tables a person of another kind may have the same id: these keep what is theirs.

    Raises:
        NotFound: there is nobody of that id and role (any more).
        InUse: a booking or what the kind calls their work is open, or it is the last admin.
    """
    alike = (await connection.execute(_LOCK, {"role": role.name, "id": person_id})).scalars().all()
    if person_id not in alike:
        raise NotFound(f"there is no {role.name} {person_id}")
    if role.name == Role.ADMIN and len(alike) == 1:
        raise InUse("the last admin cannot anonymise")
    await _must_be_idle(connection, storage, role, person_id)
    await end_every_session(connection, person_id)
    await forget_emails(connection, storage.kind.name, person_id)
    for statement in (*_FORGET, *storage.anonymise):
        await write(connection, statement, id=person_id)
    await write(connection, _EMPTY, id=person_id, name=f"Former {role.name}")


async def _must_be_idle(connection: AsyncConnection, storage: KindStorage[Any], role: RoleSpec, person_id: str) -> None:
    work = storage.open_work.get(role.name)
    query, refusal = (text(work.query), work.refusal) if work else (_OPEN_BOOKING, "booking {} is open")
    asked = {"id": person_id} if work else {"id": person_id, "kind": storage.kind.name}
    booking = (await connection.execute(query, asked)).scalar()
    if booking is not None:
        raise InUse(refusal.format(booking))
