"""Hints that wait: webhooks whose signal did not go out, orders that may be paid now."""

from sqlalchemy import text

from adapters.postgres.engine import Database
from domain.payments import Hint

_UNDELIVERED = text(
    """
    SELECT i.id, p.booking_id, i.order_id, r.key AS refund_key FROM webhook_inbox AS i
    LEFT JOIN LATERAL (SELECT booking_id FROM payments WHERE order_id = i.order_id LIMIT 1) AS p ON true
    LEFT JOIN refunds AS r ON r.refund_id = i.refund_id
    WHERE i.state = 'received' AND i.received_at < now() - interval '2 seconds'
        -- A message may overtake the row that it speaks of; after ten minutes nobody will claim it.
        AND (p.booking_id IS NOT NULL OR r.key IS NOT NULL OR i.received_at < now() - interval '10 minutes')
    ORDER BY i.id LIMIT 500
    """
)
_DELIVERED = text("UPDATE webhook_inbox SET state = 'delivered', delivered_at = now() WHERE id = :row")
_OPEN = text(
    "SELECT DISTINCT booking_id, order_id FROM payments WHERE status = 'pending' AND method = 'online' LIMIT 500"
)


class HintRows:
    """The inbox and the open orders, in PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def undelivered(self) -> list[Hint]:
        """Inbox rows older than the moment their signal takes, oldest first."""
        async with self._database.read.connect() as connection:
            rows = await connection.execute(_UNDELIVERED)
            return [Hint(row.booking_id, row.order_id, row.refund_key, row.id) for row in rows]

    async def delivered(self, row: int) -> None:
        """That row is done."""
        async with self._database.write.begin() as connection:
            await connection.execute(_DELIVERED, {"row": row})

    async def open_orders(self) -> list[Hint]:
        """Orders that a customer can pay now."""
        async with self._database.read.connect() as connection:
            return [Hint(row.booking_id, row.order_id) for row in await connection.execute(_OPEN)]
