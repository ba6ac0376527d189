"""Webhook messages of the payment provider, durable before they are answered."""

import asyncio
import hashlib
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import orjson
from sqlalchemy.exc import DBAPIError

from adapters.postgres.database import Database
from adapters.postgres.driver import Prepared

RECEIVED, PARKED, DELIVERED = "received", "parked", "delivered"

STATEMENTS_AT_ONCE, MOST_OF_A_STATEMENT = 2, 50
"""What comes while so many statements are under way is stored together by the next: a flood costs few commits."""

# Two uniques, any of which may say "duplicate": the event id is not signed, the body is. Whom it concerns is found by
# the order and the refund that we stored, never by what the body claims about a booking. In the order of the digests,
# so that two statements with the same messages wait for each other and not both for ever.
_STORE = Prepared(
    """
    WITH told AS (
        SELECT * FROM unnest(
            CAST(:event_ids AS text[]), CAST(:digests AS text[]), CAST(:events AS text[]), CAST(:bodies AS bytea[]),
            CAST(:order_ids AS text[]), CAST(:payment_ids AS text[]), CAST(:refund_ids AS text[]),
            CAST(:dispute_ids AS text[]), CAST(:transfer_ids AS text[]), CAST(:account_ids AS text[]),
            CAST(:receipts AS text[]), CAST(:states AS text[])
        ) WITH ORDINALITY AS t (event_id, digest, event, body, order_id, payment_id, refund_id, dispute_id,
            transfer_id, account_id, receipt, state, place)
    ), stored AS (
        INSERT INTO webhook_inbox (event_id, body_sha256, event, body, order_id, payment_id, refund_id, dispute_id,
            transfer_id, account_id, state)
        SELECT event_id, digest, event, body, order_id, payment_id, refund_id, dispute_id, transfer_id, account_id,
            state FROM told
        ORDER BY digest, place
        ON CONFLICT DO NOTHING
        RETURNING id, event_id, body_sha256 AS digest, order_id, payment_id, refund_id, transfer_id, account_id
    ), accounts AS (
        -- The worker's sweep looks at them.
        UPDATE payout_accounts SET checked_at = NULL
        WHERE account_id IN (SELECT account_id FROM stored WHERE account_id IS NOT NULL)
    )
    SELECT CAST(jsonb_agg(jsonb_build_object(
        'event_id', stored.event_id, 'digest', stored.digest, 'id', stored.id, 'kind', b.kind,
        'booking_id', b.id, 'order_id', coalesce(stored.order_id, p.order_id), 'refund_key',
        (SELECT r.key FROM refunds AS r WHERE r.refund_id = stored.refund_id OR r.key = said.receipt LIMIT 1)
    )) AS text) AS found
    FROM stored JOIN (SELECT DISTINCT digest, receipt FROM told) AS said USING (digest)
    LEFT JOIN LATERAL (
        SELECT booking_id, order_id FROM payments
        WHERE order_id = stored.order_id OR payment_id = stored.payment_id LIMIT 1
    ) AS p ON true LEFT JOIN payouts AS passed_on ON passed_on.transfer_id = stored.transfer_id
    LEFT JOIN bookings AS b ON b.id = coalesce(p.booking_id, passed_on.booking_id)
    """
)
_DELIVERED = Prepared(
    "UPDATE webhook_inbox SET state = 'delivered', delivered_at = now()"
    " WHERE id = ANY(CAST(:ids AS bigint[])) AND state = 'received'"
)
# That a payment was captured is said up to three times, and stays so: what becomes of the money later has events of its
# own. The rows have it from the provider itself, so the event has nothing to add.
_STILL_NEWS = Prepared(
    """
    WITH known AS (
        UPDATE webhook_inbox AS i SET state = 'delivered', delivered_at = now()
        WHERE i.id = ANY(CAST(:ids AS bigint[]))
            AND i.event IN ('payment.authorized', 'payment.captured', 'order.paid')
            AND EXISTS (
                SELECT FROM payments AS p
                WHERE p.order_id = i.order_id AND p.payment_id = i.payment_id AND p.captured_at IS NOT NULL
            )
        RETURNING i.id
    )
    SELECT ARRAY(
        SELECT id FROM unnest(CAST(:ids AS bigint[])) AS told (id) WHERE id NOT IN (SELECT id FROM known)
    ) AS ids
    """
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookMessage:
    """A signed message. ``state`` is ``parked`` when it cannot be read or concerns nothing of ours, ``delivered`` when
    nobody has to hear of it: of a payee's account (``account_id``) it is noted that there is news."""

    event_id: str | None
    event: str
    body: bytes
    order_id: str | None = None
    payment_id: str | None = None
    refund_id: str | None = None
    dispute_id: str | None = None
    transfer_id: str | None = None
    account_id: str | None = None
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


_Waiting = tuple[WebhookMessage, asyncio.Future[StoredWebhook | None]]


class WebhookInbox:
    """The webhooks that were received, each once."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: deque[_Waiting] = deque()
        self._storing: set[asyncio.Task[None] | None] = set()

    async def store_unless_duplicate(self, message: WebhookMessage) -> StoredWebhook | None:
        """Store a message; None for a duplicate, by event id or by body. Committed when this returns.

        Raises:
            DBAPIError: it cannot be stored, or not now.
        """
        outcome: asyncio.Future[StoredWebhook | None] = asyncio.get_running_loop().create_future()
        self._waiting.append((message, outcome))
        if len(self._storing) < STATEMENTS_AT_ONCE:
            self._storing.add(asyncio.create_task(self._store_waiting()))
        return await outcome

    async def _store_waiting(self) -> None:
        try:
            while self._waiting:
                number = min(len(self._waiting), MOST_OF_A_STATEMENT)
                await self._store_together([self._waiting.popleft() for _ in range(number)])
        finally:
            # Not by a callback: a message that comes before it would be stored by nobody.
            self._storing.discard(asyncio.current_task())

    async def _store_together(self, waiting: Sequence[_Waiting]) -> None:
        try:
            stored = await self._store([message for message, _ in waiting])
        except Exception as fault:
            if len(waiting) > 1 and _is_of_a_value(fault):
                for each in waiting:  # one of them cannot be stored, and holds up no other
                    await self._store_together([each])
                return
            for _, outcome in waiting:
                if not outcome.done():  # who has hung up asks no more
                    outcome.set_exception(fault)
            return
        for (_, outcome), row in zip(waiting, stored, strict=True):
            if not outcome.done():
                outcome.set_result(row)

    async def _store(self, messages: Sequence[WebhookMessage]) -> list[StoredWebhook | None]:
        digests = [hashlib.sha256(message.body).hexdigest() for message in messages]
        row = await self._database.row(
            _STORE,
            event_ids=[message.event_id for message in messages],
            digests=digests,
            events=[message.event for message in messages],
            bodies=[message.body for message in messages],
            order_ids=[message.order_id for message in messages],
            payment_ids=[message.payment_id for message in messages],
            refund_ids=[message.refund_id for message in messages],
            dispute_ids=[message.dispute_id for message in messages],
            transfer_ids=[message.transfer_id for message in messages],
            account_ids=[message.account_id for message in messages],
            receipts=[message.receipt for message in messages],
            states=[message.state for message in messages],
        )
        found = {(each.pop("digest"), each.pop("event_id")): each for each in orjson.loads(row["found"] or "[]")}
        # The first of several that are the same has the row.
        rows = [found.pop((digest, message.event_id), None) for digest, message in zip(digests, messages, strict=True)]
        return [row and StoredWebhook(**row) for row in rows]

    async def still_news(self, row_ids: list[int]) -> list[int]:
        """Those that tell more than the rows of the payments have; the others are marked as delivered."""
        found = await self._database.row(_STILL_NEWS, ids=row_ids)
        return list(found["ids"])

    async def delivered(self, row_ids: list[int]) -> None:
        """Their workflows got the signal; messages without one are sent by the worker's sweep."""
        await self._database.row(_DELIVERED, ids=row_ids)


def _is_of_a_value(fault: Exception) -> bool:
    """Whether the database refuses what it is to store, rather than to work: SQLSTATE class 22."""
    return isinstance(fault, DBAPIError) and str(getattr(fault.orig, "sqlstate", "")).startswith("22")
