"""A booking's timeline as Server-Sent Events: what there is, then what comes, until the booking is closed."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import orjson
import structlog

from api.services import BookingServices
from api.streams.open_streams import OpenStream
from domain.kind import ViewContext
from domain.views import timeline_view

HEARTBEAT = 10.0
"""Seconds between comments that keep a stream open; the rows are read as often, should a notification get lost."""
_log = structlog.get_logger()


async def timeline_events(
    services: BookingServices, booking_id: int, stream: OpenStream, seen: int, longest: timedelta
) -> AsyncIterator[str]:
    """The entries after the version ``seen``, each as an event whose id is its version.

    It ends after ``longest`` however much comes, and as soon as its login does: then the client resumes with the token
    that it has by now, or is refused.
    """
    yield "retry: 2000\n\n"
    clock = asyncio.get_running_loop().time
    ends = clock() + longest.total_seconds()
    with services.changes.subscribe(booking_id) as subscription:
        stream.wake = subscription.wake
        while (left := ends - clock()) > 0 and not services.changes.closing:
            try:
                news = await services.queries.events_after(booking_id, stream.viewer, seen)
                await stream.must_be_allowed()
            except Exception as fault:  # not theirs any more, no login any more, or no database
                _log.info("a stream of events ends early", fault=type(fault).__name__)
                return
            for entry in news.entries:
                seen = entry["version"]
                [shown] = timeline_view(services.kind, [entry], stream.viewer.role, ViewContext(""))
                yield f"id: {seen}\ndata: {orjson.dumps(shown).decode()}\n\n"
            if news.closed:
                yield f"id: {seen}\nevent: end\ndata: {{}}\n\n"
                return
            if not await subscription.changed(min(HEARTBEAT, left)):
                yield ": still here\n\n"
