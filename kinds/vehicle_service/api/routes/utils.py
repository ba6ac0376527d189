"""Reference rows: states, time slots, ways of paying."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from adapters.postgres import reference_tables
from adapters.postgres.listings import Listing
from api.dependencies import OpenResources, ReadConnection, WriteTransaction, requires
from api.lists import WantedPage
from api.reference_routes import Reference, given, register, register_changes
from api.responses import reply
from api.schemas.fields import Day
from kinds.vehicle_service.api.dependencies import PolicyNow
from kinds.vehicle_service.api.schemas import reference as bodies
from kinds.vehicle_service.api.schemas.catalogue_answers import Named, TimeslotAnswer, TimeslotOffer
from kinds.vehicle_service.postgres import catalogue, reference

router = APIRouter(prefix="/utils", tags=["utils"])

_DAY = Query(alias="date", description="Adds how much is free on that day")
_STATUS = Reference("/status", "UTILS", reference.STATUSES, bodies.NewNamed, bodies.NamedChange, Named)
_METHOD = Reference("/payment-method", "UTILS", reference.PAYMENT_METHODS, bodies.NewNamed, bodies.NamedChange, Named)
_SLOT = Reference("/timeslot", "UTILS", reference.TIMESLOTS, bodies.NewTimeslot, bodies.TimeslotChange, TimeslotAnswer)


@router.get("/status", response_model=list[Named], summary="States of a booking", dependencies=[requires("READ:UTILS")])
async def statuses(connection: ReadConnection, wanted: WantedPage) -> Response:
    return await wanted.of(connection, Listing(catalogue.STATUSES))


@router.get(
    "/payment-method", response_model=list[Named], summary="Ways of paying", dependencies=[requires("READ:UTILS")]
)
async def payment_methods(connection: ReadConnection, wanted: WantedPage) -> Response:
    return await wanted.of(connection, Listing(catalogue.PAYMENT_METHODS))


@router.get("/timeslot", response_model=list[TimeslotOffer], summary="Time slots, with free capacity on a date")
async def timeslots(
    connection: ReadConnection, opened: OpenResources, wanted: WantedPage, day: Annotated[Day | None, _DAY] = None
) -> Response:
    """Nothing is free in a slot that has begun, in the shop's time zone."""
    asked = {"day": day, "zone": opened.settings.company.shop_timezone}
    return await wanted.of(connection, catalogue.TIMESLOTS, _without_free if day is None else None, **asked)


@router.post(
    "/timeslot",
    status_code=201,
    response_model=TimeslotAnswer,
    summary="Add a timeslot",
    dependencies=[requires("WRITE:UTILS")],
)
async def add_timeslot(connection: WriteTransaction, policy: PolicyNow, body: bodies.NewTimeslot) -> Response:
    row = given(body)
    row["capacity"] = policy.slot_capacity if body.capacity is None else body.capacity
    return reply(await reference_tables.add(connection, reference.TIMESLOTS, row), 201)


register(router, _STATUS)
register(router, _METHOD)
register_changes(router, _SLOT)


def _without_free(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "free"}
