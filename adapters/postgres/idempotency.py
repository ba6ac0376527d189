"""One effect per user, route and Idempotency-Key: which request came first, and what was answered.

The claim is committed before the command, the response after it. A crash between the two is repaired by repeating:
Temporal knows the command by an id that is made of the claim.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from adapters.postgres.database import Database
from adapters.postgres.driver import Prepared
from adapters.postgres.visibility import viewer_of, visible_to
from domain.errors import IdempotencyMismatch
from domain.kind import BookingKind
from domain.people import Actor

_KNOWN = (
    "ON CONFLICT (user_id, route, key) DO UPDATE SET key = excluded.key"
    " RETURNING request_hash, booking_id, status, response, created_at, xmax = 0 AS fresh"
)
_CLAIM = Prepared(
    f"""
    INSERT INTO idempotency_keys AS known (user_id, route, key, request_hash, booking_id)
    VALUES (:user_id, :route, :key, :request_hash, CASE WHEN CAST(:mints AS boolean) THEN nextval('booking_ids') END)
    {_KNOWN}
    """  # noqa: S608 - constants of ours
)
# A request about a booking that its user does not see is not kept.
_CLAIM_IF_VISIBLE = f"""
    WITH seen AS (SELECT b.version FROM bookings AS b WHERE b.id = :id AND {{visible}}),
    claimed AS (
        INSERT INTO idempotency_keys AS known (user_id, route, key, request_hash)
        SELECT :user_id, :route, :key, :request_hash FROM seen
        {_KNOWN}
    )
    SELECT version, claimed.* FROM seen, claimed
    """  # noqa: S608 - constants of ours
_STORE = Prepared(
    """
    UPDATE idempotency_keys SET status = coalesce(status, :status), response = coalesce(response, :response)
    WHERE user_id = :user_id AND route = :route AND key = :key RETURNING status, response
    """
)
_ANSWER = Prepared(
    """
    SELECT status, response FROM idempotency_keys
    WHERE user_id = :user_id AND route = :route AND key = :key AND request_hash = :request_hash AND response IS NOT NULL
    """
)


@dataclass(frozen=True, slots=True)
class IdempotentRequest:
    """A request under a key: the user, the route with its path, the key, and a hash of the request."""

    user_id: str
    route: str
    key: str
    request_hash: str


@dataclass(frozen=True, slots=True)
class StoredResponse:
    """A status and a body, to be repeated byte by byte."""

    status: int
    body: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A claimed request. ``fresh``: nobody asked before. ``booking_id``: the number kept for the booking it makes."""

    request: IdempotentRequest
    booking_id: int | None
    response: StoredResponse | None
    fresh: bool
    since: datetime

    @property
    def request_id(self) -> str:
        """The id by which a booking does it once. A key that is used again after it was deleted is another request."""
        request = self.request
        parts = (request.user_id, request.route, request.key, self.since.isoformat())
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:40]


class IdempotencyKeys:
    """The table of idempotency keys."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim(self, request: IdempotentRequest, *, mints: bool = False) -> Claim:
        """Take the request, or find out how it went. ``mints``: keep a booking number for it.

        Raises:
            IdempotencyMismatch: the key was used for another request.
        """
        return _claim(request, await self._database.row(_CLAIM, **_key(request), mints=mints))

    async def claim_if_visible(
        self, request: IdempotentRequest, booking_id: int, kind: BookingKind[Any], viewer: Actor
    ) -> tuple[int, Claim] | None:
        """The same for a request about a booking, with its version; None when the viewer does not see it.

        Raises:
            IdempotencyMismatch: the key was used for another request.
        """
        statement = _if_visible(visible_to(viewer.role))
        row = await self._database.row(statement, id=booking_id, **viewer_of(kind, viewer), **_key(request))
        return None if row is None else (row["version"], _claim(request, row))

    async def answer(self, request: IdempotentRequest) -> StoredResponse | None:
        """What was answered to this very request before; it is not taken."""
        row = await self._database.row(_ANSWER, **_key(request))
        return StoredResponse(row["status"], row["response"]) if row else None

    async def store(self, request: IdempotentRequest, response: StoredResponse) -> StoredResponse:
        """Store the response; of several at once the first one stands, for all of them."""
        given = {**_key(request), "status": response.status, "response": response.body}
        del given["request_hash"]
        row = await self._database.row(_STORE, **given)
        return StoredResponse(row["status"], row["response"]) if row else response


@cache
def _if_visible(visible: str) -> Prepared:
    return Prepared(_CLAIM_IF_VISIBLE.format(visible=visible))


def _claim(request: IdempotentRequest, row: Any) -> Claim:
    if row["request_hash"] != request.request_hash:
        raise IdempotencyMismatch
    response = StoredResponse(row["status"], row["response"]) if row["response"] is not None else None
    return Claim(request, row["booking_id"], response, row["fresh"], row["created_at"])


def _key(request: IdempotentRequest) -> dict[str, str]:
    return {
        "user_id": request.user_id,
        "route": request.route,
        "key": request.key,
        "request_hash": request.request_hash,
    }
