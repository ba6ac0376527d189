"""Lists of what somebody was told, and of their devices."""

from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.listings import Listing, SortColumn
from adapters.postgres.sql_format import INSTANT
from adapters.postgres.statements import Json, one, write
from domain.errors import NotFound

MOST_DEVICES = 10

_ROWS = f"""
    SELECT n.id, n.user_id, n.type, n.payload, n.is_read, {INSTANT.format("n.created_at")} AS created_at
    FROM user_notifications AS n WHERE n.user_id = :person
"""  # noqa: S608 - constants of ours
NOTIFICATIONS = Listing(
    f"{_ROWS} AND (CAST(:is_read AS boolean) IS NULL OR n.is_read = :is_read)"
    " AND (CAST(:type AS text) IS NULL OR n.type = :type)",
    (SortColumn("id", descending=True),),
    beside="SELECT json_build_object('unread', count(*)) FROM user_notifications AS u"
    " WHERE u.user_id = :person AND NOT u.is_read",
)
"""What a person was told, the newest first; beside it how much of it, whatever is asked for, is unread."""
_READ = "UPDATE user_notifications SET is_read = true WHERE id = :id AND user_id = :person RETURNING id"
_READ_ALL = """
    WITH read AS (
        UPDATE user_notifications SET is_read = true WHERE user_id = :person AND NOT is_read RETURNING 1
    )
    SELECT count(*) FROM read
"""

_DEVICE = f"SELECT d.id, d.platform, {INSTANT.format('d.created_at')} AS created_at FROM device_tokens AS d"  # noqa: S608
DEVICES = Listing(f"{_DEVICE} WHERE d.user_id = :person", (SortColumn("id", descending=True),))
"""The devices of a person, the newest first."""
# A device that is registered again is the newest again; one of somebody else is theirs no longer.
_FORGET = "DELETE FROM device_tokens WHERE token = :token"
_REGISTER = """
    INSERT INTO device_tokens (user_id, token, platform) VALUES (:person, :token, :platform)
    ON CONFLICT (token) DO UPDATE SET user_id = excluded.user_id, platform = excluded.platform, created_at = now()
    RETURNING id
"""
_ONLY_NEWEST = f"""
    DELETE FROM device_tokens WHERE user_id = :person AND id NOT IN (
        SELECT id FROM device_tokens WHERE user_id = :person ORDER BY id DESC LIMIT {MOST_DEVICES})
"""  # noqa: S608 - constants of ours
_REMOVE = "DELETE FROM device_tokens WHERE id = :id AND user_id = :person RETURNING id"


async def mark_read(connection: AsyncConnection, person_id: str, notification_id: int) -> Json:
    """The notification, read now or before.

    Raises:
        NotFound: they have none of that id.
    """
    await write(connection, _READ, id=notification_id, person=person_id)
    found = await one(connection, f"{_ROWS} AND n.id = :id", id=notification_id, person=person_id)
    if found is None:
        raise NotFound(f"there is no notification {notification_id}")
    return found


async def mark_all_read(connection: AsyncConnection, person_id: str) -> int:
    """Read everything; answers how much of it was not."""
    return int(await write(connection, _READ_ALL, person=person_id))


async def register_device(connection: AsyncConnection, person_id: str, token: str, platform: str) -> Json:
    """A device of this person from now on, whosever it was; beyond ten the oldest goes."""
    await write(connection, _FORGET, token=token)
    device = await write(connection, _REGISTER, person=person_id, token=token, platform=platform)
    await write(connection, _ONLY_NEWEST, person=person_id)
    return await one(connection, f"{_DEVICE} WHERE d.id = :id", id=device) or {}


async def remove_device(connection: AsyncConnection, person_id: str, device_id: int) -> None:
    """No push goes there any more.

    Raises:
        NotFound: they have no such device.
    """
    if await write(connection, _REMOVE, id=device_id, person=person_id) is None:
        raise NotFound(f"there is no device {device_id}")
