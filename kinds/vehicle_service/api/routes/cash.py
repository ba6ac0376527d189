"""Cash on delivery: chosen by the customer, collected by a mechanic or an admin."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Response

from api.bookings.dependencies import (
    BookingId,
    Bookings,
)
from api.dependencies import CurrentUser, requires
from kinds.vehicle_service.api.dependencies import Commands
from kinds.vehicle_service.api.schemas.booking_answers import BookingAnswer
from kinds.vehicle_service.api.schemas.cash import CashCollected
from kinds.vehicle_service.domain.roles import Role

router = APIRouter(prefix="/payment", tags=["payments"])

Payer = Annotated[CurrentUser, requires("WRITE:PAYMENTS")]
Collector = Annotated[CurrentUser, requires("WRITE:PAYMENTS", roles=(Role.MECHANIC, Role.ADMIN))]


@router.post("/cash-on-delivery/{booking_id}", response_model=BookingAnswer, summary="Pay in cash at the door")
async def cash_on_delivery(booking_id: BookingId, person: Payer, bookings: Bookings, commands: Commands) -> Response:
    """The customer chooses cash for the estimate; the drop mechanic opens the collection. Repeatable."""
    return await bookings.act(person, booking_id, partial(commands.choose_cash, person.actor))


@router.post("/verify-cod", response_model=BookingAnswer, summary="The cash was collected")
async def verify_cash(body: CashCollected, person: Collector, bookings: Bookings, commands: Commands) -> Response:
    """By the drop mechanic or an admin; the amount must be the amount due, to the paisa.

    With `refused` the customer did not pay: an admin is asked, and it can still be paid, in cash or online.
    """
    actor = person.actor
    return await bookings.act(person, body.booking_id, partial(commands.cash_collected, actor, body))
