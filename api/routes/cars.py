"""Car masters for everybody, cars for their owners."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response

from adapters.postgres import catalogue
from adapters.postgres.lists import listing, one
from adapters.postgres.ownership import add_car, change_car, remove_car
from api.dependencies import Person, Reader, Writer, requires
from api.lists import Wanted
from api.owners import owner_filter, owner_of_new
from api.schemas.booking_fields import LARGEST_ID
from api.schemas.people import CarChange, NewCar
from domain.errors import Invalid, NotFound

router = APIRouter(prefix="/car", tags=["cars"])

CarId = Annotated[int, Path(ge=1, le=LARGEST_ID)]
CustomerId = Annotated[str | None, Query(pattern=r"^CST[0-9]{6,12}$")]
ReadCars = Annotated[Person, requires("READ:CUSTOMER_CARS")]
WriteCars = Annotated[Person, requires("WRITE:CUSTOMER_CARS")]
ChangeCars = Annotated[Person, requires("UPDATE:CUSTOMER_CARS")]
DeleteCars = Annotated[Person, requires("DELETE:CUSTOMER_CARS")]


@router.get("/models", summary="Car models")
async def models(connection: Reader, wanted: Wanted) -> Response:
    return wanted.of(*await listing(connection, catalogue.MODELS, wanted.limit, wanted.offset))


@router.get("/class", summary="Car classes")
async def classes(connection: Reader, wanted: Wanted) -> Response:
    return wanted.of(*await listing(connection, catalogue.CAR_CLASSES, wanted.limit, wanted.offset))


@router.get("/fuel", summary="Fuel types")
async def fuels(connection: Reader, wanted: Wanted) -> Response:
    return wanted.of(*await listing(connection, catalogue.FUEL_TYPES, wanted.limit, wanted.offset))


@router.get("/manufacturer", summary="Manufacturers")
async def manufacturers(connection: Reader, wanted: Wanted) -> Response:
    return wanted.of(*await listing(connection, catalogue.MANUFACTURERS, wanted.limit, wanted.offset))


@router.get("/", summary="Cars: a customer's own, an admin's choice")
async def cars(person: ReadCars, connection: Reader, wanted: Wanted, customer_id: CustomerId = None) -> Response:
    owner = owner_filter(person, customer_id)
    rows = await listing(connection, catalogue.CUSTOMER_CARS, wanted.limit, wanted.offset, customer=owner, id=None)
    return wanted.of(*rows)


@router.post("/", status_code=201, summary="Add a car")
async def add(person: WriteCars, connection: Writer, body: NewCar) -> dict[str, Any]:
    owner = owner_of_new(person, body.customer_id)
    car_id = await add_car(connection, owner, body.registration_number, body.car_model_id)
    return await _car(connection, car_id, owner)


@router.get("/{car_id}", summary="One car")
async def car(person: ReadCars, connection: Reader, car_id: CarId) -> dict[str, Any]:
    return await _car(connection, car_id, owner_filter(person, None))


@router.put("/{car_id}", summary="Change a car")
async def change(person: ChangeCars, connection: Writer, car_id: CarId, body: CarChange) -> dict[str, Any]:
    owner = owner_filter(person, None)
    await _car(connection, car_id, owner)
    if any(getattr(body, name) is None for name in body.model_fields_set):
        raise Invalid("nothing of a car may be empty")
    await change_car(connection, car_id, body.registration_number, body.car_model_id)
    return await _car(connection, car_id, owner)


@router.delete("/{car_id}", summary="Remove a car; its bookings stay")
async def remove(person: DeleteCars, connection: Writer, car_id: CarId) -> dict[str, str]:
    await _car(connection, car_id, owner_filter(person, None))
    await remove_car(connection, car_id)
    return {"message": "the car was removed"}


async def _car(connection: Reader, car_id: int, owner: str | None) -> dict[str, Any]:
    found = await one(connection, catalogue.CUSTOMER_CARS, customer=owner, id=car_id)
    if found is None:
        raise NotFound(f"there is no car {car_id}")
    return found
