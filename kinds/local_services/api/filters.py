"""What lists of bookings are narrowed to."""

from typing import Annotated, Any

from fastapi import Depends, Query
from fastapi.exceptions import RequestValidationError

from api.schemas.fields import LARGEST_ID
from kinds.local_services.api.schemas.bookings import Moment
from kinds.local_services.domain.booking import Status


async def narrowed(
    status: Annotated[str | None, Query(max_length=100, description="One or several, apart by commas")] = None,
    listing_id: Annotated[int | None, Query(ge=1, le=LARGEST_ID)] = None,
    since: Annotated[Moment | None, Query(alias="from", description="The start is then or later")] = None,
    until: Annotated[Moment | None, Query(alias="to", description="The start is then or earlier")] = None,
) -> dict[str, Any]:
    """The conditions that are given, by name."""
    return {
        "statuses": _statuses(status) if status else None,
        "listing_id": listing_id,
        "since": since,
        "until": until,
    }


Narrowed = Annotated[dict[str, Any], Depends(narrowed)]


def _statuses(said: str) -> list[str]:
    found = [each.strip() for each in said.split(",") if each.strip()]
    if unknown := [each for each in found if each not in list(Status)]:
        wrong = {"type": "enum", "loc": ("query", "status"), "msg": f"there is no status {unknown[0]}", "input": said}
        raise RequestValidationError([wrong])
    return found
