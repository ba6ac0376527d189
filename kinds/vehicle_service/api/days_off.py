"""What closures and absences have in common: whose calendar it is, and the bookings that have to be moved."""

from datetime import UTC, date, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import orjson
from fastapi import Query, Response
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.pages import Slice
from adapters.postgres.listings import Listing, page_of
from adapters.resources import Resources
from api.lists import PageRequest
from api.schemas.fields import Day
from domain.errors import NotFound

TOLD_AT_ONCE = 100
"""Bookings in the answer of whoever adds a closure or an absence; all are in the list beside it."""

Since = Annotated[Day | None, Query(alias="from", description="Those that last until that date or longer")]
Until = Annotated[Day | None, Query(alias="to", description="Those that begin on that date or earlier")]


def shop_today(timezone: str) -> date:
    """Today, by the shop's calendar."""
    return datetime.now(UTC).astimezone(ZoneInfo(timezone)).date()


async def with_bookings(
    connection: AsyncConnection, added: dict[str, Any], listing: Listing, timezone: str
) -> dict[str, Any]:
    """What was added, with the first of the bookings that have to be moved for it."""
    found = await page_of(connection, listing, Slice(TOLD_AT_ONCE), id=added["id"], zone=timezone)
    return {**added, "bookings": orjson.loads(found.rows), "bookings_in_all": found.total}


async def to_move(
    connection: AsyncConnection, opened: Resources, wanted: PageRequest, listing: Listing, row_id: int, what: str
) -> Response:
    """A part of these bookings.

    Raises:
        NotFound: there is no such row.
    """
    zone = opened.settings.company.shop_timezone
    answer, row = await wanted.with_beside(connection, listing, id=row_id, zone=zone)
    if row is None:
        raise NotFound(f"there is no {what} {row_id}")
    return answer
