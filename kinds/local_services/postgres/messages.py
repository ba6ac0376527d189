"""Messages: sending, reading, and telling both people of it."""

from dataclasses import dataclass
from datetime import timedelta

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.database import Database
from adapters.postgres.driver import Prepared
from adapters.postgres.statements import Json
from domain.errors import NotAllowed
from kinds.local_services.domain.notices import MESSAGE_RECEIVED
from kinds.local_services.postgres.feed import FeedEvent, append_to_feeds
from kinds.local_services.postgres.notices import tell_person
from kinds.local_services.postgres.threads import MESSAGE, no_thread

_HOLD = text(
    """
    SELECT initiator_id, receiver_id, stopped_by_initiator OR stopped_by_receiver AS stopped FROM threads
    WHERE id = :thread_id AND :viewer IN (initiator_id, receiver_id) FOR NO KEY UPDATE
    """
)
_OTHER = Prepared(
    """
    SELECT CASE initiator_id WHEN :viewer THEN receiver_id ELSE initiator_id END FROM threads
    WHERE id = :thread_id AND :viewer IN (initiator_id, receiver_id)
        AND NOT stopped_by_initiator AND NOT stopped_by_receiver
    """
)
_UNREAD = "w.thread_id = :thread_id AND w.sender_id = :viewer AND w.read_at IS NULL"
# A repeat is answered with what was stored first; whoever repeats holds the thread, so the first one is there.
_ADD = text(
    f"""
    WITH added AS (
        INSERT INTO messages (thread_id, sender_id, content, message_type, client_id)
        VALUES (:thread_id, :viewer, :content, :message_type, :client_id)
        ON CONFLICT (thread_id, sender_id, client_id) WHERE client_id IS NOT NULL DO NOTHING RETURNING *
    ),
    dated AS (UPDATE threads AS t SET last_message_at = added.sent_at FROM added WHERE t.id = added.thread_id),
    waiting AS (SELECT EXISTS (SELECT FROM messages AS w WHERE {_UNREAD}) AS others)
    SELECT {MESSAGE}::text AS message, true AS added, waiting.others FROM added AS m, waiting
    UNION ALL SELECT {MESSAGE}::text, false, true FROM messages AS m
    WHERE m.thread_id = :thread_id AND m.sender_id = :viewer AND m.client_id = CAST(:client_id AS text)
        AND NOT EXISTS (SELECT FROM added)
    """  # noqa: S608 - constants of ours
)
_KNOWN = text(
    f"""
    SELECT {MESSAGE}::text FROM messages AS m
    WHERE m.thread_id = :thread_id AND m.sender_id = :viewer AND m.client_id = CAST(:client_id AS text)
    """  # noqa: S608 - a constant of ours
)
_READ = text(
    """
    UPDATE messages SET read_at = now()
    WHERE thread_id = :thread_id AND id <= :last_id AND sender_id <> :viewer AND read_at IS NULL RETURNING id
    """
)
# What told of a stretch of messages that nobody has read is read with the last of them.
_NOTICE_READ = text(
    """
    UPDATE user_notifications SET is_read = true
    WHERE user_id = :viewer AND NOT is_read AND type = :type AND payload ->> 'thread_id' = CAST(:thread_id AS text)
        AND NOT EXISTS (
            SELECT FROM messages AS w WHERE w.thread_id = CAST(CAST(:thread_id AS text) AS integer)
                AND w.sender_id <> :viewer AND w.read_at IS NULL
        )
    """
)
_PAGE = f"""
    SELECT {MESSAGE}::text AS message FROM messages AS m WHERE m.thread_id = :thread_id
        AND (CAST(:before_id AS bigint) IS NULL OR m.id < :before_id)
        AND (CAST(:after_id AS bigint) IS NULL OR m.id > :after_id)
    ORDER BY m.id {{}} LIMIT :most
"""  # noqa: S608 - constants of ours
_FROM_THE_END, _FROM_A_PLACE = text(_PAGE.format("DESC")), text(_PAGE.format("ASC"))


class Blocked(NotAllowed):
    """One of you has stopped this conversation"""


@dataclass(frozen=True, slots=True)
class Words:
    """What somebody says: text, or the path of a picture. ``client_id`` is the sender's own, and good once."""

    content: str
    message_type: str = "TEXT"
    client_id: str | None = None


async def send_message(
    connection: AsyncConnection, thread_id: int, sender: str, words: Words, push_after: timedelta
) -> Json:
    """Say something, and tell both people of it when the transaction commits. A repeat answers as the first did, and
    tells nobody. The first of a stretch that is not read is a notification as well, which waits ``push_after`` so long
    before it is shown on devices, and shows nothing of what was read by then.

    Raises:
        NotFound: there is no such thread of theirs.
        Blocked: one of the two has stopped it.
    """
    given = {"thread_id": thread_id, "viewer": sender}
    thread = (await connection.execute(_HOLD, given)).first()
    if thread is None:
        raise no_thread(thread_id)
    said = {"content": words.content, "message_type": words.message_type, "client_id": words.client_id}
    if thread.stopped:
        known = (await connection.execute(_KNOWN, {**given, "client_id": words.client_id})).scalar()
        if known is None:
            raise Blocked
        return orjson.loads(known)  # type: ignore[no-any-return]
    row = (await connection.execute(_ADD, {**given, **said})).one()
    message: Json = orjson.loads(row.message)
    if row.added:
        people = (thread.initiator_id, thread.receiver_id)
        await append_to_feeds(connection, [FeedEvent(person, "message", message) for person in people])
        if not row.others:
            await _notice(connection, people[sender == people[0]], message, push_after)
    return message


async def _notice(connection: AsyncConnection, receiver: str, message: Json, after: timedelta) -> None:
    payload = {"thread_id": message["thread_id"], "message_id": message["id"], "sender_id": message["sender_id"]}
    await tell_person(connection, receiver, MESSAGE_RECEIVED, payload, f"message.{message['id']}", after=after)


async def read_messages(connection: AsyncConnection, thread_id: int, reader: str, last_id: int) -> None:
    """Mark what the other one has sent, up to a message, and tell both of it.

    Raises:
        NotFound: there is no such thread of theirs.
    """
    given = {"thread_id": thread_id, "viewer": reader}
    thread = (await connection.execute(_HOLD, given)).first()
    if thread is None:
        raise no_thread(thread_id)
    read = list((await connection.execute(_READ, {**given, "last_id": last_id})).scalars())
    if read:
        await connection.execute(
            _NOTICE_READ, {"viewer": reader, "type": MESSAGE_RECEIVED, "thread_id": str(thread_id)}
        )
        data = {"thread_id": thread_id, "last_id": max(read), "reader_id": reader}
        people = (thread.initiator_id, thread.receiver_id)
        await append_to_feeds(connection, [FeedEvent(person, "read", data) for person in people])


async def messages_of(
    connection: AsyncConnection, thread_id: int, limit: int, before_id: int | None = None, after_id: int | None = None
) -> list[Json]:
    """Some messages of a thread, the oldest first: the last ones before a message, or the first ones after one."""
    given = {"thread_id": thread_id, "before_id": before_id, "after_id": after_id, "most": limit}
    statement = _FROM_THE_END if after_id is None else _FROM_A_PLACE
    found = [orjson.loads(row) for row in (await connection.execute(statement, given)).scalars()]
    return found[::-1] if after_id is None else found


async def other_in(database: Database, thread_id: int, viewer: str) -> str | None:
    """With whom somebody writes in a thread; None if it is not theirs, or stopped."""
    row = await database.row(_OTHER, thread_id=thread_id, viewer=viewer)
    return str(row[0]) if row else None
