"""What a customer likes."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from api.dependencies import CurrentUser, ReadConnection, WriteTransaction, requires
from api.lists import WantedPage
from api.people.ownership import owner_filter, owner_of_new
from api.responses import done, reply
from api.schemas.answers import Message
from api.schemas.fields import LARGEST_ID
from kinds.vehicle_service.api.people import OfCustomer
from kinds.vehicle_service.api.schemas.people_answers import ShelfRow
from kinds.vehicle_service.postgres.saved_services import remove_saved, save, saved_in

router = APIRouter(prefix="/customers/favourite", tags=["customers"])

ServiceId = Annotated[int, Path(ge=1, le=LARGEST_ID, examples=[45])]


@router.get("", response_model=list[ShelfRow], summary="Favourites: one's own, or an admin's choice")
async def favourites(
    person: Annotated[CurrentUser, requires("READ:FAVOURITES")],
    connection: ReadConnection,
    wanted: WantedPage,
    customer_id: OfCustomer = None,
) -> Response:
    """In the order of adding. A mechanic has none; an admin who names nobody sees all."""
    owner = owner_filter(person, customer_id)
    return await wanted.of(connection, saved_in("favourites"), customer=owner)


@router.post("/{service_id}", status_code=201, response_model=Message, summary="Make a service a favourite")
async def add_favourite(
    person: Annotated[CurrentUser, requires("WRITE:FAVOURITES")],
    connection: WriteTransaction,
    service_id: ServiceId,
    customer_id: OfCustomer = None,
) -> Response:
    """A second time is 409."""
    await save(connection, "favourites", owner_of_new(person, customer_id), service_id)
    return reply({"message": "the service is a favourite"}, 201)


@router.delete("/{service_id}", response_model=Message, summary="Remove a service from the favourites")
async def remove_favourite(
    person: Annotated[CurrentUser, requires("DELETE:FAVOURITES")],
    connection: WriteTransaction,
    service_id: ServiceId,
    customer_id: OfCustomer = None,
) -> Response:
    await remove_saved(connection, "favourites", owner_of_new(person, customer_id), service_id)
    return done("the service is no favourite any more")
