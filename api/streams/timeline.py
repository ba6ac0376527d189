"""A booking's timeline as Server-Sent Events: what there is, then what comes, until the booking is closed."""

from collections.abc import AsyncIterator

import orjson
import structlog

from api.services import BookingServices
from domain.people import Actor
from domain.views import timeline_entry

HEARTBEAT = 10.0
"""Seconds between comments that keep a stream open; the rows are read as often, should a notification get lost."""
LONGEST_SILENCE = 1800.0
"""Seconds without an entry after which a stream ends; the client resumes, with a new token if its own has expired."""
_log = structlog.get_logger()


async def timeline_events(services: BookingServices, booking_id: int, viewer: Actor, seen: int) -> AsyncIterator[str]:
    """The entries after the version ``seen``, each as an event whose id is its version."""
    yield "retry: 2000\n\n"
    silences = LONGEST_SILENCE / HEARTBEAT
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
