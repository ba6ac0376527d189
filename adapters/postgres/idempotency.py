"""One deed per user, route and Idempotency-Key: what was asked first, and what was answered.

The claim is committed before the deed, the answer after it. A crash between the two is healed by repeating: the deed
itself is known to Temporal by an id that is made of the claim.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from adapters.postgres.engine import Database
from domain.errors import IdempotencyMismatch

KEPT_FOR = "7 days"

_CLAIM = text(
    """
    INSERT INTO idempotency_keys AS known (user_id, route, key, request_hash, booking_id)
    VALUES (:user_id, :route, :key, :request_hash, CASE WHEN CAST(:mints AS boolean) THEN nextval('booking_ids') END)
    ON CONFLICT (user_id, route, key) DO UPDATE SET key = excluded.key
    RETURNING request_hash, booking_id, status, response, created_at, xmax = 0 AS fresh
    """
)
_REMEMBER = text(
    """
    UPDATE idempotency_keys SET status = coalesce(status, :status), response = coalesce(response, :response)
    WHERE user_id = :user_id AND route = :route AND key = :key RETURNING status, response
    """
)
_FORGET = text(
    f"DELETE FROM idempotency_keys WHERE created_at < now() - interval '{KEPT_FOR}'"  # noqa: S608 - a constant of ours
)


@dataclass(frozen=True, slots=True)
class Errand:
    """What a user wants done: the route with its path, their key, and a hash of the request."""

    user_id: str
    route: str
    key: str
    request_hash: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and a body, to be repeated byte by byte."""

    status: int
    body: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A claimed errand. ``fresh``: nobody asked before. ``booking_id``: the number kept for the booking it makes."""

    errand: Errand
    booking_id: int | None
    answer: Answer | None
    fresh: bool
    since: datetime

    @property
    def update_id(self) -> str:
        """The id that makes Temporal do it once. A key that is used again after it was forgotten is another deed."""
        errand = self.errand
        parts = (errand.user_id, errand.route, errand.key, self.since.isoformat())
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:40]


class IdempotencyKeys:
    """The table of errands."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim(self, errand: Errand, *, mints: bool = False) -> Claim:
        """Take the errand, or find out how it went. ``mints``: keep a booking number for it.

        Raises:
            IdempotencyMismatch: the key was used for another request.
        """
        async with self._database.read.connect() as connection:
            row = (await connection.execute(_CLAIM, {**_key(errand), "mints": mints})).one()
        if row.request_hash != errand.request_hash:
            raise IdempotencyMismatch
        answer = Answer(row.status, row.response) if row.response is not None else None
        return Claim(errand, row.booking_id, answer, row.fresh, row.created_at)

    async def remember(self, errand: Errand, answer: Answer) -> Answer:
        """Keep the answer; of several at once the first one stands, for all of them."""
        given = {**_key(errand), "status": answer.status, "response": answer.body}
        del given["request_hash"]
        async with self._database.read.connect() as connection:
            row = (await connection.execute(_REMEMBER, given)).first()
        return Answer(row.status, row.response) if row else answer

    async def forget_old(self) -> int:
        """Delete what nobody will repeat any more; for the worker's sweep."""
        async with self._database.read.connect() as connection:
            return (await connection.execute(_FORGET)).rowcount


def _key(errand: Errand) -> dict[str, str]:
    return {
        "user_id": errand.user_id,
        "route": errand.route,
        "key": errand.key,
        "request_hash": errand.request_hash,
    }
