"""What cars are made of, for everybody to read and for admins to keep: makers, models, classes, fuels."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from adapters.postgres.listings import Listing
from api.dependencies import ReadConnection
from api.lists import WantedPage
from api.reference_routes import Reference, register
from api.schemas.fields import LARGEST_ID
from kinds.vehicle_service.api.schemas import reference as bodies
from kinds.vehicle_service.api.schemas.catalogue_answers import CarModelAnswer, Named
from kinds.vehicle_service.postgres import catalogue, reference

router = APIRouter(prefix="/car", tags=["cars"])

OptionalId = Annotated[int | None, Query(ge=1, le=LARGEST_ID)]


@router.get("/models", response_model=list[CarModelAnswer], summary="Car models")
async def models(
    connection: ReadConnection,
    wanted: WantedPage,
    manufacturer_id: OptionalId = None,
    fuel_type_id: OptionalId = None,
    car_class_id: OptionalId = None,
) -> Response:
    like = {"manufacturer_id": manufacturer_id, "fuel_type_id": fuel_type_id, "car_class_id": car_class_id}
    return await wanted.of(connection, Listing(catalogue.MODELS_LIKE), **like)


@router.get("/class", response_model=list[Named], summary="Car classes")
async def classes(connection: ReadConnection, wanted: WantedPage) -> Response:
    return await wanted.of(connection, Listing(catalogue.CAR_CLASSES))


@router.get("/fuel", response_model=list[Named], summary="Fuel types")
async def fuels(connection: ReadConnection, wanted: WantedPage) -> Response:
    return await wanted.of(connection, Listing(catalogue.FUEL_TYPES))


@router.get("/manufacturer", response_model=list[Named], summary="Manufacturers")
async def manufacturers(connection: ReadConnection, wanted: WantedPage) -> Response:
    return await wanted.of(connection, Listing(catalogue.MANUFACTURERS))


for table in (
    Reference("/models", "CARS", reference.CAR_MODELS, bodies.NewCarModel, bodies.CarModelChange, CarModelAnswer),
    Reference("/class", "CARS", reference.CAR_CLASSES, bodies.NewCarClass, bodies.CarClassChange, Named),
    Reference("/fuel", "CARS", reference.FUEL_TYPES, bodies.NewFuelType, bodies.FuelTypeChange, Named),
    Reference("/manufacturer", "CARS", reference.MANUFACTURERS, bodies.NewNamed, bodies.NamedChange, Named),
):
    register(router, table)
