"""What both parties of a booking are told live of each move: its version, a message in their thread about it, and the
notifications of that version. One statement, for every move has it."""

from adapters.postgres.driver import Prepared, StatementRunner
from kinds.local_services.domain.booking import ServiceBooking
from kinds.local_services.postgres.notices import SHOWN_NOTIFICATION
from kinds.local_services.postgres.threads import MESSAGE

# A version that is written again, maybe as another move, has one message. Each event has a key, and is told once.
# Whoever sends a message holds its thread before the feeds of both, and so does this: the feeds wait for ``dated``.
_TELL = Prepared(
    f"""
    WITH said AS (
        INSERT INTO messages (thread_id, content, message_type, version)
        SELECT t.id, :content, 'SYSTEM', :version FROM threads AS t WHERE t.booking_id = :booking_id ORDER BY t.id
        ON CONFLICT (thread_id, version) WHERE version IS NOT NULL
            DO UPDATE SET content = excluded.content WHERE messages.content <> excluded.content
        RETURNING *
    ),
    dated AS (
        UPDATE threads AS t SET last_message_at = said.sent_at FROM said WHERE t.id = said.thread_id RETURNING t.id
    ),
    parties AS (SELECT * FROM unnest(CAST(:people AS text[])) AS party (id)),
    told (part, number, user_id, type, data, key) AS (
        SELECT 1, 0, parties.id, 'booking', jsonb_build_object('booking_id', CAST(:booking_id AS bigint),
            'version', CAST(:version AS int), 'status', CAST(:status AS text)), CAST(:key AS text)
        FROM parties
        UNION ALL
        SELECT 2, m.id, parties.id, 'message', CAST({MESSAGE} AS jsonb), concat_ws(' ', 'message', m.id, :key)
        FROM said AS m, parties
        UNION ALL
        SELECT 3, n.id, n.user_id, 'notification', CAST({SHOWN_NOTIFICATION} AS jsonb), 'notification ' || n.id
        FROM user_notifications AS n WHERE n.booking_id = :booking_id AND n.version = :version
    )
    SELECT append_to_feed(told.events) FROM (
        SELECT jsonb_agg(jsonb_build_object('user_id', user_id, 'type', type, 'data', data, 'key', key)
            ORDER BY part, number) AS events FROM told
    ) AS told WHERE (SELECT count(*) FROM dated) >= 0
    """  # noqa: S608 - constants of ours
)


async def tell_move(runner: StatementRunner, booking: ServiceBooking) -> None:
    """Part of writing a version (``KindStorage.beside``), after its rows and last: it locks the feeds of all whom it
    tells, until the end of the transaction."""
    event = booking.event
    await runner.row(
        _TELL,
        booking_id=booking.id,
        version=booking.version,
        status=str(booking.status),
        content=f"Booking {booking.id}: {event.action} ({event.status})",
        key=f"{booking.id} {booking.version} {event.action} {event.at.isoformat()}",
        people=[booking.requester, booking.provider],
    )
