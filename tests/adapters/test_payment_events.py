"""Which orders the sweep is given to look at."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import text

from adapters.postgres.database import Database
from adapters.postgres.payment_events import PaymentEventRows
from adapters.postgres.schemas import PUBLIC
from settings import Stores

_BOOKINGS = """
INSERT INTO bookings (id, kind, status, version, customer_id, total, due, action_required, needs_attention,
    since, created_at, updated_at, state, summaries)
SELECT n, CASE WHEN n % 2 = 0 THEN 'even' ELSE 'odd' END, 'booked', 1, 'CST000001', 100, 100, 'none', false,
    now(), now(), now(), '{}', '{}' FROM generate_series(1, 140) AS n
"""
_ORDERS = """
INSERT INTO payments (booking_id, number, leg, method, amount, status, order_id, created_at)
SELECT n, 1, 'service', 'online', 100, CASE WHEN n > 120 THEN 'pending' ELSE 'failed' END, 'order_' || n,
    now() - interval '1 hour' - make_interval(secs => 200 - n) FROM generate_series(1, 140) AS n
"""


@pytest.fixture(scope="module")
async def database(postgres: str) -> AsyncIterator[Database]:
    """120 orders that are over and 20 that are open, of bookings that nobody asks for."""
    database = Database(Stores(postgresql_url=postgres, postgresql_pool=2), PUBLIC)
    async with database.write.begin() as connection:
        await connection.execute(text("SET LOCAL session_replication_role = replica"))
        await connection.execute(text(_BOOKINGS))
        await connection.execute(text(_ORDERS))
    yield database
    await database.close()


@pytest.fixture
def hints(database: Database) -> PaymentEventRows:
    return PaymentEventRows(database, [timedelta(seconds=1)])


async def test_orders_that_were_missed_stay_due_behind_the_others_and_no_open_order_is_always_last(
    hints: PaymentEventRows,
):
    first = [hint.order_id for hint in await hints.orders_to_look_at()]
    assert first == [f"order_{n}" for n in range(1, 101)]
    assert {(hint.booking_id % 2, hint.kind) for hint in await hints.orders_to_look_at()} == {(0, "even"), (1, "odd")}
    for order in first:
        await hints.missed(order or "")
    second = [(hint.order_id, hint.looks) for hint in await hints.orders_to_look_at()]
    assert second[:20] == [(f"order_{n}", 1) for n in range(101, 121)]
    assert second[20:] == [(f"order_{n}", 1) for n in range(1, 81)]
    await hints.missed("order_1")
    await hints.looked_at("order_1", 1, "pay_1 failed")
    assert "order_1" not in [hint.order_id for hint in await hints.orders_to_look_at()]
    assert all(3_600 < hint.age < 7_200 for hint in await hints.open_orders())
    assert len({(await hints.open_orders())[-1].order_id for _ in range(20)}) > 1
    assert {(hint.booking_id % 2, hint.kind) for hint in await hints.open_orders()} == {(0, "even"), (1, "odd")}


_WEBHOOKS = """
INSERT INTO webhook_inbox (event_id, body_sha256, event, body, order_id, state, received_at)
SELECT 'event-' || n, 'hash-' || n, 'payment.captured', '', 'order_' || n, 'received', now() - interval '1 minute'
FROM generate_series(1, 3) AS n RETURNING id
"""


async def test_webhooks_that_rest_after_a_failure_are_left_out(hints: PaymentEventRows, database: Database):
    async with database.write.begin() as connection:
        first, second, third = [row.id for row in await connection.execute(text(_WEBHOOKS))]
    assert [hint.row for hint in await hints.undelivered()] == [first, second, third]
    assert [hint.row for hint in await hints.undelivered([first, third])] == [second]
    await hints.delivered(second)
    assert [(hint.row, hint.order_id) for hint in await hints.undelivered([first])] == [(third, "order_3")]
