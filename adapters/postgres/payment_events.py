"""Payment events to deliver: webhooks whose signal was not sent, orders that may be paid now, orders that are over."""

from collections.abc import Collection, Sequence
from datetime import timedelta

from sqlalchemy import text

from adapters.postgres.database import Database
from domain.billing.provider import PaymentEvent

_UNDELIVERED = text(
    """
    SELECT i.id, b.id AS booking_id, coalesce(i.order_id, p.order_id) AS order_id, r.key AS refund_key, i.dispute_id,
        i.transfer_id, coalesce(b.kind, '') AS kind
    FROM webhook_inbox AS i
    LEFT JOIN LATERAL (
        SELECT booking_id, order_id FROM payments WHERE order_id = i.order_id OR payment_id = i.payment_id LIMIT 1
    ) AS p ON true
    LEFT JOIN refunds AS r ON r.refund_id = i.refund_id
    LEFT JOIN payouts AS passed_on ON passed_on.transfer_id = i.transfer_id
    LEFT JOIN bookings AS b ON b.id = coalesce(p.booking_id, r.booking_id, passed_on.booking_id)
    WHERE i.state = 'received' AND i.received_at < now() - interval '2 seconds'
        AND i.id <> ALL(CAST(:but AS bigint[]))
        -- A message may overtake the row that it speaks of; after ten minutes nobody will claim it.
        AND (b.id IS NOT NULL OR r.key IS NOT NULL OR i.received_at < now() - interval '10 minutes')
    ORDER BY i.id LIMIT 500
    """
)
_DELIVERED = text("UPDATE webhook_inbox SET state = 'delivered', delivered_at = now() WHERE id = :row")
_PARKED = text("UPDATE webhook_inbox SET state = 'parked' WHERE id = :row")
_OPEN = text(
    # By chance, for a round may end before the last of them: so none is always the last.
    "SELECT b.kind, p.booking_id, p.order_id, extract(epoch FROM now() - min(p.created_at))::float8 AS age"
    " FROM payments AS p JOIN bookings AS b ON b.id = p.booking_id"
    " WHERE p.status = 'pending' AND p.method = 'online'"
    " GROUP BY b.kind, p.booking_id, p.order_id ORDER BY random() LIMIT 2000"
)
_OVER = text(
    """
    SELECT b.kind, o.booking_id, o.order_id, w.last_state AS seen, due.looks FROM (
        SELECT order_id, min(booking_id) AS booking_id, min(coalesce(expires_at, created_at)) AS since
        FROM payments WHERE method = 'online' AND order_id IS NOT NULL
            AND created_at > now() - interval '2 days' - make_interval(secs => CAST(:longest AS float8))
        GROUP BY order_id HAVING bool_and(status <> 'pending')
    ) AS o
    JOIN bookings AS b ON b.id = o.booking_id
    LEFT JOIN order_checks AS w USING (order_id)
    CROSS JOIN LATERAL (
        SELECT count(*) AS looks FROM unnest(CAST(:steps AS float8[])) AS step
        WHERE o.since + make_interval(secs => step) <= now()
    ) AS due
    WHERE due.looks > coalesce(w.checks, 0) ORDER BY coalesce(w.checked_at, o.since) LIMIT 100
    """
)
_LOOKED = text(
    "INSERT INTO order_checks (order_id, checks, last_state) VALUES (:order_id, :looks, :seen)"
    " ON CONFLICT (order_id) DO UPDATE"
    " SET checks = excluded.checks, last_state = excluded.last_state, checked_at = now()"
)
_MISSED = text(
    "INSERT INTO order_checks (order_id, checks, last_state) VALUES (:order_id, 0, '')"
    " ON CONFLICT (order_id) DO UPDATE SET checked_at = now()"
)
_PAID_WITHOUT_WEBHOOK = text(
    """
    SELECT count(*) FILTER (WHERE NOT heard) AS unheard FROM (
        SELECT EXISTS (SELECT FROM webhook_inbox AS i WHERE i.order_id = p.order_id) AS heard FROM payments AS p
        WHERE p.method = 'online' AND p.status = 'success' AND p.created_at > now() - interval '2 days'
            AND p.captured_at < now() - make_interval(secs => CAST(:after AS float8))
        ORDER BY p.captured_at DESC LIMIT :latest
    ) AS paid
    """
)


class PaymentEventRows:
    """The inbox and the orders, in PostgreSQL."""

    def __init__(self, database: Database, watch: Sequence[timedelta]) -> None:
        self._database = database
        self._watch = [step.total_seconds() for step in watch]

    async def undelivered(self, but: Collection[int] = ()) -> list[PaymentEvent]:
        """Inbox rows older than the moment their signal takes, oldest first, without the rows ``but``."""
        async with self._database.read.connect() as connection:
            rows = await connection.execute(_UNDELIVERED, {"but": list(but)})
            return [
                PaymentEvent(
                    row.booking_id,
                    row.order_id,
                    row.refund_key,
                    row.id,
                    row.dispute_id,
                    kind=row.kind,
                    transfer_id=row.transfer_id,
                )
                for row in rows
            ]

    async def delivered(self, row: int) -> None:
        """That row is done."""
        await self._write(_DELIVERED, row=row)

    async def parked(self, row: int) -> None:
        """That row concerns nothing of ours; it is kept."""
        await self._write(_PARKED, row=row)

    async def open_orders(self) -> list[PaymentEvent]:
        """Orders that a customer can pay now."""
        async with self._database.read.connect() as connection:
            rows = await connection.execute(_OPEN)
            return [PaymentEvent(row.booking_id, row.order_id, kind=row.kind, age=row.age) for row in rows]

    async def orders_to_look_at(self) -> list[PaymentEvent]:
        """Orders that are over and whose next look is due."""
        given = {"steps": self._watch, "longest": max(self._watch, default=0.0)}
        async with self._database.read.connect() as connection:
            rows = await connection.execute(_OVER, given)
            return [
                PaymentEvent(row.booking_id, row.order_id, known=row.seen, looks=row.looks, kind=row.kind)
                for row in rows
            ]

    async def looked_at(self, order_id: str, looks: int, seen: str) -> None:
        """That look was taken."""
        await self._write(_LOOKED, order_id=order_id, looks=looks, seen=seen)

    async def missed(self, order_id: str) -> None:
        """That look failed: it stays due, behind the others."""
        await self._write(_MISSED, order_id=order_id)

    async def paid_without_webhook(self, latest: int, after: timedelta) -> int:
        """How many of the latest paid orders no webhook has reported, that long after their payment."""
        async with self._database.read.connect() as connection:
            given = {"latest": latest, "after": after.total_seconds()}
            return int((await connection.execute(_PAID_WITHOUT_WEBHOOK, given)).scalar_one())

    async def _write(self, statement: object, **given: object) -> None:
        async with self._database.write.begin() as connection:
            await connection.execute(statement, given)  # type: ignore[call-overload]
