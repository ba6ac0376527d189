"""Mechanics: admins decide who can do what, mechanics see themselves, customers a name and a photo."""

from typing import Annotated

from fastapi import APIRouter, Response

from adapters.postgres.leaving import leave
from adapters.postgres.lists import listing
from adapters.postgres.people import MECHANICS
from api import crew
from api.answers import done, reply
from api.crew import CrewSearched, as_seen_by
from api.dependencies import Open, Person, Reader, Writer, requires
from api.lists import Wanted
from api.people import MechanicId, must_be_themselves, row_of
from api.schemas.answers import Message
from api.schemas.people_answers import MechanicAnswer, MechanicCard
from api.schemas.persons import MechanicChange, NewMechanic
from domain.people import Role

router = APIRouter(prefix="/mechanics", tags=["mechanics"])

Looker = Annotated[Person, requires("READ:MECHANICS")]


@router.get("/", response_model=list[MechanicAnswer | MechanicCard], summary="Mechanics with their open jobs")
async def mechanics(person: Looker, connection: Reader, wanted: Wanted, search: CrewSearched) -> Response:
    """For admins; a mechanic finds their own row, a customer id, name and photo of all."""
    rows, total = await listing(connection, MECHANICS, wanted.limit, wanted.offset, **search.by(person))
    return wanted.of([as_seen_by(person, row) for row in rows], total)


@router.post(
    "/",
    status_code=201,
    response_model=MechanicAnswer,
    summary="Add a mechanic",
    dependencies=[requires("WRITE:MECHANICS")],
)
async def add(opened: Open, body: NewMechanic) -> Response:
    """18 to 60 years old. Without a ``password`` a mail asks them to choose one."""
    return reply(await crew.hire(opened, body), 201)


@router.get("/{mechanic_id}", response_model=MechanicAnswer | MechanicCard, summary="One mechanic")
async def mechanic(person: Looker, connection: Reader, mechanic_id: MechanicId) -> Response:
    """Mechanics see themselves, customers id, name and photo of anybody."""
    if person.role is not Role.CUSTOMER:
        must_be_themselves(person, mechanic_id)
    return reply(as_seen_by(person, await row_of(connection, Role.MECHANIC, mechanic_id)))


@router.put("/{mechanic_id}", response_model=MechanicAnswer, summary="Change a mechanic")
async def change(
    person: Annotated[Person, requires("UPDATE:MECHANICS")],
    opened: Open,
    connection: Writer,
    mechanic_id: MechanicId,
    body: MechanicChange,
) -> Response:
    """Absent stays. Mechanics change their own name and date of birth; anything else in their body is 403."""
    return reply(await crew.change(opened, connection, person, mechanic_id, body))


@router.delete(
    "/{mechanic_id}",
    response_model=Message,
    summary="Remove a mechanic: what was personal goes, their work stays",
    dependencies=[requires("DELETE:MECHANICS")],
)
async def remove(connection: Writer, mechanic_id: MechanicId) -> Response:
    """409 while a job is open. Every session ends; phone and mail address are free again."""
    await leave(connection, Role.MECHANIC, mechanic_id)
    return done("the mechanic was removed")
