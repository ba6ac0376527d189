"""Notices as rows: written with the version of a booking that they tell of, or by whoever tells of something else.

Each is told once: a row is there or not, and only a row that is new brings a push. The push waits in the same
transaction, so that neither is there without the other.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.database import Database
from domain.emails import BookingEmail
from domain.kind import BookingKind
from domain.notices import Notice

Json = dict[str, Any]

NOBODY_CHOOSES = "false"


@dataclass(frozen=True, slots=True)
class Notices:
    """A kind whose people are told of their bookings in the application: its schema has the tables of
    ``adapters.postgres.tables.notices``.

    ``unwanted``: a SQL condition over ``:person``, ``:about`` (a type of notice, or the slug of an e-mail) and
    ``:channel`` ("push" or "email"), which holds where that person has switched it off.
    """

    unwanted: str = NOBODY_CHOOSES


# Subtle but needed, as for e-mails: an equal version takes the place of one that was lost. A push of a notice that was
# there before is not written anew: it may have left. Who has no device gets no row that would only be removed again.
PROJECTED = """
    notices_deleted AS (
        DELETE FROM user_notifications AS old USING head, doc
        WHERE old.booking_id = head.id AND old.version >= head.version
            AND NOT (old.version = head.version AND d -> 'notices' @> jsonb_build_array(
                jsonb_build_object('person_id', old.user_id, 'type', old.type)))
        RETURNING old.id
    ),
    notices_written AS (
        INSERT INTO user_notifications (user_id, key, type, payload, booking_id, version)
        SELECT new.person_id, concat_ws('.', head.id, 'v' || head.version, new.type), new.type, new.payload,
            head.id, head.version
        FROM head, doc, jsonb_to_recordset(d -> 'notices') AS new (person_id text, type text, payload jsonb)
        WHERE (SELECT count(*) FROM notices_deleted) >= 0
        ORDER BY new.person_id, new.type
        ON CONFLICT (user_id, key) DO UPDATE SET payload = excluded.payload
        RETURNING id, user_id, type, xmax = 0 AS is_new
    ),
    pushes_of_notices AS (
        SELECT written.id, written.user_id, written.is_new, new.push, d #>> '{booking,kind}' AS kind
        FROM notices_written AS written, doc, jsonb_to_recordset(d -> 'notices') AS new (person_id text, type text,
            push jsonb)
        WHERE new.person_id = written.user_id AND new.type = written.type AND new.push IS NOT NULL
    ),
    pushes_deleted AS (
        DELETE FROM push_outbox AS old USING notices_deleted AS gone, doc
        WHERE old.kind = d #>> '{booking,kind}' AND old.notification_id = gone.id
    ),
    pushes_changed AS (
        UPDATE push_outbox AS old SET push = told.push FROM pushes_of_notices AS told
        WHERE NOT told.is_new AND old.kind = told.kind AND old.notification_id = told.id
    ),
    pushes_written AS (
        INSERT INTO push_outbox (kind, notification_id, person_id, booking_id, version, push)
        SELECT told.kind, told.id, told.user_id, head.id, head.version, told.push
        FROM head, pushes_of_notices AS told
        WHERE told.is_new AND EXISTS (SELECT FROM device_tokens AS d WHERE d.user_id = told.user_id)
    )"""
"""The part of the projection's statement for a kind with notices, over its ``doc`` and ``head``."""

_TELL = text(
    """
    WITH written AS (
        INSERT INTO user_notifications (user_id, key, type, payload, booking_id)
        VALUES (:person, :key, :type, CAST(:payload AS jsonb), CAST(:booking AS bigint))
        ON CONFLICT (user_id, key) DO NOTHING RETURNING id
    ),
    pushed AS (
        INSERT INTO push_outbox (kind, notification_id, person_id, booking_id, push, next_at)
        SELECT :kind, id, :person, CAST(:booking AS bigint), CAST(:push AS jsonb), now() + CAST(:after AS interval)
        FROM written WHERE CAST(:push AS jsonb) IS NOT NULL
    )
    SELECT id FROM written
    """
)


def notice_rows(notices: Iterable[Notice]) -> list[Json]:
    """The notices of a version, for the projection to write; a person gets one of each type."""
    return list(
        {
            (each.person_id, each.type): {
                "person_id": each.person_id,
                "type": each.type,
                "payload": dict(each.payload),
                "push": _shown(each),
            }
            for each in notices
        }.values()
    )


async def tell(
    connection: AsyncConnection,
    kind: str,
    notice: Notice,
    key: str,
    booking_id: int | None = None,
    after: timedelta = timedelta(0),
) -> int | None:
    """Tell a person of a ``kind`` what no move tells, in the caller's transaction; answers the id of the notice.

    None: it was told before, for the person has a notice of that ``key``. A device is shown it ``after`` so long,
    unless it was read by then.
    """
    push = _shown(notice)
    given: Mapping[str, Any] = {
        "kind": kind,
        "person": notice.person_id,
        "key": key,
        "type": notice.type,
        "payload": orjson.dumps(dict(notice.payload)).decode(),
        "booking": booking_id,
        "push": None if push is None else orjson.dumps(push).decode(),
        "after": after,
    }
    found: int | None = (await connection.execute(_TELL, given)).scalar()
    return found


class ReminderRows:
    """What the readers of a kind's e-mails without a move are told in the application as well."""

    def __init__(self, database: Database, kind: BookingKind[Any]) -> None:
        """``database`` finds the tables of the kind."""
        self._database = database
        self._kind = kind

    async def remind(self, email: BookingEmail) -> None:
        """Have it told, once: the e-mail's own number is in its key."""
        if (notice := self._kind.reminder(email)) is None:
            return
        async with self._database.write.begin() as connection:
            await tell(connection, self._kind.name, notice, email.identity, email.booking_id)


def _shown(notice: Notice) -> Json | None:
    return {"type": notice.type, "title": notice.title, "body": notice.body} if notice.title else None
