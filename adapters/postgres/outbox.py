"""E-mails of bookings on their way: written with the version that causes them, read by the one that sends them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson
from pydantic import TypeAdapter

from adapters.postgres.database import Database
from adapters.postgres.driver import Prepared
from domain.emails import BookingEmail

# The later ones of a booking and person wait for one that was not tried often yet, so that they arrive in their order.
_DUE = Prepared(
    """
    SELECT coalesce(json_agg(waiting), '[]')::text AS due FROM (
        SELECT o.booking_id, o.version, o.slug, o.person_id, o.attempts,
            CAST(extract(epoch FROM now() - o.created_at) AS float8) AS age, b.kind
        FROM outbox AS o JOIN bookings AS b ON b.id = o.booking_id
        WHERE o.next_at <= now() AND NOT EXISTS (
            SELECT FROM outbox AS earlier
            WHERE earlier.booking_id = o.booking_id AND earlier.person_id = o.person_id
                AND (earlier.version, earlier.place) < (o.version, o.place) AND earlier.attempts < :holding
        )
        ORDER BY o.next_at, o.booking_id, o.version, o.place LIMIT :limit
    ) AS waiting
    """
)
_KEY = "booking_id = :booking_id AND version = :version AND slug = :slug AND person_id = :person_id"
# What was sent before is known by the mail's identity, as the log has it.
_CLAIM = Prepared(
    f"""
    UPDATE outbox AS o SET attempts = attempts + 1, next_at = now() + CAST(:lasting AS interval)
    WHERE {_KEY} AND next_at <= now()
    RETURNING mail::text AS mail, EXISTS (
        SELECT FROM notifications AS n WHERE n.identity = concat_ws('.', o.booking_id, o.slug, o.mail ->> 'sequence')
            AND n.resend = 0 AND n.sent_at IS NOT NULL
    ) AS was_sent
    """  # noqa: S608 - ours
)
_POSTPONE = Prepared(f"UPDATE outbox SET next_at = now() + CAST(:pause AS interval) WHERE {_KEY}")  # noqa: S608 - ours
_REMOVE = Prepared(f"DELETE FROM outbox WHERE {_KEY}")  # noqa: S608 - ours
Json = dict[str, Any]
_EMAIL: TypeAdapter[BookingEmail] = TypeAdapter(BookingEmail)


@dataclass(frozen=True, slots=True)
class PendingEmail:
    """An e-mail that waits: since when, and how many attempts were made."""

    kind: str
    booking_id: int
    version: int
    slug: str
    person_id: str
    attempts: int
    age: timedelta

    @property
    def key(self) -> dict[str, Any]:
        """What names its row."""
        return {name: getattr(self, name) for name in ("booking_id", "version", "slug", "person_id")}


def outbox_rows(emails: Sequence[BookingEmail]) -> list[Json]:
    """The rows of a version's e-mails, for the projection to write; a person gets one of each slug."""
    rows = {
        (str(email.slug), email.person_id): {
            "slug": str(email.slug),
            "person_id": email.person_id,
            "place": place,
            "mail": _EMAIL.dump_python(email, mode="json"),
        }
        for place, email in enumerate(emails)
    }
    return list(rows.values())


class OutboxRows:
    """The outbox in PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def due(self, limit: int, holding: int) -> list[PendingEmail]:
        """What may be worked on now: of each booking and person the first that waits.

        An e-mail that was tried ``holding`` times holds up no later ones any more.
        """
        row = await self._database.row(_DUE, limit=limit, holding=holding)
        return [PendingEmail(**each | {"age": timedelta(seconds=each["age"])}) for each in orjson.loads(row["due"])]

    async def claim(self, email: PendingEmail, lasting: timedelta) -> tuple[BookingEmail, bool] | None:
        """Take it, for so long, and learn whether it was sent before; None when somebody else has it, or it is gone."""
        row = await self._database.row(_CLAIM, **email.key, lasting=lasting)
        return None if row is None else (_EMAIL.validate_json(row["mail"]), row["was_sent"])

    async def postpone(self, email: PendingEmail, pause: timedelta) -> None:
        """Not before that much later."""
        await self._database.row(_POSTPONE, **email.key, pause=pause)

    async def remove(self, email: PendingEmail) -> None:
        """It was sent before, needs not be sent, or is given up; when it is sent, the log removes it."""
        await self._database.row(_REMOVE, **email.key)
