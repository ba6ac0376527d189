"""Anonymising a person. The row stays, because bookings, payments and invoices reference it; its personal data goes.

Issued documents carry copies of the name and address that they were made for, as the law requires them to be kept.
"""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.email_log import forget_emails
from adapters.postgres.lists import write
from adapters.postgres.people.access import end_every_session
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
    "SELECT id FROM bookings WHERE customer_id = :id AND kind = :kind AND closed_at IS NULL ORDER BY id LIMIT 1"
)
_OPEN_JOB = text("SELECT booking_id FROM booking_assignments WHERE mechanic_id = :id AND active ORDER BY id LIMIT 1")
_FORGET = (
    "DELETE FROM login_attempts WHERE subject = 'phone ' || (SELECT phone FROM users WHERE id = :id)",
    "DELETE FROM idempotency_keys WHERE user_id = :id",  # answers with names, phones and addresses in them
    "DELETE FROM carts WHERE customer_id = :id",
    "DELETE FROM favourites WHERE customer_id = :id",
    "UPDATE addresses SET label = 'removed', line1 = 'removed', line2 = NULL, "
    "deleted_at = coalesce(deleted_at, now()) WHERE customer_id = :id",
    "UPDATE customer_cars SET deleted_at = now() WHERE customer_id = :id AND deleted_at IS NULL",
    "DELETE FROM mechanic_service_categories WHERE mechanic_id = :id",
    "UPDATE mechanics SET dob = NULL, pickup_drop = false, analysis = false WHERE user_id = :id",
)
_EMPTY = """
    UPDATE users SET first_name = :name, last_name = '', email = NULL, phone = NULL, password_hash = NULL, photo = NULL,
        updated_at = now(), deleted_at = now() WHERE id = :id
"""


async def anonymise(connection: AsyncConnection, kind: str, role: RoleSpec, person_id: str) -> None:
    """Empty a person's row, end their sessions, drop what is only theirs; phone and mail address are free again.

    ``kind`` is that of the connection's schema: in the engine's tables another kind's person may have the same id.

    Raises:
        NotFound: there is nobody of that id and role (any more).
        InUse: a booking of the customer or a job of the mechanic is open, or it is the last admin.
    """
    alike = (await connection.execute(_LOCK, {"role": role.name, "id": person_id})).scalars().all()
    if person_id not in alike:
        raise NotFound(f"there is no {role.name} {person_id}")
    if role.name == Role.ADMIN and len(alike) == 1:
        raise InUse("the last admin cannot anonymise")
    await _must_be_idle(connection, kind, role, person_id)
    await end_every_session(connection, person_id)
    await forget_emails(connection, kind, person_id)
    for statement in _FORGET:
        await write(connection, statement, id=person_id)
    await write(connection, _EMPTY, id=person_id, name=f"Former {role.name}")


async def _must_be_idle(connection: AsyncConnection, kind: str, role: RoleSpec, person_id: str) -> None:
    if role.name == Role.CUSTOMER:
        booking = (await connection.execute(_OPEN_BOOKING, {"id": person_id, "kind": kind})).scalar()
        if booking is not None:
            raise InUse(f"booking {booking} is open")
    if role.name == "mechanic":
        booking = (await connection.execute(_OPEN_JOB, {"id": person_id})).scalar()
        if booking is not None:
            raise InUse(f"a job on booking {booking} is open")
