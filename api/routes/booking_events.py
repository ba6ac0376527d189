"""The route of a booking's timeline as Server-Sent Events; a client resumes after the last event that it got."""

from typing import Annotated

from fastapi import APIRouter, Header, Query, Response
from fastapi.responses import StreamingResponse

from api.bookings.dependencies import BookingId, Services
from api.dependencies import OpenResources
from api.streams.open_streams import OpenedStream
from api.streams.timeline import timeline_events

router = APIRouter(prefix="/bookings", tags=["bookings"])

_EXAMPLE = 'id: 2\ndata: {"version": 2, "status": "booked", "action": "book", ...}\n\n'
_NO_BUFFERING = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


@router.get(
    "/{booking_id}/events",
    summary="The timeline, live",
    response_class=StreamingResponse,
    responses={
        200: {"content": {"text/event-stream": {"example": _EXAMPLE}}},
        204: {"description": "Closed, and all was sent"},
    },
)
async def events(
    booking_id: BookingId,
    stream: OpenedStream,
    services: Services,
    opened: OpenResources,
    last_event_id: Annotated[int | None, Header(alias="Last-Event-ID", ge=0, le=2**31 - 1)] = None,
    after: Annotated[int, Query(ge=0, le=2**31 - 1, description="As Last-Event-ID, for the first request")] = 0,
) -> Response:
    """Each entry is one event whose id is its version; an ``end`` event says that nothing more will come.

    The stream ends with the login that it was opened with, and after a while in any case: come back with the last
    version that was seen. 429 when too many are open already.
    """
    seen = max(last_event_id or 0, after)
    news = await services.queries.events_after(booking_id, stream.viewer, seen)
    if news.closed and not news.entries and seen:
        return Response(status_code=204)
    shown = timeline_events(services, booking_id, stream, seen, opened.settings.web.stream_lifetime)
    return StreamingResponse(shown, media_type="text/event-stream", headers=_NO_BUFFERING)
