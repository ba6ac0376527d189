"""The catalogue, readable without a login."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response

from adapters.postgres import catalogue
from adapters.postgres.lists import listing, one
from api.dependencies import Reader
from api.lists import Wanted
from api.schemas.booking_fields import LARGEST_ID
from domain.errors import NotFound

router = APIRouter(prefix="/services", tags=["services"])

OptionalId = Annotated[int | None, Query(ge=1, le=LARGEST_ID)]


@router.get("/", summary="Services; car_class_id adds the price for that class")
async def services(
    connection: Reader,
    wanted: Wanted,
    category_id: OptionalId = None,
    q: Annotated[str | None, Query(max_length=200, description="Words in title or description")] = None,
    fuel_type_id: OptionalId = None,
    car_class_id: OptionalId = None,
) -> Response:
    filters = {
        "id": None,
        "category_id": category_id,
        "q": q,
        "fuel_type_id": fuel_type_id,
        "car_class_id": car_class_id,
    }
    return wanted.of(*await listing(connection, catalogue.SERVICES, wanted.limit, wanted.offset, **filters))


@router.get("/category", summary="Service categories")
async def categories(connection: Reader, wanted: Wanted) -> Response:
    return wanted.of(*await listing(connection, catalogue.CATEGORIES, wanted.limit, wanted.offset))


@router.get("/{service_id}", summary="One service with its price chart")
async def service(
    connection: Reader, service_id: Annotated[int, Path(ge=1, le=LARGEST_ID)], car_class_id: OptionalId = None
) -> dict[str, Any]:
    filters = {"id": service_id, "category_id": None, "q": None, "fuel_type_id": None, "car_class_id": car_class_id}
    found = await one(connection, catalogue.SERVICES, **filters)
    if found is None:
        raise NotFound(f"there is no service {service_id}")
    return found
