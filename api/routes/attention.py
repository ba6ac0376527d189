"""Clearing the attention that a booking asks for."""

from typing import Annotated

from fastapi import APIRouter, Response

from api.bookings.dependencies import BookingId, Bookings
from api.dependencies import CurrentUser, requires
from api.kind import BookingModels
from api.schemas.payments import AttentionCleared
from domain.commands import ClearAttention
from domain.people import Role


def attention_routes(models: BookingModels) -> APIRouter:
    """The route, answering with the kind's shape of a booking."""
    router = APIRouter(prefix="/bookings/admin", tags=["bookings: admin"])

    @router.post(
        "/attention/{booking_id}", response_model=models.booking, summary="What asked for attention was looked at"
    )
    async def clear_attention(
        booking_id: BookingId,
        person: Annotated[CurrentUser, requires("UPDATE:PAYMENTS", roles=(Role.ADMIN,))],
        bookings: Bookings,
        body: AttentionCleared | None = None,
    ) -> Response:
        """Also for a booking that is closed. What is still open (a refund, a dispute, a payment) goes on asking."""
        note = (body or AttentionCleared()).note or None
        return await bookings.act(person, booking_id, ClearAttention(person.actor, note))

    return router
