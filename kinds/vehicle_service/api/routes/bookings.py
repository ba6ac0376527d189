"""Bookings for the people they belong to: create, confirm, cancel, reschedule."""

from datetime import UTC, datetime
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Response

from api import responses
from api.auth.second_factor import Fresh
from api.bookings.dependencies import (
    BookingId,
    Bookings,
    Services,
)
from api.dependencies import CurrentUser, requires
from kinds.vehicle_service.api.dependencies import Commands, Factory
from kinds.vehicle_service.api.factory import customer_of
from kinds.vehicle_service.api.schemas.booking_answers import BookingAnswer, ConfirmedBooking
from kinds.vehicle_service.api.schemas.bookings import (
    CancelBooking,
    ConfirmServicesBody,
    CreateBooking,
    RescheduleBooking,
)
from kinds.vehicle_service.api.schemas.payment_answers import FeeAnswer
from kinds.vehicle_service.domain.cancellation_fee import VisitQuote, cancellation_quote
from kinds.vehicle_service.domain.roles import Role
from kinds.vehicle_service.domain.views.parts import visit_quote_view

router = APIRouter(prefix="/bookings", tags=["bookings"])

BookingReader = Annotated[CurrentUser, requires("READ:BOOKINGS")]
Payer = Annotated[CurrentUser, requires("READ:BOOKINGS", roles=(Role.CUSTOMER, Role.ADMIN))]
Overseer = Annotated[CurrentUser, requires("READ:BOOKINGS", roles=(Role.ADMIN,))]
BookingWriter = Annotated[CurrentUser, requires("WRITE:BOOKINGS", roles=(Role.CUSTOMER, Role.ADMIN))]
Changer = Annotated[CurrentUser, requires("UPDATE:BOOKINGS", roles=(Role.CUSTOMER, Role.ADMIN))]


@router.post("/", status_code=201, response_model=BookingAnswer, summary="Book a visit")
async def create(wish: CreateBooking, person: BookingWriter, bookings: Bookings, factory: Factory) -> Response:
    """Prices come from the price chart. What is left open has a default: the next free slot, the first address. A slot
    and a date that are named are never exchanged: 409 when they are full. Dates are at most 365 days ahead."""
    customer, now = customer_of(person.actor, wish), datetime.now(UTC)
    build = partial(factory.booking, wish, customer, now=now)
    return await bookings.create(person, build)


@router.put("/{booking_id}/confirm-services", response_model=ConfirmedBooking, summary="Choose services and how to pay")
async def confirm_services(
    booking_id: BookingId,
    body: ConfirmServicesBody,
    person: Changer,
    bookings: Bookings,
    commands: Commands,
) -> Response:
    """Online answers with an order to pay (``checkout``, its keys at the top level too); offline confirms at once."""
    return await bookings.act(
        person,
        booking_id,
        partial(commands.confirm, person.actor, body),
        show=lambda _, shape: {**shape, **(shape["checkout"] or {})},
    )


@router.get("/{booking_id}/cancellation", response_model=FeeAnswer, summary="What cancelling would cost now")
async def cancellation(booking_id: BookingId, person: Payer, services: Services) -> Response:
    """The same function computes the fee when the booking is cancelled."""
    return responses.reply(visit_quote_view(await _quote(services, booking_id, person)))


@router.put("/{booking_id}/cancel", response_model=BookingAnswer, summary="Give a booking up")
async def cancel(
    booking_id: BookingId,
    person: Changer,
    bookings: Bookings,
    commands: Commands,
    services: Services,
    fresh: Fresh,
    body: CancelBooking | None = None,
) -> Response:
    """Free until the car is collected, then with a fee; the car comes back, the rest of the money too.

    An admin with a second factor is asked for a fresh code where much goes back (`REVCARE_REFUND_WITHOUT_CODE`).
    """
    if fresh.is_asked_for:
        await fresh.must_be_there_to_refund((await _quote(services, booking_id, person)).refund)
    wish = body or CancelBooking()
    return await bookings.act(person, booking_id, partial(commands.cancel, person.actor, wish))


@router.put("/{booking_id}/reschedule", response_model=BookingAnswer, summary="Choose other times")
async def reschedule(
    booking_id: BookingId,
    wish: RescheduleBooking,
    person: Changer,
    bookings: Bookings,
    commands: Commands,
) -> Response:
    """Both ways before the car is collected, the way home until it is on the road."""
    build = partial(commands.reschedule, person.actor, booking_id, wish)
    return await bookings.act(person, booking_id, build)


async def _quote(services: Services, booking_id: int, person: CurrentUser) -> VisitQuote:
    booking = (await services.queries.detail(booking_id, person.actor)).booking
    percent = booking.gst_percent if booking.gst_percent is not None else await services.rates.percent_if_told()
    return cancellation_quote(booking, percent)
