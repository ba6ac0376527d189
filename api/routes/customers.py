"""Customers: registering or being added, seeing and changing oneself, leaving."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from adapters.postgres.kind import KindStorage
from api.dependencies import CurrentUser, OpenResources, ReadConnection, requires
from api.lists import WantedPage
from api.people import registrations
from api.people.accounts import Searched, add_account, id_pattern, must_be_themselves, people_of, row_of
from api.people.changes import Changes
from api.people.export import CurrentPassword, export, must_be_allowed
from api.people.leaving import Leaving
from api.people.ownership import owner_filter
from api.responses import done, reply
from api.schemas.answers import Message
from api.schemas.people import AddedCustomer, NewCustomer, PersonChange, for_role
from api.schemas.people_answers import CustomerAnswer, PersonalDataAnswer, of_role
from domain.people import Role


def customer_routes(storage: KindStorage[Any]) -> APIRouter:
    """The routes, with the ids that customers of a kind have.

    Anybody registers where the kind's role says so (``RoleSpec.open_registration``), else admins add customers.
    """
    router = APIRouter(prefix="/customers", tags=["customers"])
    role = storage.kind.role(Role.CUSTOMER)
    people, pattern = people_of(role), id_pattern(role)
    path = Path(pattern=pattern, examples=[f"{role.prefix}000210"])
    registration, addition = for_role(NewCustomer, role), for_role(AddedCustomer, role)
    answer = of_role(CustomerAnswer, role)
    answers: Any = list[answer]  # type: ignore[valid-type]

    if role.open_registration:

        @router.post("/", status_code=201, response_model=answer, summary="Register; open to everybody")
        async def register(
            request: Request,
            opened: OpenResources,
            body: registration,  # type: ignore[valid-type]
        ) -> Response:
            """A limited number of times per address and hour. 409 says that the phone or the mail address has an
            account, not which."""
            return reply(await registrations.register(opened, request, storage.kind.name, people, body), 201)

    else:

        @router.post(
            "/",
            status_code=201,
            response_model=answer,
            summary="Add a customer",
            dependencies=[requires("WRITE:CUSTOMERS")],
        )
        async def add(opened: OpenResources, body: addition) -> Response:  # type: ignore[valid-type]
            """Without a ``password`` a mail asks them to choose one."""
            new: AddedCustomer = body
            return reply(await add_account(opened, storage.kind.name, people, new, new.password), 201)

    @router.get("/", response_model=answers, summary="Customers: oneself, or an admin's choice")
    async def customers(
        person: Annotated[CurrentUser, requires("READ:CUSTOMERS")],
        connection: ReadConnection,
        wanted: WantedPage,
        searched: Searched,
        customer_id: Annotated[str | None, Query(pattern=pattern)] = None,
    ) -> Response:
        """A customer finds one row; whoever is neither customer nor admin, none."""
        narrowed = {"id": owner_filter(person, customer_id), "names_only": False, "q": searched.q}
        return await wanted.of(connection, searched.ordered(people), **narrowed)

    @router.get("/{customer_id}", response_model=answer, summary="One customer: oneself, or any for admins")
    async def customer(
        person: Annotated[CurrentUser, requires("READ:CUSTOMERS")],
        connection: ReadConnection,
        customer_id: Annotated[str, path],
    ) -> Response:
        must_be_themselves(person, customer_id)
        return reply(await row_of(connection, people, customer_id))

    @router.get(
        "/{customer_id}/export",
        response_model=PersonalDataAnswer,
        summary="Everything that is held of a customer: their own with the password, or any for admins",
    )
    async def exported(
        person: Annotated[CurrentUser, requires("READ:CUSTOMERS")],
        request: Request,
        opened: OpenResources,
        customer_id: Annotated[str, path],
        current_password: CurrentPassword = None,
    ) -> Response:
        """One's own needs `X-Current-Password`, else 400 ``PasswordNeeded``; a wrong one counts as a failed login. A
        number of exports per person who asks, 429 beyond it. Lists by the name of table or collection, of one moment;
        left out are hashes, copies of what is told, and what would tell of others.
        """
        must_be_themselves(person, customer_id)
        await must_be_allowed(opened, request, person, customer_id, current_password)
        async with opened.database.read.connect() as connection:
            await row_of(connection, people, customer_id)
        return await export(opened, storage, customer_id)

    @router.put("/{customer_id}", response_model=answer, summary="Change one's name, phone or mail address")
    async def change(
        person: Annotated[CurrentUser, requires("UPDATE:CUSTOMERS")],
        changes: Changes,
        customer_id: Annotated[str, path],
        body: PersonChange,
    ) -> Response:
        """Absent stays. Bookings, invoices and mails that are there keep what they were made with.

        Another phone or mail address of one's own needs ``current_password``, else 400 ``PasswordNeeded``; a wrong one
        counts as a failed login. The mail address from before is told, and can take the change back.
        """
        must_be_themselves(person, customer_id)
        return reply(await changes.make(person, people, customer_id, body))

    @router.delete("/{customer_id}", response_model=Message, summary="Leave: what was personal goes, bookings stay")
    async def remove(
        person: Annotated[CurrentUser, requires("DELETE:CUSTOMERS")],
        leaving: Leaving,
        customer_id: Annotated[str, path],
    ) -> Response:
        """409 while a booking is open. Every session ends; phone and mail address are free for a new registration.

        Questions to the shop are deleted. Bookings, invoices and reviews stay without the name, invoices as they were
        issued.
        """
        must_be_themselves(person, customer_id)
        await leaving.erase(storage, role, customer_id)
        return done("the customer was removed")

    return router
