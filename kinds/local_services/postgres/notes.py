"""What stands beside the moves of a booking: the notes in its timeline, and its two people as others see them."""

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.sql_format import INSTANT
from adapters.postgres.statements import Json
from domain.people import Actor
from kinds.local_services.domain.notes import ARRIVED, MOST, TooManyNotes

_NOTE = (
    "json_build_object('id', n.id, 'event_type', n.event_type, 'metadata', n.metadata, 'by',"
    f" json_build_object('id', n.by_id, 'role', n.by_role), 'created_at', {INSTANT.format('n.created_at')})"
)
_NOTES = (
    f"(SELECT coalesce(json_agg({_NOTE} ORDER BY n.id), '[]') FROM timeline_notes AS n"  # noqa: S608 - ours
    " WHERE n.booking_id = b.id)"
)
_PERSON = (
    "(SELECT json_build_object('first_name', u.first_name, 'last_name', u.last_name, 'rating_avg', r.rating_avg,"
    " 'rating_count', r.rating_count, 'reputation', r.reputation)"
    " FROM users AS u JOIN profiles AS r ON r.user_id = u.id WHERE u.id = s.{0})"
)
_PEOPLE = (
    "'people', json_build_object("
    f"s.requester_id, {_PERSON.format('requester_id')}, s.provider_id, {_PERSON.format('provider_id')}),"
    " 'still_known', b.closed_at IS NULL OR b.closed_at > now() - interval '30 days'"
)
SHOWN = (
    f"(SELECT json_build_object('notes', {_NOTES}, {_PEOPLE})::text"  # noqa: S608 - constants of ours
    " FROM service_bookings AS s WHERE s.booking_id = b.id)"
)
"""What a view of ``b`` has beside its state (``KindStorage.shown``): notes, and what is thought of its people."""
SHOWN_PEOPLE = f"json_build_object({_PEOPLE})::text"
"""The same without the notes, over ``s``, a row of service_bookings, and ``b``."""
_ADD = text(
    f"""
    WITH held AS (SELECT id FROM bookings WHERE id = :booking FOR NO KEY UPDATE),
    n AS (
        INSERT INTO timeline_notes (booking_id, event_type, metadata, by_id, by_role)
        SELECT held.id, :event_type, CAST(:metadata AS jsonb), :by, :role FROM held
        WHERE (SELECT count(*) FROM timeline_notes WHERE booking_id = :booking) < {MOST}
        RETURNING *
    )
    SELECT {_NOTE}::text FROM n
    """  # noqa: S608 - constants of ours
)
_ARRIVED = text(
    "SELECT EXISTS (SELECT FROM timeline_notes WHERE booking_id = :booking AND by_id = :by AND event_type = :event)"
)


async def add_note(connection: AsyncConnection, booking_id: int, by: Actor, event_type: str, metadata: Json) -> Json:
    """A note in the timeline of a booking that is there.

    Raises:
        TooManyNotes: it has as many as it can have.
    """
    given = {"booking": booking_id, "event_type": event_type, "metadata": orjson.dumps(metadata).decode()}
    made = (await connection.execute(_ADD, {**given, "by": by.id, "role": str(by.role)})).scalar()
    if made is None:
        raise TooManyNotes(f"booking {booking_id} has {MOST} notes, more it cannot have")
    note: Json = orjson.loads(made)
    return note


async def has_arrived(connection: AsyncConnection, booking_id: int, provider: str) -> bool:
    """Whether the provider has said that he is there."""
    found = await connection.execute(_ARRIVED, {"booking": booking_id, "by": provider, "event": ARRIVED})
    return bool(found.scalar())
