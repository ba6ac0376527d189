"""Admins, as other admins see and change them."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response

from adapters.postgres.kind import KindStorage
from api.auth.second_factor import WITH_FRESH_CODE, Fresh
from api.dependencies import CurrentUser, LoggedIn, OpenResources, ReadConnection, requires
from api.lists import WantedPage
from api.people.accounts import Searched, add_account, id_pattern, people_of, recording, row_of
from api.people.changes import Changes
from api.people.leaving import Leaving
from api.responses import done, reply
from api.schemas.answers import Message
from api.schemas.people import NewAdmin, PersonChange, for_role
from api.schemas.people_answers import AdminAnswer, of_role
from domain.people import Role


def admin_routes(storage: KindStorage[Any]) -> APIRouter:
    """The routes, with the ids that admins of a kind have."""
    router = APIRouter(prefix="/admins", tags=["admins"])
    role = storage.kind.role(Role.ADMIN)
    people, pattern = people_of(role), id_pattern(role)
    path = Path(pattern=pattern, examples=[f"{role.prefix}000012"])
    body_of_new, answer = for_role(NewAdmin, role), of_role(AdminAnswer, role)
    answers: Any = list[answer]  # type: ignore[valid-type]

    @router.get("/", response_model=answers, summary="Admins", dependencies=[requires("READ:ADMINS")])
    async def admins(
        connection: ReadConnection,
        wanted: WantedPage,
        searched: Searched,
        admin_id: Annotated[str | None, Query(pattern=pattern)] = None,
    ) -> Response:
        narrowed = {"id": admin_id, "names_only": False, "q": searched.q}
        return await wanted.of(connection, searched.ordered(people), **narrowed)

    @router.post(
        "/",
        status_code=201,
        response_model=answer,
        summary="Add an admin",
        dependencies=[requires("WRITE:ADMINS"), WITH_FRESH_CODE],
    )
    async def add(
        person: LoggedIn,
        opened: OpenResources,
        body: body_of_new,  # type: ignore[valid-type]
    ) -> Response:
        """Without a ``password`` a mail asks them to choose one. Asks for a fresh code."""
        new: NewAdmin = body
        record = recording(storage, "admin-create", person.id)
        return reply(await add_account(opened, storage.kind.name, people, new, new.password, record), 201)

    @router.get("/{admin_id}", response_model=answer, summary="One admin", dependencies=[requires("READ:ADMINS")])
    async def admin(connection: ReadConnection, admin_id: Annotated[str, path]) -> Response:
        return reply(await row_of(connection, people, admin_id))

    @router.put("/{admin_id}", response_model=answer, summary="Change an admin")
    async def change(
        person: Annotated[CurrentUser, requires("UPDATE:ADMINS")],
        changes: Changes,
        fresh: Fresh,
        admin_id: Annotated[str, path],
        body: PersonChange,
    ) -> Response:
        """Absent stays. Another phone or mail address of one's own needs ``current_password``, as for customers.

        Asks for a fresh code where it is another admin."""
        if admin_id != person.id:
            await fresh.must_be_there()
        return reply(await changes.make(person, people, admin_id, body))

    @router.delete(
        "/{admin_id}",
        response_model=Message,
        summary="Remove an admin",
        dependencies=[requires("DELETE:ADMINS"), WITH_FRESH_CODE],
    )
    async def remove(leaving: Leaving, admin_id: Annotated[str, path]) -> Response:
        """Anybody but the last, oneself included. What they did stays in the timelines of bookings. Asks for a fresh
        code."""
        await leaving.erase(storage, role, admin_id)
        return done("the admin was removed")

    return router
