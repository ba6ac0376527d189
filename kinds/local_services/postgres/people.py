"""People as they are read: by everybody, by themselves, and by admins."""

from collections.abc import Collection
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.listings import Listing, SortColumn
from adapters.postgres.sql_format import INSTANT
from adapters.postgres.statements import one

Json = dict[str, Any]

_ROLE = "CASE r.name WHEN 'admin' THEN 'ADMIN' ELSE r.name END"
_SKILLS = (
    "(SELECT coalesce(json_agg(json_build_object('id', s.id, 'skill_tag', s.skill_tag) ORDER BY s.id), '[]')"
    " FROM user_skills AS s WHERE s.user_id = u.id)"
)
_CERTIFICATIONS = (
    "(SELECT coalesce(json_agg(json_build_object('id', c.id, 'title', c.title, 'issuer', c.issuer, 'issued_on',"
    " c.issued_on, 'file_url', c.file_url, 'verified', c.verified) ORDER BY c.id), '[]')"
    " FROM certifications AS c WHERE c.user_id = u.id {})"
)
_SINCE, _CHANGED = INSTANT.format("u.created_at"), INSTANT.format("u.updated_at")

FROM_PEOPLE = "users AS u JOIN roles AS r ON r.id = u.role_id LEFT JOIN profiles AS p ON p.user_id = u.id"
"""The rows that the expressions below are over."""

PUBLIC_FACTS = f"""'id', u.id, 'role', {_ROLE}, 'first_name', u.first_name,
    'last_name', CASE WHEN u.last_name = '' THEN '' ELSE left(u.last_name, 1) || '.' END,
    'avatar_url', u.photo, 'bio', coalesce(p.bio, ''), 'rating_avg', p.rating_avg,
    'rating_count', coalesce(p.rating_count, 0), 'reputation', coalesce(p.reputation, 82.5), 'skills', {_SKILLS},
    'certifications', {_CERTIFICATIONS.format("AND c.verified")}, 'created_at', {_SINCE}"""
PUBLIC_PERSON = f"json_build_object({PUBLIC_FACTS})"
"""A person as strangers see them."""

_ONESELF = f"""
    SELECT u.id, u.email, {_ROLE} AS role, u.first_name, u.last_name, u.phone,
        p.phone_verified_at IS NOT NULL AS phone_verified, p.email_verified_at IS NOT NULL AS email_verified,
        u.photo AS avatar_url, coalesce(p.bio, '') AS bio, p.rating_avg, coalesce(p.rating_count, 0) AS rating_count,
        coalesce(p.reputation, 82.5) AS reputation, {_SKILLS} AS skills, {_CERTIFICATIONS.format("")} AS certifications,
        CASE WHEN p.lat IS NOT NULL THEN json_build_object('label', coalesce(p.location_label, ''), 'lat', p.lat,
            'lng', p.lng) END AS location,
        p.gstin, p.state,
        coalesce((SELECT json_build_object('status', a.status, 'account_id', a.account_id) FROM payout_accounts AS a
            WHERE a.kind = 'local_services' AND a.person_id = u.id),
            json_build_object('status', 'none', 'account_id', NULL)) AS payout,
        coalesce(p.notification_preferences, '{{}}') AS notification_preferences,
        {_SINCE} AS created_at, {_CHANGED} AS updated_at
"""  # noqa: S608 - constants of ours
_OWN = f"{_ONESELF} FROM {FROM_PEOPLE} WHERE u.id = :id AND u.deleted_at IS NULL"
_PUBLIC = text(
    f"""
    SELECT {PUBLIC_PERSON}::text AS person FROM {FROM_PEOPLE}
    WHERE u.id = ANY(CAST(:ids AS text[])) AND u.deleted_at IS NULL AND p.blocked_at IS NULL AND r.name <> 'admin'
    """  # noqa: S608 - constants of ours
)
# Whoever takes part in a paid booking of the two; what came in counts until thirty days after it was closed.
_KNOW_EACH_OTHER = text(
    """
    SELECT EXISTS (
        SELECT FROM booking_participants AS one JOIN booking_participants AS other ON other.booking_id = one.booking_id
        JOIN bookings AS b ON b.id = one.booking_id AND b.kind = :kind
        WHERE one.person_id = :viewer AND other.person_id = :person
            AND (b.closed_at IS NULL OR b.closed_at > now() - interval '30 days')
            AND EXISTS (SELECT FROM payments AS m WHERE m.booking_id = b.id AND m.captured_at IS NOT NULL)
    )
    """
)
EVERYBODY = Listing(
    f"""
    {_ONESELF}, p.blocked_at IS NOT NULL AS is_blocked, substr(u.id, 4)::bigint AS place_number
    FROM {FROM_PEOPLE} WHERE u.deleted_at IS NULL AND r.name <> 'admin'
        AND (CAST(:role AS text) IS NULL OR r.name = :role) AND (CAST(:id AS text) IS NULL OR u.id = :id)
        AND (CAST(:phone AS text) IS NULL OR u.phone = :phone)
        AND (CAST(:q AS text) IS NULL OR strpos(lower(concat_ws(' ', u.name, u.phone, u.email)), lower(:q)) > 0)
    """,
    (SortColumn("place_number"),),
)
"""Seekers and providers as admins read them, narrowed by ``role``, ``id``, ``phone`` and ``q``."""
NOBODY_IN_PARTICULAR: dict[str, Any] = {"role": None, "id": None, "phone": None, "q": None}


async def oneself(connection: AsyncConnection, person_id: str) -> Json | None:
    """Somebody as they read themselves, whatever their role; None when they have left."""
    return await one(connection, _OWN, id=person_id)


async def public_people(connection: AsyncConnection, ids: Collection[str]) -> dict[str, Json]:
    """Those people as strangers see them, by id; admins and who is blocked or has left are not among them."""
    rows = (await connection.execute(_PUBLIC, {"ids": list(ids)})).scalars()
    return {person["id"]: person for person in map(orjson.loads, rows)}


async def know_each_other(connection: AsyncConnection, kind: str, viewer: str, person: str) -> bool:
    """Whether they are the parties of a booking that is paid, until thirty days after it closes."""
    asked = {"kind": kind, "viewer": viewer, "person": person}
    return bool((await connection.execute(_KNOW_EACH_OTHER, asked)).scalar_one())


async def seen_by_admin(connection: AsyncConnection, person_id: str) -> Json | None:
    """A seeker or provider with all that admins read of them."""
    return await one(connection, EVERYBODY.rows, **{**NOBODY_IN_PARTICULAR, "id": person_id})
