"""The catalogue: readable without a login, kept by admins."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Response

from adapters.postgres import reference_tables
from adapters.postgres.listings import Listing
from adapters.postgres.statements import one
from api.dependencies import CurrentUser, ReadConnection, WriteTransaction, must_have, requires
from api.lists import WantedPage
from api.reference_routes import Reference, register
from api.responses import done, reply
from api.schemas.answers import Message
from api.schemas.fields import LARGEST_ID
from domain.errors import NotFound
from domain.texts import composed
from kinds.vehicle_service.api.schemas import reference as bodies
from kinds.vehicle_service.api.schemas.catalogue_answers import CategoryAnswer, ServiceAnswer
from kinds.vehicle_service.api.schemas.services import NewService, ServiceChange
from kinds.vehicle_service.postgres import catalogue, reference
from kinds.vehicle_service.postgres.service_parts import put_fuels, put_prices

router = APIRouter(prefix="/services", tags=["services"])

OptionalId = Annotated[int | None, Query(ge=1, le=LARGEST_ID)]
ServiceId = Annotated[int, Path(ge=1, le=LARGEST_ID, examples=[45])]
Sort = Annotated[
    Literal["id", "title", "price", "-price", "-rating"],
    Query(description="The price is that of `car_class_id`, else the lowest"),
]


@router.get("/", response_model=list[ServiceAnswer], summary="Services; car_class_id adds the price for that class")
async def services(
    connection: ReadConnection,
    wanted: WantedPage,
    category_id: OptionalId = None,
    q: Annotated[str | None, Query(max_length=200, description="Words, all of them in title or description")] = None,
    fuel_type_id: OptionalId = None,
    car_class_id: OptionalId = None,
    sort: Sort = "id",
) -> Response:
    filters = {
        "category_id": category_id,
        "q": q and composed(q),
        "fuel_type_id": fuel_type_id,
        "car_class_id": car_class_id,
    }
    return await wanted.of(connection, catalogue.SERVICES_BY[sort], id=None, **filters)


@router.get("/category", response_model=list[CategoryAnswer], summary="Service categories")
async def categories(connection: ReadConnection, wanted: WantedPage) -> Response:
    return await wanted.of(connection, Listing(catalogue.CATEGORIES))


register(
    router,
    Reference(
        "/category",
        "SERVICE_CATEGORIES",
        reference.CATEGORIES,
        bodies.NewCategory,
        bodies.CategoryChange,
        CategoryAnswer,
    ),
)


@router.get("/{service_id}", response_model=ServiceAnswer, summary="One service with its price chart")
async def service(connection: ReadConnection, service_id: ServiceId, car_class_id: OptionalId = None) -> Response:
    return reply(await _service(connection, service_id, car_class_id))


@router.post("/", status_code=201, response_model=ServiceAnswer, summary="Add a service")
async def add_service(
    person: Annotated[CurrentUser, requires("WRITE:SERVICES")], connection: WriteTransaction, body: NewService
) -> Response:
    """A price chart in it needs WRITE:PRICE_CHART as well."""
    if (prices := body.prices()) is not None:
        must_have(person, "WRITE:PRICE_CHART")
    service_id = await reference_tables.insert(connection, reference.SERVICES, body.fields())
    await put_prices(connection, service_id, prices or {})
    await put_fuels(connection, service_id, body.fuels())
    return reply(await _service(connection, service_id), 201)


@router.put("/{service_id}", response_model=ServiceAnswer, summary="Change a service; bookings keep their prices")
async def change_service(
    person: Annotated[CurrentUser, requires("UPDATE:SERVICES")],
    connection: WriteTransaction,
    service_id: ServiceId,
    body: ServiceChange,
) -> Response:
    """A list that is sent replaces the whole list. A price chart in it needs UPDATE:PRICE_CHART as well."""
    if (prices := body.prices()) is not None:
        must_have(person, "UPDATE:PRICE_CHART")
    await reference_tables.update(connection, reference.SERVICES, service_id, body.fields())
    if prices is not None:
        await put_prices(connection, service_id, prices)
    if (fuels := body.fuels()) is not None:
        await put_fuels(connection, service_id, fuels)
    return reply(await _service(connection, service_id))


@router.delete(
    "/{service_id}",
    response_model=Message,
    summary="Remove a service that no booking names",
    dependencies=[requires("DELETE:SERVICES")],
)
async def remove_service(connection: WriteTransaction, service_id: ServiceId) -> Response:
    """One that bookings name stays for them: an empty price chart stops offering it."""
    await reference_tables.remove(connection, reference.SERVICES, service_id)
    return done("the service was removed")


async def _service(connection: ReadConnection, service_id: int, car_class_id: int | None = None) -> dict[str, Any]:
    filters = {"category_id": None, "q": None, "fuel_type_id": None, "car_class_id": car_class_id}
    found = await one(connection, catalogue.SERVICES, id=service_id, **filters)
    if found is None:
        raise NotFound(f"there is no service {service_id}")
    return found
