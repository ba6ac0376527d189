"""Customers: registering, seeing and changing oneself, leaving."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from adapters.postgres.people.anonymisation import anonymise
from adapters.postgres.people.users import change_person
from adapters.postgres.statements import listing
from api.dependencies import CurrentUser, OpenResources, ReadConnection, WriteTransaction, requires
from api.lists import WantedPage
from api.people.accounts import Searched, add_account, must_be_themselves, row_of
from api.people.ownership import owner_filter
from api.responses import done, reply
from api.schemas.answers import Message
from api.schemas.people import NewCustomer, PersonChange
from kinds.vehicle_service.api.people import CUSTOMERS, CustomerId
from kinds.vehicle_service.api.schemas.people_answers import CustomerAnswer
from kinds.vehicle_service.domain.kind import VEHICLE_SERVICE
from kinds.vehicle_service.domain.roles import CUSTOMER
from kinds.vehicle_service.postgres.storage import STORAGE

router = APIRouter(prefix="/customers", tags=["customers"])


@router.post("/", status_code=201, response_model=CustomerAnswer, summary="Register; open to everybody")
async def register(opened: OpenResources, body: NewCustomer) -> Response:
    return reply(await add_account(opened, VEHICLE_SERVICE.name, CUSTOMERS, body, body.password), 201)


@router.get("/", response_model=list[CustomerAnswer], summary="Customers: oneself, or an admin's choice")
async def customers(
    person: Annotated[CurrentUser, requires("READ:CUSTOMERS")],
    connection: ReadConnection,
    wanted: WantedPage,
    searched: Searched,
    customer_id: Annotated[str | None, Query(pattern=r"^CST[0-9]{6,12}$")] = None,
) -> Response:
    """A customer finds one row, a mechanic none."""
    filters = {"id": owner_filter(person, customer_id), "names_only": False, "q": searched.q, "newest": searched.newest}
    return wanted.of(*await listing(connection, CUSTOMERS.statement, wanted.limit, wanted.offset, **filters))


@router.get("/{customer_id}", response_model=CustomerAnswer, summary="One customer: oneself, or any for admins")
async def customer(
    person: Annotated[CurrentUser, requires("READ:CUSTOMERS")], connection: ReadConnection, customer_id: CustomerId
) -> Response:
    must_be_themselves(person, customer_id)
    return reply(await row_of(connection, CUSTOMERS, customer_id))


@router.put("/{customer_id}", response_model=CustomerAnswer, summary="Change one's name, phone or mail address")
async def change(
    person: Annotated[CurrentUser, requires("UPDATE:CUSTOMERS")],
    connection: WriteTransaction,
    customer_id: CustomerId,
    body: PersonChange,
) -> Response:
    """Absent stays. Bookings, invoices and mails that are there keep what they were made with."""
    must_be_themselves(person, customer_id)
    await change_person(connection, CUSTOMER, customer_id, body.columns())
    return reply(await row_of(connection, CUSTOMERS, customer_id))


@router.delete("/{customer_id}", response_model=Message, summary="Leave: what was personal goes, bookings stay")
async def remove(
    person: Annotated[CurrentUser, requires("DELETE:CUSTOMERS")], connection: WriteTransaction, customer_id: CustomerId
) -> Response:
    """409 while a booking is open. Every session ends; phone and mail address are free for a new registration."""
    must_be_themselves(person, customer_id)
    await anonymise(connection, STORAGE, CUSTOMER, customer_id)
    return done("the customer was removed")
