"""Mechanics as the admin sees them: who can do what, who is busy."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from adapters.postgres import catalogue
from adapters.postgres.lists import listing
from api.dependencies import Person, Reader, requires
from api.lists import Wanted
from domain.people import Role

router = APIRouter(prefix="/mechanics", tags=["mechanics"])

_SEEN_BY_CUSTOMERS = ("id", "name", "photo")


@router.get("/assignment_type", summary="What a mechanic can be assigned to", dependencies=[requires("READ:UTILS")])
async def assignment_types(connection: Reader, wanted: Wanted) -> Response:
    return wanted.of(*await listing(connection, catalogue.ASSIGNMENT_TYPES, wanted.limit, wanted.offset))


@router.get("/", summary="Mechanics with their open jobs; a mechanic sees their own row, a customer name and photo")
async def mechanics(
    person: Annotated[Person, requires("READ:MECHANICS")],
    connection: Reader,
    wanted: Wanted,
    mechanic_id: Annotated[str | None, Query(pattern=r"^MEC[0-9]{6,12}$")] = None,
) -> Response:
    shown = person.id if person.role is Role.MECHANIC else mechanic_id
    rows, total = await listing(connection, catalogue.MECHANICS, wanted.limit, wanted.offset, id=shown)
    return wanted.of([_seen(row, person) for row in rows], total)


def _seen(row: dict[str, Any], person: Person) -> dict[str, Any]:
    return {name: row[name] for name in _SEEN_BY_CUSTOMERS} if person.role is Role.CUSTOMER else row
