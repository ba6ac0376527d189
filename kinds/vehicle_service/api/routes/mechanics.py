"""Mechanics: admins decide who can do what, mechanics see themselves, customers a name and a photo."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Response

from api.dependencies import CurrentUser, OpenResources, ReadConnection, requires
from api.lists import WantedPage
from api.people.accounts import must_be_themselves, row_of
from api.people.changes import Changes
from api.people.leaving import Leaving
from api.responses import done, reply
from api.schemas.answers import Message
from kinds.vehicle_service.api import mechanics as people
from kinds.vehicle_service.api.mechanics import MechanicsSearched, as_seen_by
from kinds.vehicle_service.api.people import MECHANICS, MechanicId
from kinds.vehicle_service.api.schemas.mechanics import MechanicChange, NewMechanic
from kinds.vehicle_service.api.schemas.people_answers import MechanicAnswer, MechanicCard
from kinds.vehicle_service.domain.roles import MECHANIC, Role
from kinds.vehicle_service.postgres.storage import STORAGE

router = APIRouter(prefix="/mechanics", tags=["mechanics"])

Looker = Annotated[CurrentUser, requires("READ:MECHANICS")]


@router.get("/", response_model=list[MechanicAnswer | MechanicCard], summary="Mechanics with their open jobs")
async def mechanics(
    person: Looker, connection: ReadConnection, wanted: WantedPage, search: MechanicsSearched
) -> Response:
    """For admins; a mechanic finds their own row, a customer id, name and photo of all."""
    found = search.ordered(MECHANICS)
    return await wanted.of(connection, found, partial(as_seen_by, person), **search.by(person))


@router.post(
    "/",
    status_code=201,
    response_model=MechanicAnswer,
    summary="Add a mechanic",
    dependencies=[requires("WRITE:MECHANICS")],
)
async def add(opened: OpenResources, body: NewMechanic) -> Response:
    """18 to 60 years old. Without a ``password`` a mail asks them to choose one."""
    return reply(await people.add(opened, body), 201)


@router.get("/{mechanic_id}", response_model=MechanicAnswer | MechanicCard, summary="One mechanic")
async def mechanic(person: Looker, connection: ReadConnection, mechanic_id: MechanicId) -> Response:
    """Mechanics see themselves, customers id, name and photo of anybody."""
    if person.role != Role.CUSTOMER:
        must_be_themselves(person, mechanic_id)
    return reply(as_seen_by(person, await row_of(connection, MECHANICS, mechanic_id)))


@router.put("/{mechanic_id}", response_model=MechanicAnswer, summary="Change a mechanic")
async def change(
    person: Annotated[CurrentUser, requires("UPDATE:MECHANICS")],
    changes: Changes,
    mechanic_id: MechanicId,
    body: MechanicChange,
) -> Response:
    """Absent stays. Mechanics change their own name and date of birth; anything else in their body is 403."""
    return reply(await people.change(changes, person, mechanic_id, body))


@router.delete(
    "/{mechanic_id}",
    response_model=Message,
    summary="Remove a mechanic: what was personal goes, their work stays",
    dependencies=[requires("DELETE:MECHANICS")],
)
async def remove(leaving: Leaving, mechanic_id: MechanicId) -> Response:
    """409 while a job is open. Every session ends; phone and mail address are free again."""
    await leaving.erase(STORAGE, MECHANIC, mechanic_id)
    return done("the mechanic was removed")
