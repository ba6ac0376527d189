"""People of every role: how they are listed, added and changed."""

from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.database import Database
from adapters.postgres.listings import Listing, SortColumn
from adapters.postgres.numbering import next_person_id
from adapters.postgres.people.contact_changes import must_be_free
from adapters.postgres.sql_format import INSTANT
from adapters.postgres.statements import write
from adapters.postgres.uploads import name_pictures, pictures_in
from domain.errors import NotFound
from domain.people import RoleSpec

_KNOWN = text(
    """
    SELECT EXISTS (SELECT FROM users WHERE deleted_at IS NULL
        AND (phone = :phone OR lower(email) = lower(CAST(:email AS text))))
    """
)
_COLUMNS = ("first_name", "last_name", "phone", "email", "photo")

# Somebody who may not see a phone or a mail address must not find people by them either.
WANTED = """u.deleted_at IS NULL AND (CAST(:id AS text) IS NULL OR u.id = :id)
    AND (CAST(:q AS text) IS NULL OR strpos(lower(CASE WHEN CAST(:names_only AS boolean) THEN u.name
        ELSE concat_ws(' ', u.name, u.phone, u.email) END), lower(:q)) > 0)"""
# Ids grow beyond six digits, and are numbers then: CST1000000 comes after CST999999.
NUMBER = "substr(u.id, 4)::bigint AS place_number"
BY_AGE = (SortColumn("place_number"),)
CARD = "u.id, u.name, u.first_name, u.last_name, u.email, u.phone"
SINCE = f"{INSTANT.format('u.created_at')} AS created_at"


def people_of(role: RoleSpec) -> Listing:
    """All people of a role, narrowed by the parameters of ``SEARCH``, the oldest first."""
    return Listing(
        f"SELECT {CARD}, '{role.shown}' AS role, {SINCE}, {NUMBER} FROM users AS u"  # noqa: S608 - constants of ours
        f" WHERE u.role_id = (SELECT id FROM roles WHERE name = '{role.name}') AND {WANTED}",
        BY_AGE,
    )


SEARCH: dict[str, Any] = {"id": None, "q": None, "names_only": False}
"""What these lists can be narrowed to."""


async def have_an_account(database: Database, phone: str, email: str | None) -> bool:
    """Whether somebody has that phone ("+91" and ten digits) or that mail address."""
    async with database.read.connect() as connection:
        return bool((await connection.execute(_KNOWN, {"phone": phone, "email": email})).scalar_one())


async def add_person(
    connection: AsyncConnection, role: RoleSpec, columns: dict[str, Any], password_hash: str | None
) -> str:
    """A new person; answers the id. Without a hash nobody can log in as them yet.

    Raises:
        Duplicate: somebody has that phone or mail address, or may want it back.
    """
    given = [name for name in _COLUMNS if name in columns]
    statement = (
        f"INSERT INTO users (id, role_id, password_hash, {', '.join(given)}) "  # noqa: S608 - constants of ours
        f"VALUES ({next_person_id(role)}, (SELECT id FROM roles WHERE name = :role), :password_hash, "
        f"{', '.join(f':{name}' for name in given)}) RETURNING id"
    )
    row = {name: columns[name] for name in given}
    person_id = str(await write(connection, statement, **row, role=role.name, password_hash=password_hash))
    await must_be_free(connection, person_id, row)
    await name_pictures(connection, pictures_in(row.get("photo") or ""))
    return person_id


async def change_person(connection: AsyncConnection, role: RoleSpec, person_id: str, columns: dict[str, Any]) -> None:
    """Change the columns that are given.

    Raises:
        NotFound: there is nobody of that id and role (any more).
        Duplicate: somebody else has that phone or mail address, or may want it back.
    """
    given = [name for name in _COLUMNS if name in columns]
    sets = ", ".join(["updated_at = now()", *(f"{name} = :{name}" for name in given)])
    statement = (
        f"UPDATE users SET {sets} WHERE id = :id AND deleted_at IS NULL "  # noqa: S608 - constants of ours
        "AND role_id = (SELECT id FROM roles WHERE name = :role) RETURNING id"
    )
    row = {name: columns[name] for name in given}
    if await write(connection, statement, **row, id=person_id, role=role.name) is None:
        raise NotFound(f"there is no {role.name} {person_id}")
    await must_be_free(connection, person_id, row)
    await name_pictures(connection, pictures_in(row.get("photo") or ""))
