"""What both parties of a booking are told live of each move: its version, and a message in their thread about it."""

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from kinds.local_services.domain.booking import ServiceBooking
from kinds.local_services.postgres.feed import FeedEvent, append_to_feeds
from kinds.local_services.postgres.threads import MESSAGE

# A version that is written again, maybe as another move, has one message.
_SAY = text(
    f"""
    WITH said AS (
        INSERT INTO messages (thread_id, content, message_type, version)
        SELECT t.id, :content, 'SYSTEM', :version FROM threads AS t WHERE t.booking_id = :booking_id ORDER BY t.id
        ON CONFLICT (thread_id, version) WHERE version IS NOT NULL
            DO UPDATE SET content = excluded.content WHERE messages.content <> excluded.content
        RETURNING *
    ),
    dated AS (UPDATE threads AS t SET last_message_at = said.sent_at FROM said WHERE t.id = said.thread_id)
    SELECT {MESSAGE}::text AS message FROM said AS m
    """  # noqa: S608 - a constant of ours
)


async def tell_parties(connection: AsyncConnection, booking: ServiceBooking) -> None:
    """Part of writing a version (``KindStorage.beside``). It locks the feeds of both, so it comes before whatever tells
    one of them alone."""
    event = booking.event
    given = {"booking_id": booking.id, "version": booking.version}
    words = f"Booking {booking.id}: {event.action} ({event.status})"
    said = (await connection.execute(_SAY, {**given, "content": words})).scalars()
    key = f"{booking.id} {booking.version} {event.action} {event.at.isoformat()}"
    moved = {**given, "status": str(booking.status)}
    people = (booking.requester, booking.provider)
    events = [FeedEvent(person, "booking", moved, key) for person in people]
    for message in map(orjson.loads, said):
        events += [FeedEvent(person, "message", message, f"message {message['id']} {key}") for person in people]
    await append_to_feeds(connection, events)
