"""The GST percent: data, with its history."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Query

from adapters.mongo.gst import GstRate, plain
from api.dependencies import Open, Person, requires
from domain.errors import NotFound

router = APIRouter(prefix="/gst", tags=["gst"])


@router.get("/", summary="The percent in force")
async def current(opened: Open) -> dict[str, Any]:
    rate = await opened.documents.gst.current()
    if rate is None:
        raise NotFound("no GST percent has been set")
    return _shape(rate)


@router.put("/", summary="Another percent from now on; bookings keep theirs")
async def change(
    person: Annotated[Person, requires("UPDATE:GST")],
    opened: Open,
    percent: Annotated[Decimal, Query(ge=0, le=50, decimal_places=2)],
) -> dict[str, Any]:
    return _shape(await opened.documents.gst.change(abs(percent), person.id, datetime.now(UTC)))


def _shape(rate: GstRate) -> dict[str, Any]:
    return {"percent": plain(rate.percent), "updated_by": rate.updated_by, "updated_at": rate.updated_at}
