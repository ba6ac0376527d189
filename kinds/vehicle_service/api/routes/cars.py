"""Cars for their owners: what they have, and what was done to it."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response

from adapters.postgres.listings import Listing
from adapters.postgres.statements import one
from api.dependencies import CurrentUser, OpenResources, ReadConnection, WriteTransaction, requires
from api.lists import WantedPage
from api.people.ownership import owner_filter, owner_of_new
from api.responses import done, reply
from api.schemas.answers import Message
from api.schemas.fields import LARGEST_ID
from domain.errors import Invalid, NotFound
from kinds.vehicle_service.api.schemas.catalogue_answers import CarAnswer
from kinds.vehicle_service.api.schemas.customers import CarChange, NewCar
from kinds.vehicle_service.api.schemas.history_answers import HistoryEntry
from kinds.vehicle_service.postgres import catalogue
from kinds.vehicle_service.postgres.car_history import HISTORY
from kinds.vehicle_service.postgres.cars import add_car, change_car, remove_car

router = APIRouter(prefix="/car", tags=["cars"])

CarId = Annotated[int, Path(ge=1, le=LARGEST_ID)]
CustomerId = Annotated[str | None, Query(pattern=r"^CST[0-9]{6,12}$")]
ReadCars = Annotated[CurrentUser, requires("READ:CUSTOMER_CARS")]
WriteCars = Annotated[CurrentUser, requires("WRITE:CUSTOMER_CARS")]
ChangeCars = Annotated[CurrentUser, requires("UPDATE:CUSTOMER_CARS")]
DeleteCars = Annotated[CurrentUser, requires("DELETE:CUSTOMER_CARS")]


@router.get("/", response_model=list[CarAnswer], summary="Cars: a customer's own, an admin's choice")
async def cars(
    person: ReadCars, connection: ReadConnection, wanted: WantedPage, customer_id: CustomerId = None
) -> Response:
    owner = owner_filter(person, customer_id)
    return await wanted.of(connection, Listing(catalogue.CUSTOMER_CARS), customer=owner, id=None)


@router.post("/", status_code=201, response_model=CarAnswer, summary="Add a car")
async def add(person: WriteCars, connection: WriteTransaction, body: NewCar) -> Response:
    owner = owner_of_new(person, body.customer_id)
    car_id = await add_car(connection, owner, body.registration_number, body.car_model_id)
    return reply(await _car(connection, car_id, owner), 201)


@router.get("/{car_id}", response_model=CarAnswer, summary="One car")
async def car(person: ReadCars, connection: ReadConnection, car_id: CarId) -> Response:
    return reply(await _car(connection, car_id, owner_filter(person, None)))


@router.get("/{car_id}/history", response_model=list[HistoryEntry], summary="The service history, newest first")
async def history(
    person: ReadCars, connection: ReadConnection, opened: OpenResources, wanted: WantedPage, car_id: CarId
) -> Response:
    """What was done, when, by whom, for how much, and how long it is warranted; also what was offered and declined."""
    owner, zone = owner_filter(person, None), opened.settings.company.shop_timezone
    answer, car = await wanted.with_beside(connection, HISTORY, car=car_id, owner=owner, zone=zone)
    if car is None:
        raise NotFound(f"there is no car {car_id}")
    return answer


@router.put("/{car_id}", response_model=CarAnswer, summary="Change a car")
async def change(person: ChangeCars, connection: WriteTransaction, car_id: CarId, body: CarChange) -> Response:
    owner = owner_filter(person, None)
    await _car(connection, car_id, owner)
    if any(getattr(body, name) is None for name in body.model_fields_set):
        raise Invalid("nothing of a car may be empty")
    await change_car(connection, car_id, body.registration_number, body.car_model_id)
    return reply(await _car(connection, car_id, owner))


@router.delete("/{car_id}", response_model=Message, summary="Remove a car; its bookings stay")
async def remove(person: DeleteCars, connection: WriteTransaction, car_id: CarId) -> Response:
    await _car(connection, car_id, owner_filter(person, None))
    await remove_car(connection, car_id)
    return done("the car was removed")


async def _car(connection: ReadConnection, car_id: int, owner: str | None) -> dict[str, Any]:
    found = await one(connection, catalogue.CUSTOMER_CARS, customer=owner, id=car_id)
    if found is None:
        raise NotFound(f"there is no car {car_id}")
    return found
