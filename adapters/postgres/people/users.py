"""Customers, mechanics and admins: how they are listed, made and changed. How they leave is in ``leaving``."""

from datetime import date
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.lists import write
from adapters.postgres.numbering import next_person_id
from adapters.postgres.sql_format import INSTANT
from domain.errors import NotFound
from domain.people import Role

_COLUMNS = ("first_name", "last_name", "phone", "email", "photo")
_QUALIFICATIONS = ("dob", "pickup_drop", "analysis")

# Somebody who may not see a phone or a mail address must not find people by them either.
_WANTED = """u.deleted_at IS NULL AND (CAST(:id AS text) IS NULL OR u.id = :id)
    AND (CAST(:q AS text) IS NULL OR strpos(lower(CASE WHEN CAST(:names_only AS boolean) THEN u.name
        ELSE concat_ws(' ', u.name, u.phone, u.email) END), lower(:q)) > 0)"""
# Ids grow beyond six digits, and are numbers then: CST1000000 comes after CST999999.
_BY_AGE = "ORDER BY substr(u.id, 4)::bigint * CASE WHEN CAST(:newest AS boolean) THEN -1 ELSE 1 END"
_CARD = "u.id, u.name, u.first_name, u.last_name, u.email, u.phone"
_SINCE = f"{INSTANT.format('u.created_at')} AS created_at"


def _all(role: Role) -> str:
    return (
        f"SELECT {_CARD}, r.name AS role, {_SINCE} FROM users AS u JOIN roles AS r ON r.id = u.role_id"  # noqa: S608 - ours
        f" WHERE r.name = '{role}' AND {_WANTED} {_BY_AGE}"
    )


CUSTOMERS = _all(Role.CUSTOMER)
ADMINS = _all(Role.ADMIN)
MECHANICS = f"""
    SELECT {_CARD}, u.photo, 'mechanic' AS role, {_SINCE}, m.dob, m.pickup_drop, m.analysis,
        (SELECT coalesce(json_agg(json_build_object('id', c.id, 'name', c.name) ORDER BY c.id), '[]')
            FROM mechanic_service_categories AS x JOIN service_categories AS c ON c.id = x.category_id
            WHERE x.mechanic_id = u.id) AS service_categories,
        (SELECT count(*) FROM booking_assignments AS j WHERE j.mechanic_id = u.id AND j.active) AS open_jobs,
        (SELECT coalesce(sum(points), 0) FROM mechanic_scores AS s WHERE s.mechanic_id = u.id) AS score
    FROM users AS u JOIN mechanics AS m ON m.user_id = u.id
    WHERE {_WANTED} AND (CAST(:pickup_drop AS boolean) IS NULL OR m.pickup_drop = :pickup_drop)
        AND (CAST(:analysis AS boolean) IS NULL OR m.analysis = :analysis)
        AND (CAST(:category_id AS int) IS NULL OR EXISTS (SELECT FROM mechanic_service_categories AS x
            WHERE x.mechanic_id = u.id AND x.category_id = :category_id))
    {_BY_AGE}
"""  # noqa: S608 - constants of ours
SEARCH: dict[str, Any] = {"id": None, "q": None, "names_only": False, "newest": False}
"""What these lists can be narrowed to, and their order."""
MECHANIC_SEARCH: dict[str, Any] = {**SEARCH, "pickup_drop": None, "analysis": None, "category_id": None}


async def add_person(
    connection: AsyncConnection, role: Role, columns: dict[str, Any], password_hash: str | None
) -> str:
    """A new person; answers the id. Without a hash nobody can log in as them yet.

    Raises:
        Duplicate: somebody has that phone or mail address.
    """
    given = [name for name in _COLUMNS if name in columns]
    statement = (
        f"INSERT INTO users (id, role_id, password_hash, {', '.join(given)}) "  # noqa: S608 - constants of ours
        f"VALUES ({next_person_id(role)}, (SELECT id FROM roles WHERE name = :role), :password_hash, "
        f"{', '.join(f':{name}' for name in given)}) RETURNING id"
    )
    row = {name: columns[name] for name in given}
    return str(await write(connection, statement, **row, role=str(role), password_hash=password_hash))


async def change_person(connection: AsyncConnection, role: Role, person_id: str, columns: dict[str, Any]) -> None:
    """Change the columns that are given.

    Raises:
        NotFound: there is nobody of that id and role (any more).
        Duplicate: somebody else has that phone or mail address.
    """
    given = [name for name in _COLUMNS if name in columns]
    sets = ", ".join(["updated_at = now()", *(f"{name} = :{name}" for name in given)])
    statement = (
        f"UPDATE users SET {sets} WHERE id = :id AND deleted_at IS NULL "  # noqa: S608 - constants of ours
        "AND role_id = (SELECT id FROM roles WHERE name = :role) RETURNING id"
    )
    row = {name: columns[name] for name in given}
    if await write(connection, statement, **row, id=person_id, role=str(role)) is None:
        raise NotFound(f"there is no {role} {person_id}")


async def add_mechanic(
    connection: AsyncConnection, person_id: str, *, dob: date, pickup_drop: bool, analysis: bool
) -> None:
    """What makes a person a mechanic."""
    statement = (
        "INSERT INTO mechanics (user_id, dob, pickup_drop, analysis) VALUES (:id, :dob, :pickup_drop, :analysis)"
    )
    await write(connection, statement, id=person_id, dob=dob, pickup_drop=pickup_drop, analysis=analysis)


async def change_mechanic(connection: AsyncConnection, person_id: str, columns: dict[str, Any]) -> None:
    """Change what is given of what a mechanic may do; jobs that were given out stay."""
    given = {name: columns[name] for name in _QUALIFICATIONS if name in columns}
    if given:
        sets = ", ".join(f"{name} = :{name}" for name in given)
        statement = f"UPDATE mechanics SET {sets} WHERE user_id = :id"  # noqa: S608 - constants of ours
        await write(connection, statement, **given, id=person_id)


async def set_categories(connection: AsyncConnection, mechanic_id: str, category_ids: list[int]) -> None:
    """The service categories that a mechanic works on, from now on.

    Raises:
        NotFound: there is no such category.
    """
    statement = """
        WITH wanted AS (SELECT unnest(CAST(:ids AS int[])) AS id),
        gone AS (DELETE FROM mechanic_service_categories WHERE mechanic_id = :mechanic
            AND category_id NOT IN (SELECT id FROM wanted)),
        come AS (INSERT INTO mechanic_service_categories (mechanic_id, category_id)
            SELECT :mechanic, id FROM wanted JOIN service_categories USING (id) ON CONFLICT DO NOTHING)
        SELECT min(id) FROM wanted WHERE id NOT IN (SELECT id FROM service_categories)
    """
    unknown = await write(connection, statement, ids=category_ids, mechanic=mechanic_id)
    if unknown is not None:
        raise NotFound(f"there is no service category {unknown}")
