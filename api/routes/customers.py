"""Customers: registering, and seeing oneself."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from adapters.postgres import catalogue
from adapters.postgres.lists import listing, one
from adapters.postgres.ownership import add_customer
from api.dependencies import Open, Person, Reader, Writer, requires
from api.lists import Wanted
from api.owners import owner_filter
from api.schemas.people import NewCustomer

router = APIRouter(prefix="/customers", tags=["customers"])


@router.post("/", status_code=201, summary="Register; open to everybody")
async def register(connection: Writer, opened: Open, body: NewCustomer) -> dict[str, Any]:
    first, last = body.names()
    password_hash = await opened.passwords.hash(body.password)
    person_id = await add_customer(connection, first, last, body.phone, body.email, password_hash)
    return await one(connection, catalogue.CUSTOMERS, id=person_id) or {}


@router.get("/", summary="Customers: oneself, or an admin's choice")
async def customers(
    person: Annotated[Person, requires("READ:CUSTOMERS")],
    connection: Reader,
    wanted: Wanted,
    customer_id: Annotated[str | None, Query(pattern=r"^CST[0-9]{6,12}$")] = None,
) -> Response:
    owner = owner_filter(person, customer_id)
    return wanted.of(*await listing(connection, catalogue.CUSTOMERS, wanted.limit, wanted.offset, id=owner))
