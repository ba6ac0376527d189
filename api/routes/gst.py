"""The GST percent: data, with its history."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BeforeValidator

from adapters.mongo.gst import GstRate, plain
from api.dependencies import CurrentUser, OpenResources, requires
from api.responses import reply
from api.schemas.gst import GstAnswer
from domain.errors import NotFound

router = APIRouter(prefix="/gst", tags=["gst"])


def _plainly(written: object) -> object:
    if isinstance(written, str) and not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)", written.strip(), re.ASCII):
        raise ValueError("a percent is written like 18 or 12.5")
    return written


@router.get("/", response_model=GstAnswer, summary="The percent in force")
async def current(opened: OpenResources) -> Response:
    rate = await opened.mongo.gst.current()
    if rate is None:
        raise NotFound("no GST percent has been set")
    return _told(rate)


@router.put("/", response_model=GstAnswer, summary="Another percent from now on; bookings keep theirs")
async def change(
    person: Annotated[CurrentUser, requires("UPDATE:GST")],
    opened: OpenResources,
    percent: Annotated[Decimal, BeforeValidator(_plainly), Query(ge=0, le=50, decimal_places=2, examples=[18])],
) -> Response:
    """Every change is kept."""
    return _told(await opened.mongo.gst.change(abs(percent), person.id, datetime.now(UTC)))


def _told(rate: GstRate) -> Response:
    return reply({"percent": plain(rate.percent), "updated_by": rate.updated_by, "updated_at": rate.updated_at})
