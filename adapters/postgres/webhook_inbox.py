"""Webhook messages of the payment provider, durable before they are answered."""

import hashlib
from dataclasses import dataclass

from adapters.postgres.database import Database
from adapters.postgres.driver import Prepared

RECEIVED, PARKED, DELIVERED = "received", "parked", "delivered"

# Two uniques, any of which may say "duplicate": the event id is not signed, the body is. Whom it concerns is found by
# the order and the refund that we stored, never by what the body claims about a booking.
_STORE = Prepared(
    """
    WITH stored AS (
        INSERT INTO webhook_inbox (event_id, body_sha256, event, body, order_id, payment_id, refund_id, dispute_id,
            state)
        VALUES (:event_id, :digest, :event, :body, :order_id, :payment_id, :refund_id, :dispute_id, :state)
        ON CONFLICT DO NOTHING RETURNING id, order_id, payment_id, refund_id
    )
    SELECT stored.id, b.kind, p.booking_id, coalesce(stored.order_id, p.order_id) AS order_id,
        (SELECT r.key FROM refunds AS r WHERE r.refund_id = stored.refund_id OR r.key = CAST(:receipt AS text) LIMIT 1)
            AS refund_key
    FROM stored LEFT JOIN LATERAL (
        SELECT booking_id, order_id FROM payments
        WHERE order_id = stored.order_id OR payment_id = stored.payment_id LIMIT 1
    ) AS p ON true LEFT JOIN bookings AS b ON b.id = p.booking_id
    """
)
_DELIVERED = Prepared(
    "UPDATE webhook_inbox SET state = 'delivered', delivered_at = now()"
    " WHERE id = ANY(CAST(:ids AS bigint[])) AND state = 'received'"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookMessage:
    """A signed message. ``state`` is ``parked`` when it cannot be read or concerns no order, refund or dispute."""

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
class StoredWebhook:
    """A message that is new; the booking (with its kind) whose order, and the refund (by its key), it is about."""

    id: int
    kind: str | None
    booking_id: int | None
    order_id: str | None
    refund_key: str | None


class WebhookInbox:
    """The webhooks that were received, each once."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def store_unless_duplicate(self, message: WebhookMessage) -> StoredWebhook | None:
        """Store a message; None for a duplicate, by event id or by body. Committed when this returns."""
        given = {
            "event_id": message.event_id,
            "digest": hashlib.sha256(message.body).hexdigest(),
            "event": message.event,
            "body": message.body,
            "order_id": message.order_id,
            "payment_id": message.payment_id,
            "refund_id": message.refund_id,
            "dispute_id": message.dispute_id,
            "receipt": message.receipt,
            "state": message.state,
        }
        row = await self._database.row(_STORE, **given)
        return StoredWebhook(**row) if row else None

    async def delivered(self, row_ids: list[int]) -> None:
        """Their workflows got the signal; messages without one are sent by the worker's sweep."""
        await self._database.row(_DELIVERED, ids=row_ids)
