"""Where customers can be found, and the areas that we serve."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response

from adapters.postgres.listings import Listing
from adapters.postgres.statements import one
from api.dependencies import CurrentUser, ReadConnection, WriteTransaction, requires
from api.lists import WantedPage
from api.people.ownership import owner_filter, owner_of_new
from api.reference_routes import Reference, given, register
from api.responses import done, reply
from api.schemas.answers import Message
from api.schemas.fields import LARGEST_ID
from domain.errors import Invalid, NotFound
from kinds.vehicle_service.api.schemas import reference as bodies
from kinds.vehicle_service.api.schemas.catalogue_answers import AddressAnswer, AreaAnswer
from kinds.vehicle_service.api.schemas.customers import AddressChange, NewAddress
from kinds.vehicle_service.postgres import catalogue, reference
from kinds.vehicle_service.postgres.addresses import add_address, change_address, remove_address

router = APIRouter(prefix="/address", tags=["addresses"])

AddressId = Annotated[int, Path(ge=1, le=LARGEST_ID)]
CustomerId = Annotated[str | None, Query(pattern=r"^CST[0-9]{6,12}$")]
Pincode = Annotated[str | None, Query(pattern=r"^[1-9][0-9]{5}$")]


@router.get("/area", response_model=list[AreaAnswer], summary="Areas that we serve")
async def areas(connection: ReadConnection, wanted: WantedPage, pincode: Pincode = None) -> Response:
    return await wanted.of(connection, Listing(catalogue.AREAS_AT), pincode=pincode)


register(router, Reference("/area", "AREAS", reference.AREAS, bodies.NewArea, bodies.AreaChange, AreaAnswer))


@router.get("/", response_model=list[AddressAnswer], summary="Addresses: a customer's own, an admin's choice")
async def addresses(
    person: Annotated[CurrentUser, requires("READ:ADDRESSES")],
    connection: ReadConnection,
    wanted: WantedPage,
    customer_id: CustomerId = None,
) -> Response:
    owner = owner_filter(person, customer_id)
    return await wanted.of(connection, Listing(catalogue.ADDRESSES), customer=owner, id=None)


@router.post("/", status_code=201, response_model=AddressAnswer, summary="Add an address")
async def add(
    person: Annotated[CurrentUser, requires("WRITE:ADDRESSES")], connection: WriteTransaction, body: NewAddress
) -> Response:
    owner = owner_of_new(person, body.customer_id)
    address_id = await add_address(connection, owner, body.label, body.line1, body.line2, body.area_id)
    return reply(await _address(connection, address_id, owner), 201)


@router.put(
    "/{address_id}",
    response_model=AddressAnswer,
    summary="Change an address; bookings keep the one they were made with",
)
async def change(
    person: Annotated[CurrentUser, requires("UPDATE:ADDRESSES")],
    connection: WriteTransaction,
    address_id: AddressId,
    body: AddressChange,
) -> Response:
    owner = owner_filter(person, None)
    await _address(connection, address_id, owner)
    columns = given(body)
    if any(value is None for name, value in columns.items() if name != "line2"):
        raise Invalid("only line2 may be empty")
    await change_address(connection, address_id, columns)
    return reply(await _address(connection, address_id, owner))


@router.delete("/{address_id}", response_model=Message, summary="Remove an address")
async def remove(
    person: Annotated[CurrentUser, requires("DELETE:ADDRESSES")], connection: WriteTransaction, address_id: AddressId
) -> Response:
    await _address(connection, address_id, owner_filter(person, None))
    await remove_address(connection, address_id)
    return done("the address was removed")


async def _address(connection: ReadConnection, address_id: int, owner: str | None) -> dict[str, Any]:
    found = await one(connection, catalogue.ADDRESSES, customer=owner, id=address_id)
    if found is None:
        raise NotFound(f"there is no address {address_id}")
    return found
