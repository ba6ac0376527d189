"""Mechanics: people with qualifications, open jobs and a score."""

from datetime import date
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.listings import Listing
from adapters.postgres.people.users import BY_AGE, CARD, NUMBER, SEARCH, SINCE, WANTED
from adapters.postgres.statements import write
from domain.errors import NotFound

_QUALIFICATIONS = ("dob", "pickup_drop", "analysis")
_MECHANICS = f"""
    SELECT {CARD}, u.photo, 'mechanic' AS role, {SINCE}, {NUMBER}, m.dob, m.pickup_drop, m.analysis,
        (SELECT coalesce(json_agg(json_build_object('id', c.id, 'name', c.name) ORDER BY c.id), '[]')
            FROM mechanic_service_categories AS x JOIN service_categories AS c ON c.id = x.category_id
            WHERE x.mechanic_id = u.id) AS service_categories,
        (SELECT count(*) FROM booking_assignments AS j WHERE j.mechanic_id = u.id AND j.active) AS open_jobs,
        (SELECT coalesce(sum(points), 0) FROM mechanic_scores AS s WHERE s.mechanic_id = u.id) AS score
    FROM users AS u JOIN mechanics AS m ON m.user_id = u.id
    WHERE {WANTED} AND (CAST(:pickup_drop AS boolean) IS NULL OR m.pickup_drop = :pickup_drop)
        AND (CAST(:analysis AS boolean) IS NULL OR m.analysis = :analysis)
        AND (CAST(:category_id AS int) IS NULL OR EXISTS (SELECT FROM mechanic_service_categories AS x
            WHERE x.mechanic_id = u.id AND x.category_id = :category_id))
"""  # noqa: S608 - constants of ours
MECHANICS = Listing(_MECHANICS, BY_AGE)
MECHANIC_SEARCH: dict[str, Any] = {**SEARCH, "pickup_drop": None, "analysis": None, "category_id": None}
"""What the list of mechanics can be narrowed to."""


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
