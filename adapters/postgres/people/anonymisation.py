"""Anonymising a person. The row stays, because bookings, payments and invoices reference it; its personal data goes.

Issued documents carry copies of the name and address that they were made for, as the law requires them to be kept.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.kind import KindStorage
from adapters.postgres.personal_data import erase
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
_RECORD = text(
    """
    INSERT INTO erasures (kind, person_id, role, documents) VALUES (:kind, :id, :role, CAST(:documents AS text[]))
    ON CONFLICT (kind, person_id) DO UPDATE SET documents = erasures.documents || excluded.documents
    """
)
_ADDRESS = text("SELECT email FROM users WHERE id = :id AND deleted_at IS NULL")


async def address_of(connection: AsyncConnection, person_id: str) -> str | None:
    """The mail address under which somebody may have asked something without a login."""
    found: str | None = (await connection.execute(_ADDRESS, {"id": person_id})).scalar()
    return found


async def anonymise(
    connection: AsyncConnection,
    storage: KindStorage[Any],
    role: RoleSpec,
    person_id: str,
    documents: Sequence[str] = (),
) -> None:
    """Erase a person as ``adapters.postgres.personal_data`` says; phone and mail address are free again.

    In the engine's tables a person of another kind may have the same id: these keep what is theirs. ``documents``: the
    ids of what is deleted in MongoDB, recorded for a restore that would bring them back.

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
    kind = storage.kind.name
    record = {"kind": kind, "id": person_id, "role": role.name, "documents": list(documents)}
    await connection.execute(_RECORD, record)
    await erase(connection, kind, storage.personal_data, [person_id])


async def _must_be_idle(connection: AsyncConnection, storage: KindStorage[Any], role: RoleSpec, person_id: str) -> None:
    work = storage.open_work.get(role.name)
    query, refusal = (text(work.query), work.refusal) if work else (_OPEN_BOOKING, "booking {} is open")
    asked = {"id": person_id} if work else {"id": person_id, "kind": storage.kind.name}
    booking = (await connection.execute(query, asked)).scalar()
    if booking is not None:
        raise InUse(refusal.format(booking))
