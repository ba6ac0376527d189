"""What booking and payment routes ask for: the desk, the reads, a ticket for repeating, a part of a list."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import Depends, Header, Path, Query, Request, Response

from adapters.postgres.booking_reads import Filters, Page, Window
from adapters.postgres.idempotency import Answer
from adapters.postgres.payment_reads import MoneyFilters
from api.booking_parts import BookingParts
from api.booking_requests import state_of
from api.desk import Desk, Ticket
from api.lists import Limit, Offset, what_else
from api.schemas.booking_fields import LARGEST_BOOKING_ID, LARGEST_CHILD_ID, Day
from domain.kinds.vehicle_service.life import State

BookingId = Annotated[int, Path(ge=1, le=LARGEST_BOOKING_ID, description="The booking's number", examples=[1021])]
ChildId = Annotated[int, Path(ge=1, le=LARGEST_CHILD_ID)]
_PERSON_ID = r"^(CST|MEC|ADM)[0-9]{6,12}$"


async def parts(request: Request) -> BookingParts:
    """Everything that bookings need, made by the first who asks."""
    state = request.app.state
    if not hasattr(state, "bookings"):
        state.bookings = BookingParts.of(state.resources)
    found: BookingParts = state.bookings
    return found


async def desk(found: Annotated[BookingParts, Depends(parts)]) -> Desk:
    """The front desk."""
    return found.desk


async def ticket(
    request: Request,
    idempotency_key: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            min_length=1,
            max_length=200,
            description="Makes repeating safe: the same key is done once and answered the same every time.",
        ),
    ] = None,
) -> Ticket:
    """What marks this request. Spelling of the JSON does not make it another one."""
    route = f"{request.method} {request.url.path.rstrip('/')}"
    return Ticket(route, idempotency_key, hashlib.sha256(_canonical(await request.body())).hexdigest())


async def part(limit: Limit = 50, offset: Offset = 0) -> Window:
    """Which part of a list that has an order of its own."""
    return Window(limit, offset)


async def window(
    wanted: Annotated[Window, Depends(part)],
    order: Annotated[Literal["newest", "oldest"], Query(description="By age")] = "newest",
) -> Window:
    """Which part of a list, and in which order."""
    return replace(wanted, order=order)


async def filters(
    status: Annotated[State | None, Query(description="A state by its name")] = None,
    status_id: Annotated[int | None, Query(ge=1, le=len(State), description="A state by its id")] = None,
    since: Annotated[Day | None, Query(alias="from", description="Pickup on that date or later")] = None,
    until: Annotated[Day | None, Query(alias="to", description="Pickup on that date or earlier")] = None,
    on: Annotated[Day | None, Query(alias="date", description="Pickup on that date")] = None,
) -> Filters:
    """What every list of bookings can be narrowed to."""
    wanted = state_of(status_id) if status_id is not None else status
    return Filters(status=str(wanted) if wanted else None, since=on or since, until=on or until)


async def money_filters(
    booking_id: Annotated[int | None, Query(ge=1, le=LARGEST_BOOKING_ID)] = None,
    status: Annotated[Literal["pending", "success", "failed", "processed"] | None, Query()] = None,
    since: Annotated[Day | None, Query(alias="from", description="Made on that date or later, in the shop")] = None,
    until: Annotated[Day | None, Query(alias="to", description="Made on that date or earlier, in the shop")] = None,
) -> MoneyFilters:
    """What a list of payments or refunds can be narrowed to."""
    return MoneyFilters(booking_id=booking_id, status=status, since=since, until=until)


Parts = Annotated[BookingParts, Depends(parts)]
FrontDesk = Annotated[Desk, Depends(desk)]
AskedOnce = Annotated[Ticket, Depends(ticket)]
PartOfList = Annotated[Window, Depends(window)]
PartInOrder = Annotated[Window, Depends(part)]
Narrowed = Annotated[Filters, Depends(filters)]
MoneyNarrowed = Annotated[MoneyFilters, Depends(money_filters)]
CustomerId = Annotated[str | None, Query(pattern=_PERSON_ID, description="Bookings of this customer")]
MechanicId = Annotated[str | None, Query(pattern=_PERSON_ID, description="Bookings with a job of this mechanic")]


def reply(answer: Answer) -> Response:
    """The answer of an errand, byte by byte."""
    return Response(answer.body, answer.status, media_type="application/json")


def listed(request: Request, page: Page, part: Window, body: Callable[[str], str] = lambda rows: rows) -> Response:
    """A page of a list with its count and its neighbours."""
    headers = what_else(request, page.total, part.limit, part.offset)
    return Response(body(page.rows), media_type="application/json", headers=headers)


def _canonical(body: bytes) -> bytes:
    try:
        said: Any = json.loads(body)
    except (ValueError, RecursionError):
        return body
    return json.dumps(said, sort_keys=True, separators=(",", ":")).encode()
