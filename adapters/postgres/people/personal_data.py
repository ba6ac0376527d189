"""What the tables of people hold of them, in the order of erasing: what is found by another's rows comes first."""

from collections.abc import Mapping

from adapters.personal_data import Held
from adapters.postgres.people.login_failures import OF_PEOPLE
from adapters.postgres.people.second_factors import SECOND_FACTORS
from adapters.postgres.people.sessions import END_SESSIONS_OF

THEIR_BOOKINGS = "(SELECT b.id FROM bookings AS b WHERE b.customer_id = ANY(:people) AND b.kind = :booking_kind)"
"""The bookings whose customers these people are."""
_FORGET_KEYS = f"DELETE FROM idempotency_keys WHERE user_id = ANY(:people) OR booking_id IN {THEIR_BOOKINGS}"  # noqa: S608
_EMPTY = """
    UPDATE users AS u SET first_name = 'Former ' || r.name, last_name = '', email = NULL, phone = NULL,
        password_hash = NULL, photo = NULL, updated_at = now(), deleted_at = e.erased_at
    FROM roles AS r, erasures AS e
    WHERE u.id = ANY(:people) AND r.id = u.role_id AND e.person_id = u.id AND e.kind = :booking_kind
"""

PEOPLE: Mapping[str, Held] = {
    "refresh_tokens": Held(
        personal="user_id",
        plain="jti token family access_jti",
        what="that somebody is logged in",
        leaving="goes: they are logged out everywhere",
        erase=END_SESSIONS_OF,
        theirs="t.user_id = ANY(:people)",
        exported="created_at, expires_at, used_at",
    ),
    "sessions": Held(
        personal="user_id device address",
        plain="id",
        what="on which device and in which network somebody is logged in",
        leaving="goes",
        erase="DELETE FROM sessions WHERE user_id = ANY(:people)",
        theirs="t.user_id = ANY(:people)",
        exported="began_at, last_used_at, device, address",
    ),
    "second_factors": SECOND_FACTORS,
    "login_attempts": Held(
        personal="subject",
        what="phones, mail addresses, addresses of clients and ids of people whose requests are counted",
        leaving="goes, but for counts by their id, which end within 25 hours",
        erase=OF_PEOPLE,
        left_out="it tells from where others tried",
    ),
    "contact_changes": Held(
        personal="user_id phone email",
        plain="id",
        what="phone and mail address before a change",
        leaving="goes",
        erase="DELETE FROM contact_changes WHERE user_id = ANY(:people)",
        theirs="t.user_id = ANY(:people)",
        exported="phone, email, changed_at, good_until",
    ),
    "idempotency_keys": Held(
        personal="user_id route response request_hash",
        plain="key",
        what="answers to requests, with what they show of people",
        leaving="goes, their own and those that made their bookings; answers to others about them end after 7 days",
        erase=_FORGET_KEYS,
        left_out="it repeats what stands elsewhere",
    ),
    "booking_participants": Held(
        personal="person_id",
        plain="role",
        what="who takes part in a booking, by id",
        leaving="stays with the booking",
        theirs="t.person_id = ANY(:people)",
        exported="booking_id, role, active",
    ),
    "revoked_tokens": Held(plain="jti"),
    "auth_listeners": Held(plain="name"),
    "roles": Held(plain="name"),
    "permissions": Held(plain="name"),
    "role_permissions": Held(),
    "users": Held(
        personal="id first_name last_name name email phone password_hash photo",
        what="name, mail address, phone, photo, a hash of the password",
        leaving='goes, and "Former customer" (or another role) stands in its place; the id stays',
        erase=_EMPTY,
        theirs="t.id = ANY(:people)",
        exported="id, first_name, last_name, email, phone, photo, created_at, updated_at, password_changed_at",
    ),
}
"""Those of people, in the schema of each kind."""
