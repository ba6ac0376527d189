"""Profiles as they are written. A person's row is locked before anything of theirs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_COLUMNS = {
    "bio": ":bio",
    "location_label": ":location_label",
    "lat": ":lat",
    "lng": ":lng",
    "gstin": ":gstin",
    "state": ":state",
    "notification_preferences": "CAST(:notification_preferences AS jsonb)",
}
_BEGIN = text("INSERT INTO profiles (user_id) VALUES (:id) ON CONFLICT (user_id) DO NOTHING")
_SKILLS_GONE = text("DELETE FROM user_skills WHERE user_id = :id AND skill_tag <> ALL(CAST(:tags AS text[]))")
_SKILLS = text(
    """
    INSERT INTO user_skills (user_id, skill_tag) SELECT :id, tag FROM unnest(CAST(:tags AS text[])) AS tag
    ON CONFLICT (user_id, skill_tag) DO NOTHING
    """
)
_CERTIFICATIONS = text("SELECT id, title, issuer, issued_on, file_url FROM certifications WHERE user_id = :id")
_CERTIFICATIONS_GONE = text("DELETE FROM certifications WHERE user_id = :id AND id <> ALL(CAST(:kept AS int[]))")
_CERTIFICATION = text(
    """
    INSERT INTO certifications (user_id, title, issuer, issued_on, file_url)
    VALUES (:id, :title, :issuer, :issued_on, :file_url)
    """
)
_VERIFY = text(
    """
    UPDATE certifications SET verified = true WHERE user_id = :id AND id = ANY(CAST(:ids AS int[])) RETURNING id
    """
)
_BECOME = text(
    """
    UPDATE users SET role_id = (SELECT id FROM roles WHERE name = :to), updated_at = now()
    WHERE id = :id AND role_id = (SELECT id FROM roles WHERE name = :was) RETURNING id
    """
)
_PREFERENCES = text("SELECT notification_preferences FROM profiles WHERE user_id = :id")
_VERIFIED = "UPDATE profiles SET {0}_verified_at = now() WHERE user_id = :id AND {0}_verified_at IS NULL"
_IS_VERIFIED = text("SELECT EXISTS (SELECT FROM profiles WHERE user_id = :id AND phone_verified_at IS NOT NULL)")
_PHONE_VERIFIED = text("UPDATE profiles SET phone_verified_at = now() WHERE user_id = :id")
_HAS_PASSWORD = text("SELECT password_hash IS NOT NULL FROM users WHERE id = :id AND deleted_at IS NULL")
_EMAIL_UNVERIFIED = text("UPDATE profiles SET email_verified_at = NULL WHERE user_id = :id")
_BLOCK = text(
    """
    UPDATE profiles SET blocked_at = CASE WHEN :blocked THEN now() END
    WHERE user_id = :id AND (blocked_at IS NOT NULL) <> :blocked RETURNING user_id
    """
)
_IS_BLOCKED = text("SELECT EXISTS (SELECT FROM profiles WHERE user_id = :id AND blocked_at IS NOT NULL)")
_PHOTO = text("UPDATE users SET photo = :photo, updated_at = now() WHERE id = :id")
_CHANGED = text("UPDATE users SET updated_at = now() WHERE id = :id")


@dataclass(frozen=True, slots=True)
class Certificate:
    """One of somebody, as they say."""

    title: str
    issuer: str
    issued_on: date | None = None
    file_url: str | None = None


async def begin(connection: AsyncConnection, person_id: str) -> None:
    """The profile of somebody new; who has one keeps it."""
    await connection.execute(_BEGIN, {"id": person_id})


async def change(connection: AsyncConnection, person_id: str, columns: Mapping[str, Any]) -> None:
    """Change the columns that are given; preferences are added to those that are there."""
    await begin(connection, person_id)
    given = {name: value for name, value in columns.items() if name in _COLUMNS}
    if (chosen := given.get("notification_preferences")) is not None:
        known = (await connection.execute(_PREFERENCES, {"id": person_id})).scalar_one()
        merged = known | {kind: {**known.get(kind, {}), **wanted} for kind, wanted in chosen.items()}
        given["notification_preferences"] = orjson.dumps(merged).decode()
    if given:
        sets = ", ".join(f"{name} = {_COLUMNS[name]}" for name in given)
        statement = text(f"UPDATE profiles SET {sets} WHERE user_id = :id")  # noqa: S608 - constants of ours
        await connection.execute(statement, {**given, "id": person_id})
    await connection.execute(_CHANGED, {"id": person_id})


async def replace_skills(connection: AsyncConnection, person_id: str, tags: Sequence[str]) -> None:
    """These are the skills from now on."""
    await connection.execute(_SKILLS_GONE, {"id": person_id, "tags": list(tags)})
    await connection.execute(_SKILLS, {"id": person_id, "tags": list(tags)})


async def replace_certifications(connection: AsyncConnection, person_id: str, wanted: Sequence[Certificate]) -> None:
    """These are the certificates from now on; one that stays as it was keeps its number and whether it is verified."""
    known: dict[Certificate, int] = {}
    for row in await connection.execute(_CERTIFICATIONS, {"id": person_id}):
        known[Certificate(row.title, row.issuer, row.issued_on, row.file_url)] = row.id
    kept = [known[each] for each in wanted if each in known]
    await connection.execute(_CERTIFICATIONS_GONE, {"id": person_id, "kept": kept})
    for each in wanted:
        if each not in known:
            values = {"title": each.title, "issuer": each.issuer}
            more = {"issued_on": each.issued_on, "file_url": each.file_url}
            await connection.execute(_CERTIFICATION, {"id": person_id, **values, **more})


async def verify_certifications(connection: AsyncConnection, person_id: str, ids: Sequence[int]) -> set[int]:
    """Mark these certificates of somebody as seen; answers those that they have."""
    return set((await connection.execute(_VERIFY, {"id": person_id, "ids": list(ids)})).scalars())


async def become(connection: AsyncConnection, person_id: str, was: str, to: str) -> bool:
    """Another role; False if the person does not have the role that they ``was`` any more."""
    return (await connection.execute(_BECOME, {"id": person_id, "was": was, "to": to})).first() is not None


async def verified(connection: AsyncConnection, person_id: str, channel: str) -> bool:
    """The "phone" or "email" is theirs; False if that was known already."""
    await begin(connection, person_id)
    statement = text(_VERIFIED.format(channel))
    return bool((await connection.execute(statement, {"id": person_id})).rowcount)


async def has_verified_phone(connection: AsyncConnection, person_id: str) -> bool:
    """Whether they have shown that their phone is theirs."""
    return bool((await connection.execute(_IS_VERIFIED, {"id": person_id})).scalar_one())


async def has_password(connection: AsyncConnection, person_id: str) -> bool:
    """Whether they log in with one; who came by an identity may not."""
    return bool((await connection.execute(_HAS_PASSWORD, {"id": person_id})).scalar())


async def phone_is_new(connection: AsyncConnection, person_id: str) -> None:
    """The phone is another one, which they have just shown to be theirs."""
    await begin(connection, person_id)
    await connection.execute(_PHONE_VERIFIED, {"id": person_id})


async def email_is_new(connection: AsyncConnection, person_id: str) -> None:
    """The mail address is another one, of which nothing has been shown."""
    await connection.execute(_EMAIL_UNVERIFIED, {"id": person_id})


async def block(connection: AsyncConnection, person_id: str, *, blocked: bool) -> bool:
    """Shut somebody out, or let them in again; False if it is so already."""
    await begin(connection, person_id)
    return (await connection.execute(_BLOCK, {"id": person_id, "blocked": blocked})).first() is not None


async def is_blocked(connection: AsyncConnection, person_id: str) -> bool:
    """Whether they are shut out."""
    return bool((await connection.execute(_IS_BLOCKED, {"id": person_id})).scalar_one())


async def change_photo(connection: AsyncConnection, person_id: str, path: str) -> None:
    """The picture that they are shown with."""
    await connection.execute(_PHOTO, {"id": person_id, "photo": path})
