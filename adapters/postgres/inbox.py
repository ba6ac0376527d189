"""Webhook messages of the payment provider, durable before they are answered."""

import hashlib
from dataclasses import dataclass

from sqlalchemy import text

from adapters.postgres.engine import Database

RECEIVED, PARKED, DELIVERED = "received", "parked", "delivered"

# Two uniques, any of which may say "known": the event id is not signed, the body is. Whom it concerns is found by the
# order and the refund that we stored, never by what the body claims about a booking.
_KEEP = text(
    """
    WITH kept AS (
        INSERT INTO webhook_inbox (event_id, body_sha256, event, body, order_id, payment_id, refund_id, dispute_id,
            state)
        VALUES (:event_id, :body_sha256, :event, :body, :order_id, :payment_id, :refund_id, :dispute_id, :state)
        ON CONFLICT DO NOTHING RETURNING id, order_id, payment_id, refund_id
    )
    SELECT kept.id, p.booking_id, coalesce(kept.order_id, p.order_id) AS order_id,
        (SELECT r.key FROM refunds AS r WHERE r.refund_id = kept.refund_id OR r.key = CAST(:receipt AS text) LIMIT 1)
            AS refund_key
    FROM kept LEFT JOIN LATERAL (
        SELECT booking_id, order_id FROM payments WHERE order_id = kept.order_id OR payment_id = kept.payment_id LIMIT 1
    ) AS p ON true
    """
)
_DELIVERED = text(
    "UPDATE webhook_inbox SET state = 'delivered', delivered_at = now()"
    " WHERE id = ANY(CAST(:ids AS bigint[])) AND state = 'received'"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A signed message. ``state`` is ``parked`` when nothing can be done about it but looking."""

    event_id: str | None
    event: str
    body: bytes
    order_id: str | None = None
    payment_id: str | None = None
    refund_id: str | None = None
    dispute_id: str | None = None
    receipt: str | None = None
    state: str = RECEIVED


@dataclass(frozen=True, slots=True)
class Kept:
    """A message that is new; the booking whose order, and the refund (by its key), that it speaks of."""

    id: int
    booking_id: int | None
    order_id: str | None
    refund_key: str | None


class Inbox:
    """The table of webhooks."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, word: Word) -> Kept | None:
        """Store a message; None when it is known already. Committed when this returns."""
        given = {
            "event_id": word.event_id,
            "body_sha256": hashlib.sha256(word.body).hexdigest(),
            "event": word.event,
            "body": word.body,
            "order_id": word.order_id,
            "payment_id": word.payment_id,
            "refund_id": word.refund_id,
            "dispute_id": word.dispute_id,
            "receipt": word.receipt,
            "state": word.state,
        }
        async with self._database.read.connect() as connection:
            row = (await connection.execute(_KEEP, given)).first()
        return Kept(row.id, row.booking_id, row.order_id, row.refund_key) if row else None

    async def delivered(self, row_ids: list[int]) -> None:
        """The workflow was told; what is not told is swept up by the worker."""
        async with self._database.read.connect() as connection:
            await connection.execute(_DELIVERED, {"ids": row_ids})
