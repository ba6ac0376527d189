"""A booking's timeline as Server-Sent Events; a client resumes after the last event that it got."""

from collections.abc import AsyncIterator
from typing import Annotated

import orjson
import structlog
from fastapi import APIRouter, Header, Query, Response
from fastapi.responses import StreamingResponse

from api.bookings.dependencies import BookingId, Services
from api.dependencies import CurrentUser, requires
from api.services import BookingServices
from domain.people import Actor
from domain.views import timeline_entry

router = APIRouter(prefix="/bookings", tags=["bookings"])

HEARTBEAT = 10.0
"""Seconds between comments that keep a stream open; the rows are read as often, should a notification get lost."""
LONGEST = 1800.0
"""A stream ends after half an hour, like the access token that opened it; the client resumes with a new one."""
_EXAMPLE = 'id: 2\ndata: {"version": 2, "status": "pickup", "action": "assign", ...}\n\n'
_log = structlog.get_logger()
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
    person: Annotated[CurrentUser, requires("READ:BOOKINGS")],
    services: Services,
    last_event_id: Annotated[int | None, Header(alias="Last-Event-ID", ge=0, le=2**31 - 1)] = None,
    after: Annotated[int, Query(ge=0, le=2**31 - 1, description="As Last-Event-ID, for the first request")] = 0,
) -> Response:
    """Each entry is one event whose id is its version; an ``end`` event says that nothing more will come."""
    seen = max(last_event_id or 0, after)
    news = await services.queries.events_after(booking_id, person.actor, seen)
    if news.closed and not news.entries and seen:
        return Response(status_code=204)
    stream = _stream(services, booking_id, person.actor, seen)
    return StreamingResponse(stream, media_type="text/event-stream", headers=_NO_BUFFERING)


async def _stream(services: BookingServices, booking_id: int, viewer: Actor, seen: int) -> AsyncIterator[str]:
    yield "retry: 2000\n\n"
    silences = LONGEST / HEARTBEAT
    with services.changes.subscribe(booking_id) as subscription:
        while silences > 0 and not services.changes.closing:
            try:
                news = await services.queries.events_after(booking_id, viewer, seen)
            except Exception as fault:  # not theirs any more, or no database: the client resumes, or is refused
                _log.info("a stream of events ends early", fault=type(fault).__name__)
                return
            for entry in news.entries:
                seen = entry["version"]
                shown = timeline_entry(services.kind, entry, viewer.role)
                yield f"id: {seen}\ndata: {orjson.dumps(shown).decode()}\n\n"
            if news.closed:
                yield f"id: {seen}\nevent: end\ndata: {{}}\n\n"
                return
            if not await subscription.changed(HEARTBEAT):
                silences -= 1
                yield ": still here\n\n"
