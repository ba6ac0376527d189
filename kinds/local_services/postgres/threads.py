"""Threads: who may begin one, which there are, who has stopped one."""

from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.listings import Listing, SortColumn
from adapters.postgres.sql_format import INSTANT
from adapters.postgres.statements import Json, one
from domain.errors import Invalid, NotFound, NotYours
from kinds.local_services.domain.booking import KIND

MESSAGE = f"""json_build_object('id', m.id, 'thread_id', m.thread_id, 'sender_id', m.sender_id, 'content', m.content,
    'message_type', m.message_type, 'read_at', {INSTANT.format("m.read_at")},
    'sent_at', {INSTANT.format("m.sent_at")}, 'client_id', m.client_id)"""
"""A message as its readers get it, over ``m``."""
_OTHER = """(
    SELECT json_build_object('id', u.id, 'role', r.name, 'first_name', u.first_name,
        'last_name', CASE WHEN u.last_name = '' THEN '' ELSE left(u.last_name, 1) || '.' END, 'avatar_url', u.photo)
    FROM users AS u JOIN roles AS r ON r.id = u.role_id
    WHERE u.id = CASE t.initiator_id WHEN :viewer THEN t.receiver_id ELSE t.initiator_id END
)"""
_ROW = f"""
    SELECT t.id, t.booking_id, t.initiator_id, t.receiver_id, {INSTANT.format("t.last_message_at")} AS last_message_at,
        {INSTANT.format("t.created_at")} AS created_at, {_OTHER} AS other,
        (SELECT count(*) FROM messages AS m
            WHERE m.thread_id = t.id AND m.read_at IS NULL AND m.sender_id <> :viewer) AS unread,
        (SELECT {MESSAGE} FROM messages AS m WHERE m.thread_id = t.id ORDER BY m.id DESC LIMIT 1) AS last_message,
        array_remove(ARRAY[CASE WHEN t.stopped_by_initiator THEN t.initiator_id END,
            CASE WHEN t.stopped_by_receiver THEN t.receiver_id END], NULL) AS blocked_by,
        coalesce(t.last_message_at, t.created_at) AS place_at
    FROM threads AS t
"""  # noqa: S608 - constants of ours
_OWN = ":viewer IN (t.initiator_id, t.receiver_id)"
_NEWEST = (SortColumn("place_at", "timestamptz", descending=True), SortColumn("id", descending=True))
_OWN_ROWS = f"{_ROW} WHERE {_OWN} AND (CAST(:booking_id AS bigint) IS NULL OR t.booking_id = :booking_id)"
THREADS = Listing(_OWN_ROWS, _NEWEST)
"""Those of a ``viewer``, the newest first."""
UNREAD_FIRST = Listing(
    f"SELECT o.*, CAST(o.unread > 0 AS integer) AS place_unread FROM ({_OWN_ROWS}) AS o",  # noqa: S608 - as above
    (SortColumn("place_unread", descending=True), *_NEWEST),
)
OF_BOOKING = Listing(f"{_ROW} WHERE t.booking_id = :booking_id", _NEWEST)
"""All of a booking, for whoever has to decide about it."""

_PERSON = text(
    """
    SELECT EXISTS (
            SELECT FROM listings AS l WHERE l.provider_id = u.id AND l.is_active AND l.deleted_at IS NULL
        ) AS offers,
        EXISTS (
            SELECT FROM booking_participants AS a JOIN booking_participants AS b USING (booking_id)
            WHERE a.person_id = :viewer AND b.person_id = u.id
        ) AS met
    FROM users AS u JOIN roles AS r ON r.id = u.role_id LEFT JOIN profiles AS p ON p.user_id = u.id
    WHERE u.id = :person AND u.deleted_at IS NULL AND r.name <> 'admin' AND p.blocked_at IS NULL
    """
)
_PARTIES = text(
    """
    SELECT count(DISTINCT person_id) FROM booking_participants
    WHERE booking_id = :booking_id AND person_id IN (:viewer, :person)
    """
)
_FIND = text(
    """
    SELECT id FROM threads
    WHERE LEAST(initiator_id, receiver_id) = LEAST(CAST(:viewer AS text), CAST(:person AS text))
        AND GREATEST(initiator_id, receiver_id) = GREATEST(CAST(:viewer AS text), CAST(:person AS text))
        AND COALESCE(booking_id, 0::bigint) = COALESCE(CAST(:booking_id AS bigint), 0)
    """
)
_BEGIN = text(
    """
    INSERT INTO threads (booking_id, initiator_id, receiver_id) VALUES (:booking_id, :viewer, :person)
    ON CONFLICT DO NOTHING RETURNING id
    """
)
_DISPUTED = text(
    """
    SELECT EXISTS (
        SELECT FROM bookings AS b WHERE b.id = :booking_id AND b.kind = :kind AND b.state ->> 'dispute' IS NOT NULL
            AND b.state #>> '{dispute,withdrawn_at}' IS NULL
            AND coalesce(CAST(b.state #>> '{dispute,decision,at}' AS timestamptz) > now() - interval '30 days', true)
    )
    """
)
_STOP = text(
    """
    UPDATE threads SET
        stopped_by_initiator = CASE initiator_id WHEN :viewer THEN :stopped ELSE stopped_by_initiator END,
        stopped_by_receiver = CASE receiver_id WHEN :viewer THEN :stopped ELSE stopped_by_receiver END
    WHERE id = :id AND :viewer IN (initiator_id, receiver_id) RETURNING id
    """
)


async def thread_of(connection: AsyncConnection, thread_id: int, viewer: str) -> Json:
    """A thread as one of its two sees it.

    Raises:
        NotFound: there is none, or it is not theirs.
    """
    found = await one(connection, f"{_ROW} WHERE t.id = :id AND {_OWN}", id=thread_id, viewer=viewer)
    if found is None:
        raise no_thread(thread_id)
    return found


async def thread_of_booking(connection: AsyncConnection, thread_id: int) -> Json:
    """A thread about a disputed booking, as whoever has to decide reads it: nothing is unread.

    Raises:
        NotFound: there is none, or nothing is to be decided about its booking.
    """
    found = await one(connection, f"{_ROW} WHERE t.id = :id AND t.booking_id IS NOT NULL", id=thread_id, viewer="")
    if found is None or not await is_disputed(connection, found["booking_id"]):
        raise no_thread(thread_id)
    return found


async def is_disputed(connection: AsyncConnection, booking_id: int) -> bool:
    """Whether a dispute of a booking is open, or was decided within the last thirty days."""
    return bool((await connection.execute(_DISPUTED, {"booking_id": booking_id, "kind": KIND})).scalar_one())


async def open_thread(
    connection: AsyncConnection, viewer: str, person: str, booking_id: int | None
) -> tuple[int, bool]:
    """The thread of two people about a booking, or about none, and whether it was begun now.

    Raises:
        Invalid: with oneself.
        NotFound: there is no such person, or no booking of both.
        NotYours: they have nothing to do with each other, and this person offers nothing.
    """
    if person == viewer:
        raise Invalid("a thread is between two people")
    given = {"viewer": viewer, "person": person, "booking_id": booking_id}
    other = (await connection.execute(_PERSON, {"viewer": viewer, "person": person})).first()
    if other is None:
        raise NotFound(f"there is nobody called {person}")
    if booking_id is not None and (await connection.execute(_PARTIES, given)).scalar_one() != 2:
        raise NotFound(f"there is no booking {booking_id} of you two")
    if (known := (await connection.execute(_FIND, given)).scalar()) is not None:
        return int(known), False
    if booking_id is None and not (other.offers or other.met):
        raise NotYours("you may write to whoever offers a service, or has a booking with you")
    begun = (await connection.execute(_BEGIN, given)).scalar()
    if begun is None:  # by somebody else, at this moment
        return int((await connection.execute(_FIND, given)).scalar_one()), False
    return int(begun), True


async def stop_thread(connection: AsyncConnection, thread_id: int, viewer: str, *, stopped: bool) -> None:
    """Neither of the two writes from now on, until whoever stopped it takes that back.

    Raises:
        NotFound: there is no such thread of theirs.
    """
    given: dict[str, Any] = {"id": thread_id, "viewer": viewer, "stopped": stopped}
    if (await connection.execute(_STOP, given)).scalar() is None:
        raise no_thread(thread_id)


def no_thread(thread_id: int) -> NotFound:
    """What whoever has no part in it is told as well."""
    return NotFound(f"there is no thread {thread_id}")
