"""Dependencies of booking and payment routes: services, idempotency key, page and filters of a list."""

import hashlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal, Unpack

from fastapi import Depends, Header, Path, Query, Request, Response

from adapters.pages import Slice
from adapters.postgres.idempotency import StoredResponse
from adapters.postgres.payment_queries import MoneyFilters
from api.bookings.service import Answering, BookingService, RequestKey
from api.dependencies import CurrentUser
from api.lists import After, Limit, Offset, PartOfPlace, Whole, place_of
from api.pictures import keep_for_command
from api.schemas.fields import LARGEST_BOOKING_ID, LARGEST_CHILD_ID, Day
from api.services import BookingServices
from domain.booking import Booking
from domain.commands import Command

BookingId = Annotated[int, Path(ge=1, le=LARGEST_BOOKING_ID, description="The booking's number", examples=[1021])]
ChildId = Annotated[int, Path(ge=1, le=LARGEST_CHILD_ID)]


async def booking_services(request: Request) -> BookingServices:
    """The services of this process, made by the first request that needs them."""
    state = request.app.state
    if not hasattr(state, "services"):
        state.services = BookingServices.of(state.resources, state.kind, state.storage)
    found: BookingServices = state.services
    return found


async def request_key(
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
) -> RequestKey:
    """What identifies this request. Another spelling of the same JSON is the same request."""
    route = f"{request.method} {request.url.path.rstrip('/')}"
    return RequestKey(route, idempotency_key, hashlib.sha256(_canonical(await request.body())).hexdigest())


@dataclass(frozen=True, slots=True)
class RequestedBookings:
    """What one request asks of bookings, done once under its Idempotency-Key."""

    service: BookingService
    key: RequestKey

    async def create(self, person: CurrentUser, build: Callable[[int | None], Awaitable[Booking]]) -> Response:
        """A new booking; ``build`` gets the number that it must have, if any."""
        return reply(await self.service.create(person.actor, self.key, build))

    async def act(
        self,
        person: CurrentUser,
        booking_id: int,
        command: Command | Callable[[], Awaitable[Command]],
        **answering: Unpack[Answering],
    ) -> Response:
        """Perform a command, or the one that is made of looked up facts; answers the booking as it stands then."""

        async def given() -> Command:
            return command if isinstance(command, Command) else await command()

        return reply(await self.service.act(person.actor, booking_id, self.key, given, **answering))


async def requested_bookings(
    request: Request,
    services: Annotated[BookingServices, Depends(booking_services)],
    key: Annotated[RequestKey, Depends(request_key)],
) -> RequestedBookings:
    """Commands on bookings, for this request."""
    await keep_for_command(request, request.app.state.resources)
    return RequestedBookings(services.bookings, key)


def page_behind(*parts: PartOfPlace) -> Any:
    """The page of a list whose order is fixed; ``parts`` are what the place of a row is made of."""

    async def page_of(limit: Limit = 50, offset: Offset = 0, after: After = None) -> Slice:
        return Slice(limit, offset, after=place_of(after, *parts) if after else None)

    return Depends(page_of)


async def page(
    wanted: Annotated[Slice, page_behind(Whole)],
    order: Annotated[Literal["newest", "oldest"], Query(description="By age")] = "newest",
) -> Slice:
    """The page of a list, and the order of the list."""
    return replace(wanted, order=order)


async def money_filters(
    booking_id: Annotated[int | None, Query(ge=1, le=LARGEST_BOOKING_ID)] = None,
    status: Annotated[Literal["pending", "success", "failed", "processed"] | None, Query()] = None,
    since: Annotated[Day | None, Query(alias="from", description="Made on that date or later, in the shop")] = None,
    until: Annotated[Day | None, Query(alias="to", description="Made on that date or earlier, in the shop")] = None,
) -> MoneyFilters:
    """What a list of payments or refunds can be narrowed to."""
    return MoneyFilters(booking_id=booking_id, status=status, since=since, until=until)


Services = Annotated[BookingServices, Depends(booking_services)]
Bookings = Annotated[RequestedBookings, Depends(requested_bookings)]
Idempotent = Annotated[RequestKey, Depends(request_key)]
Page = Annotated[Slice, Depends(page)]
MoneyFiltered = Annotated[MoneyFilters, Depends(money_filters)]


def reply(answer: StoredResponse) -> Response:
    """The stored answer of an idempotent request, byte by byte."""
    return Response(answer.body, answer.status, media_type="application/json")


def _canonical(body: bytes) -> bytes:
    try:
        said: Any = json.loads(body)
    except (ValueError, RecursionError):
        return body
    return json.dumps(said, sort_keys=True, separators=(",", ":")).encode()
