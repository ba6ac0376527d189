"""Reference rows: states, time slots, ways of paying."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Response

from adapters.postgres import catalogue
from adapters.postgres.lists import listing
from api.dependencies import Reader, requires
from api.lists import Wanted

router = APIRouter(prefix="/utils", tags=["utils"])

_DAY = Query(alias="date", description="Adds how much is free on that day")


@router.get("/status", summary="States of a booking", dependencies=[requires("READ:UTILS")])
async def statuses(connection: Reader, wanted: Wanted) -> Response:
    return wanted.of(*await listing(connection, catalogue.STATUSES, wanted.limit, wanted.offset))


@router.get("/payment-method", summary="Ways of paying", dependencies=[requires("READ:UTILS")])
async def payment_methods(connection: Reader, wanted: Wanted) -> Response:
    return wanted.of(*await listing(connection, catalogue.PAYMENT_METHODS, wanted.limit, wanted.offset))


@router.get("/timeslot", summary="Time slots, with free capacity on a date")
async def timeslots(connection: Reader, wanted: Wanted, day: Annotated[date | None, _DAY] = None) -> Response:
    rows, total = await listing(connection, catalogue.TIMESLOTS, wanted.limit, wanted.offset, day=day)
    if day is None:
        rows = [{name: value for name, value in row.items() if name != "free"} for row in rows]
    return wanted.of(rows, total)
