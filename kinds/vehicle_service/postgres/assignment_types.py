"""What mechanics can be assigned to: the jobs of the lifecycle, and what the shop adds for itself."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.statements import Json, one, write
from domain.errors import Duplicate, InUse, NotFound
from kinds.vehicle_service.domain.parts import Job
from kinds.vehicle_service.postgres.catalogue import ASSIGNMENT_TYPES

_ONE = f"SELECT * FROM ({ASSIGNMENT_TYPES}) AS types WHERE id = :id"  # noqa: S608 - constants of ours
_ANOTHER = "SELECT FROM assignment_types WHERE lower(name) = lower(CAST(:name AS text)) AND id <> :id"


async def add_assignment_type(connection: AsyncConnection, name: str) -> Json:
    """A new one. Raises Duplicate for a name that is there, however it is spelt."""
    statement = (
        f"INSERT INTO assignment_types (name) SELECT CAST(:name AS text) WHERE NOT EXISTS ({_ANOTHER}) RETURNING id"
    )
    return {"id": _new(name, await write(connection, statement, name=name, id=0)), "name": name}


async def rename_assignment_type(connection: AsyncConnection, type_id: int, name: str) -> Json:
    """Another name; an empty one changes nothing. Raises NotFound, InUse for a job of the lifecycle, Duplicate."""
    found = await _known(connection, type_id)
    if name in ("", found["name"]):
        return found
    _must_be_ours(found)
    statement = f"UPDATE assignment_types SET name = :name WHERE id = :id AND NOT EXISTS ({_ANOTHER}) RETURNING id"  # noqa: S608
    return {"id": _new(name, await write(connection, statement, name=name, id=type_id)), "name": name}


async def remove_assignment_type(connection: AsyncConnection, type_id: int) -> None:
    """Gone. Raises NotFound, InUse for a job of the lifecycle."""
    _must_be_ours(await _known(connection, type_id))
    await write(connection, "DELETE FROM assignment_types WHERE id = :id", id=type_id)


async def _known(connection: AsyncConnection, type_id: int) -> Json:
    found = await one(connection, _ONE, id=type_id)
    if found is None:
        raise NotFound(f"there is no assignment type {type_id}")
    return found


def _must_be_ours(found: Json) -> None:
    if found["name"] in list(Job):
        raise InUse(f"the life of a booking needs the assignment type {found['name']}")


def _new(name: str, type_id: Any) -> int:
    if type_id is None:
        raise Duplicate(f"there is an assignment type {name} already")
    return int(type_id)
