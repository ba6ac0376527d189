"""What people say beside the moves of a booking."""

import orjson
from fastapi import APIRouter, Response

from adapters.postgres.idempotency import Claim, StoredResponse
from api.bookings.dependencies import BookingId, Idempotent, Services, reply
from api.dependencies import Auth
from kinds.local_services.api.routes.bookings import Changer
from kinds.local_services.api.schemas.booking_answers import NoteAnswer
from kinds.local_services.api.schemas.bookings import NewNote
from kinds.local_services.domain import notices
from kinds.local_services.domain.notes import ON_THE_WAY, must_be_possible
from kinds.local_services.domain.timeline import note_view
from kinds.local_services.postgres.notes import add_note
from kinds.local_services.postgres.notices import tell_person

router = APIRouter(prefix="/bookings", tags=["bookings"])


@router.post("/{booking_id}/timeline", status_code=201, response_model=NoteAnswer, summary="Say something beside it")
async def add(
    booking_id: BookingId, body: NewNote, person: Changer, services: Services, auth: Auth, key: Idempotent
) -> Response:
    """A note or a picture; `on-the-way` and `arrived` are the provider's, while the booking is accepted."""

    async def write(_: Claim | None, __: str) -> StoredResponse:
        booking = (await services.queries.detail(booking_id, person.actor)).booking
        must_be_possible(booking, person.actor, body.event_type)
        async with auth.writing() as connection:
            note = await add_note(connection, booking_id, person.actor, body.event_type, body.metadata)
            if body.event_type == ON_THE_WAY:
                told = {"booking_id": booking_id, "status": str(booking.status), "title": booking.listing.title}
                key = f"{booking_id}.on-the-way.{note['id']}"
                reader, line = booking.requester, booking.listing.title
                await tell_person(connection, reader, notices.ON_THE_WAY, told, key, body=line, booking_id=booking_id)
        return StoredResponse(201, orjson.dumps({**note_view(note), "booking_id": booking_id}).decode())

    return reply(await services.bookings.once(person.id, key, write))
