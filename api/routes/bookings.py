"""Bookings for the people they belong to: make, look, decide, move, give up."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Request, Response

from api.bookings.dependencies import (
    BookingId,
    Bookings,
    CustomerId,
    Filtered,
    Idempotent,
    MechanicId,
    Page,
    Services,
    listed,
    reply,
)
from api.bookings.factory import customer_of
from api.bookings.vehicle import Commands, Factory
from api.dependencies import CurrentUser, requires
from api.schemas.booking_answers import BookingAnswer, ConfirmedBooking, ListRow
from api.schemas.bookings import CancelBooking, ConfirmServicesBody, CreateBooking, RescheduleBooking
from api.schemas.payment_answers import FeeAnswer
from api.schemas.visit_answers import TimelineEntry
from domain.people import Role
from kinds.vehicle_service.domain.cancellation import cancellation_quote
from kinds.vehicle_service.domain.view import fee_view, timeline_entry

router = APIRouter(prefix="/bookings", tags=["bookings"])

BookingReader = Annotated[CurrentUser, requires("READ:BOOKINGS")]
Payer = Annotated[CurrentUser, requires("READ:BOOKINGS", roles=(Role.CUSTOMER, Role.ADMIN))]
Overseer = Annotated[CurrentUser, requires("READ:BOOKINGS", roles=(Role.ADMIN,))]
BookingWriter = Annotated[CurrentUser, requires("WRITE:BOOKINGS", roles=(Role.CUSTOMER, Role.ADMIN))]
Changer = Annotated[CurrentUser, requires("UPDATE:BOOKINGS", roles=(Role.CUSTOMER, Role.ADMIN))]


@router.post("/", status_code=201, response_model=BookingAnswer, summary="Book a visit")
async def create(
    wish: CreateBooking, person: BookingWriter, bookings: Bookings, factory: Factory, request_key: Idempotent
) -> Response:
    """Prices come from the price chart. What is left open has a default: the next free slot, the first address."""
    customer, now = customer_of(person.actor, wish), datetime.now(UTC)
    build = partial(factory.booking, wish, customer, now=now)
    return reply(await bookings.create(person.actor, request_key, build))


@router.get("/customer", response_model=list[ListRow], summary="My bookings, newest first")
async def own(
    request: Request,
    person: BookingReader,
    services: Services,
    part: Page,
    narrowed: Filtered,
    customer_id: CustomerId = None,
) -> Response:
    """A customer's own; an admin names the customer; a mechanic has none."""
    whose = customer_id if person.actor.role is Role.ADMIN and customer_id else person.actor.id
    page = await services.queries.page(Role.CUSTOMER, replace(narrowed, customer_id=whose), part)
    return listed(request, page, part)


@router.get("/", response_model=list[ListRow], summary="All bookings")
async def everybodys(
    request: Request,
    person: Overseer,
    services: Services,
    part: Page,
    narrowed: Filtered,
    customer_id: CustomerId = None,
    mechanic_id: MechanicId = None,
) -> Response:
    """For admins."""
    wanted = replace(narrowed, customer_id=customer_id, mechanic_id=mechanic_id)
    return listed(request, await services.queries.page(Role.ADMIN, wanted, part), part)


@router.get("/{booking_id}", response_model=BookingAnswer, summary="Everything about a booking")
async def detail(booking_id: BookingId, person: BookingReader, services: Services) -> Response:
    """As the caller may see it, with what it waits for and what the caller may do now."""
    seen = await services.queries.detail(booking_id, person.actor)
    return _json(services.bookings.shown(seen, person.actor))


@router.get("/{booking_id}/timeline", response_model=list[TimelineEntry], summary="Every move, in order")
async def timeline(booking_id: BookingId, person: BookingReader, services: Services) -> Response:
    """Versions 1 to n without a gap."""
    news = await services.queries.events_after(booking_id, person.actor, 0)
    return _json([timeline_entry(entry, person.actor.role) for entry in news.entries])


@router.put("/{booking_id}/confirm-services", response_model=ConfirmedBooking, summary="Choose services and how to pay")
async def confirm_services(
    booking_id: BookingId,
    body: ConfirmServicesBody,
    person: Changer,
    bookings: Bookings,
    commands: Commands,
    request_key: Idempotent,
) -> Response:
    """Online answers with an order to pay (``checkout``, its keys at the top level too); offline confirms at once."""
    return reply(
        await bookings.act(
            person.actor,
            booking_id,
            request_key,
            partial(commands.confirm, person.actor, body),
            show=lambda _, shape: {**shape, **(shape["checkout"] or {})},
        )
    )


@router.get("/{booking_id}/cancellation", response_model=FeeAnswer, summary="What cancelling would cost now")
async def cancellation(booking_id: BookingId, person: Payer, services: Services) -> Response:
    """The same function computes the fee when the booking is cancelled."""
    booking = (await services.queries.detail(booking_id, person.actor)).booking
    percent = booking.gst_percent if booking.gst_percent is not None else await services.rates.percent()
    return _json(fee_view(cancellation_quote(booking, percent)))


@router.put("/{booking_id}/cancel", response_model=BookingAnswer, summary="Give a booking up")
async def cancel(
    booking_id: BookingId,
    person: Changer,
    bookings: Bookings,
    commands: Commands,
    request_key: Idempotent,
    body: CancelBooking | None = None,
) -> Response:
    """Free until the car is collected, then with a fee; the car comes back, the rest of the money too."""
    wish = body or CancelBooking()
    return reply(
        await bookings.act(person.actor, booking_id, request_key, partial(commands.cancel, person.actor, wish))
    )


@router.put("/{booking_id}/reschedule", response_model=BookingAnswer, summary="Choose other times")
async def reschedule(
    booking_id: BookingId,
    wish: RescheduleBooking,
    person: Changer,
    bookings: Bookings,
    commands: Commands,
    request_key: Idempotent,
) -> Response:
    """Both ways before the car is collected, the way home until it is on the road."""
    build = partial(commands.reschedule, person.actor, booking_id, wish)
    return reply(await bookings.act(person.actor, booking_id, request_key, build))


def _json(shape: Any) -> Response:
    return Response(orjson.dumps(shape), media_type="application/json")
