"""When the two people of a booking disagree: a dispute, given up by its opener or decided by an admin."""

from typing import Annotated

from fastapi import APIRouter, Response

from api.bookings.dependencies import BookingId, Bookings
from api.dependencies import CurrentUser, requires
from kinds.local_services.api.routes.bookings import Party
from kinds.local_services.api.schemas.booking_answers import BookingAnswer
from kinds.local_services.api.schemas.bookings import DecisionBody, NewDispute
from kinds.local_services.domain.commands import DecideDispute, Dispute, WithdrawDispute
from kinds.local_services.domain.roles import Role

router = APIRouter(prefix="/bookings/{booking_id}/dispute", tags=["bookings"])

Judge = Annotated[CurrentUser, requires("UPDATE:BOOKINGS", roles=(Role.ADMIN,))]


@router.post("", status_code=201, response_model=BookingAnswer, summary="Say that something is wrong")
async def dispute(booking_id: BookingId, body: NewDispute, person: Party, bookings: Bookings) -> Response:
    """From the start of the work until it is confirmed, once. The provider's share stays where it is meanwhile."""
    command = Dispute(person.actor, body.reason, body.description, tuple(body.media_urls))
    return await bookings.act(person, booking_id, command, status=201)


@router.post("/withdraw", response_model=BookingAnswer, summary="Give one's dispute up")
async def withdraw(booking_id: BookingId, person: Party, bookings: Bookings) -> Response:
    """The time to confirm begins anew."""
    return await bookings.act(person, booking_id, WithdrawDispute(person.actor))


@router.post("/decision", response_model=BookingAnswer, summary="Decide what becomes of the money")
async def decide(booking_id: BookingId, body: DecisionBody, person: Judge, bookings: Bookings) -> Response:
    """`refund_amount` belongs to `refund_part` alone. No later move changes the money."""
    command = DecideDispute(
        person.actor, body.outcome, refund=body.refund_amount, against=body.against, note=body.note or None
    )
    return await bookings.act(person, booking_id, command)
