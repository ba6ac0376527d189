"""How people of local services are told of what happens: which of it they want on their devices and by mail, and what
is told beside the moves of bookings."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.personal_data import Held
from adapters.postgres.notices import Notices, tell
from adapters.postgres.retention import Rule
from adapters.postgres.sql_format import INSTANT
from domain.notices import Notice
from kinds.local_services.domain.booking import KIND
from kinds.local_services.domain.told import title_of
from kinds.local_services.postgres.feed import FeedEvent, append_to_feeds

# Of a type and of its mail: "booking.offer" and "booking-offer".
_UNWANTED = """
    EXISTS (SELECT FROM profiles AS p, jsonb_each(p.notification_preferences) AS chosen (type, wanted)
        WHERE p.user_id = CAST(:person AS text) AND chosen.wanted ->> CAST(:channel AS text) = 'false'
            AND replace(chosen.type, '.', '-') = replace(CAST(:about AS text), '.', '-'))
"""
NOTICES = Notices(_UNWANTED)

NOTICES_DATA: Mapping[str, Held] = {
    "user_notifications": Held(
        personal="user_id key payload",
        plain="type",
        what="what somebody was told of their bookings, messages and account",
        leaving="goes",
        erase="DELETE FROM user_notifications WHERE user_id = ANY(:people)",
        theirs="t.user_id = ANY(:people)",
        exported="type, payload, is_read, created_at",
    ),
    "device_tokens": Held(
        personal="user_id token",
        plain="platform",
        what="by which address the push service reaches somebody's devices",
        leaving="goes",
        erase="DELETE FROM device_tokens WHERE user_id = ANY(:people)",
        theirs="t.user_id = ANY(:people)",
        exported="platform, created_at",
    ),
}
RETENTION_OF_NOTICES: Mapping[str, Rule] = {
    "user_notifications": Rule("90 days", "t.created_at < now() - interval '90 days'"),
    "device_tokens": Rule(
        "until the person takes it off, the push service does not know it any more, or ten are newer"
    ),
}
SHOWN_NOTIFICATION = f"""
    json_build_object('id', n.id, 'user_id', n.user_id, 'type', n.type, 'payload', n.payload, 'is_read', n.is_read,
        'created_at', {INSTANT.format("n.created_at")})
"""
"""SQL over ``n``, a row of notifications: as its reader sees it."""


_NOTIFICATION = text(f"SELECT {SHOWN_NOTIFICATION} FROM user_notifications AS n WHERE n.id = :id")  # noqa: S608 - ours


async def tell_person(
    connection: AsyncConnection,
    user_id: str,
    kind: str,
    payload: Mapping[str, Any],
    key: str,
    *,
    body: str = "",
    booking_id: int | None = None,
    after: timedelta = timedelta(0),
) -> int | None:
    """Tell somebody what no move tells (a message, a login elsewhere), in the caller's transaction and last in it.

    ``kind``: a type of ``domain.notices``. ``key``: what makes it this and nothing else; told before, it is None that
    is answered, else the id of the notification. ``after``: so long a device waits, and shows nothing of what was read
    by then.
    """
    notice = Notice(user_id, kind, payload, title_of(kind), body)
    told = await tell(connection, KIND, notice, key, booking_id, after)
    if told is not None:
        shown = (await connection.execute(_NOTIFICATION, {"id": told})).scalar_one()
        await append_to_feeds(connection, [_event(user_id, shown)])
    return told


def _event(user_id: str, shown: dict[str, Any]) -> FeedEvent:
    return FeedEvent(user_id, "notification", shown, f"notification {shown['id']}")
