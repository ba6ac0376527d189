"""Admins, as other admins see and change them."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from adapters.postgres.lists import listing
from adapters.postgres.people.anonymisation import anonymise
from adapters.postgres.people.users import change_person
from api.bookings.dependencies import Services
from api.dependencies import OpenResources, ReadConnection, WriteTransaction, requires
from api.lists import Wanted
from api.people.accounts import ADMINS, AdminId, Searched, add_account, row_of
from api.responses import done, reply
from api.schemas.answers import Message
from api.schemas.people_answers import AdminAnswer
from api.schemas.persons import NewAdmin, PersonChange
from domain.people import Role

router = APIRouter(prefix="/admins", tags=["admins"])


@router.get("/", response_model=list[AdminAnswer], summary="Admins", dependencies=[requires("READ:ADMINS")])
async def admins(
    connection: ReadConnection,
    wanted: Wanted,
    searched: Searched,
    admin_id: Annotated[str | None, Query(pattern=r"^ADM[0-9]{6,12}$")] = None,
) -> Response:
    filters = {"id": admin_id, "names_only": False, "q": searched.q, "newest": searched.newest}
    return wanted.of(*await listing(connection, ADMINS.statement, wanted.limit, wanted.offset, **filters))


@router.post(
    "/", status_code=201, response_model=AdminAnswer, summary="Add an admin", dependencies=[requires("WRITE:ADMINS")]
)
async def add(opened: OpenResources, services: Services, body: NewAdmin) -> Response:
    """Without a ``password`` a mail asks them to choose one."""
    return reply(await add_account(opened, services.kind.name, ADMINS, body, body.password), 201)


@router.get("/{admin_id}", response_model=AdminAnswer, summary="One admin", dependencies=[requires("READ:ADMINS")])
async def admin(connection: ReadConnection, admin_id: AdminId) -> Response:
    return reply(await row_of(connection, ADMINS, admin_id))


@router.put(
    "/{admin_id}", response_model=AdminAnswer, summary="Change an admin", dependencies=[requires("UPDATE:ADMINS")]
)
async def change(connection: WriteTransaction, admin_id: AdminId, body: PersonChange) -> Response:
    await change_person(connection, Role.ADMIN, admin_id, body.columns())
    return reply(await row_of(connection, ADMINS, admin_id))


@router.delete(
    "/{admin_id}", response_model=Message, summary="Remove an admin", dependencies=[requires("DELETE:ADMINS")]
)
async def remove(connection: WriteTransaction, services: Services, admin_id: AdminId) -> Response:
    """Anybody but the last, oneself included. What they did stays in the timelines of bookings."""
    await anonymise(connection, services.kind.name, Role.ADMIN, admin_id)
    return done("the admin was removed")
