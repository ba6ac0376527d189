"""What a customer means to book."""

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

router = APIRouter(prefix="/customers/cart", tags=["customers"])

ServiceId = Annotated[int, Path(ge=1, le=LARGEST_ID, examples=[45])]


@router.get("", response_model=list[ShelfRow], summary="The cart: one's own, or an admin's choice")
async def cart(
    person: Annotated[CurrentUser, requires("READ:CART")],
    connection: ReadConnection,
    wanted: WantedPage,
    customer_id: OfCustomer = None,
) -> Response:
    """In the order of adding. A mechanic has none; an admin who names nobody sees all."""
    owner = owner_filter(person, customer_id)
    return await wanted.of(connection, saved_in("carts"), customer=owner)


@router.post("/{service_id}", status_code=201, response_model=Message, summary="Put a service into the cart")
async def add_to_cart(
    person: Annotated[CurrentUser, requires("WRITE:CART")],
    connection: WriteTransaction,
    service_id: ServiceId,
    customer_id: OfCustomer = None,
) -> Response:
    """A second time is 409."""
    await save(connection, "carts", owner_of_new(person, customer_id), service_id)
    return reply({"message": "the service is in the cart"}, 201)


@router.delete("/{service_id}", response_model=Message, summary="Take a service out of the cart")
async def remove_from_cart(
    person: Annotated[CurrentUser, requires("DELETE:CART")],
    connection: WriteTransaction,
    service_id: ServiceId,
    customer_id: OfCustomer = None,
) -> Response:
    await remove_saved(connection, "carts", owner_of_new(person, customer_id), service_id)
    return done("the service was taken out of the cart")
