"""Rows that nobody needs any more go, hour by hour; whatever is still needed stays."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

import kinds
from adapters.postgres.database import Database
from adapters.postgres.retention import AT_ONCE, ENGINE, PEOPLE, ExpiredRows
from adapters.postgres.schemas import PUBLIC
from adapters.postgres.tables import Base, PeopleBase
from kinds.vehicle_service.postgres.storage import STORAGE
from retention_settings import Retention
from settings import Stores

KEPT = Retention(
    keep_webhooks=timedelta(days=10), keep_email_log=timedelta(days=40), keep_reconciliations=timedelta(days=100)
)
_BOOKING = """
    INSERT INTO bookings (id, kind, status, version, customer_id, total, due, action_required, needs_attention, since,
        created_at, updated_at, closed_at, state, summaries)
    VALUES (:id, 'vehicle_service', 'received', 1, 'CST000001', 0, 0, 'none', false, now(), now(), now(),
        CAST(:closed AS timestamptz), '{}', '{}')
"""
_EMAIL = """
    WITH mail AS (
        INSERT INTO notifications (identity, booking_kind, booking_id, kind, sent_at)
        VALUES (:identity, 'vehicle_service', CAST(:booking AS bigint), 'ready', now() - CAST(:age AS interval))
        RETURNING id
    )
    INSERT INTO notification_logs
        (notification_id, booking_id, recipient_email, subject, attachments, status, timestamp)
    SELECT id, CAST(:booking AS bigint), 'somebody@example.com', 'Your car is ready', '{}', 'sent',
        now() - CAST(:age AS interval)
    FROM mail
"""
_WEBHOOK = """
    INSERT INTO webhook_inbox (event_id, body_sha256, event, body, state, received_at)
    SELECT 'evt_' || :name || n, :name || n, 'payment.captured', '{}', :state, now() - CAST(:age AS interval)
    FROM generate_series(1, :many) AS n
"""


@pytest.fixture
async def database(postgres: str) -> AsyncIterator[Database]:
    database = Database(Stores(postgresql_url=postgres), PUBLIC)
    yield database
    await database.close()


@pytest.fixture
async def people(postgres: str) -> AsyncIterator[Database]:
    database = Database(Stores(postgresql_url=postgres), STORAGE.schema)
    yield database
    await database.close()


async def run(database: Database, statement: str, **given: object) -> None:
    async with database.read.connect() as connection:
        await connection.execute(text(statement), given)


async def values(database: Database, query: str) -> list[object]:
    async with database.read.connect() as connection:
        return list((await connection.execute(text(query))).scalars())


def job(database: Database, people: Database) -> ExpiredRows:
    return ExpiredRows(database, [(people, STORAGE.retention)], KEPT)


@pytest.mark.parametrize("package", kinds.SHIPPED)
def test_every_table_has_a_rule_and_every_rule_a_table(package):
    storage = kinds.load_layer(package, "worker").storage
    assert set(ENGINE) == set(Base.metadata.tables)
    assert set(PEOPLE) == set(PeopleBase.metadata.tables)
    assert set(storage.retention) == set(storage.metadata.tables)


async def test_webhooks_go_in_several_steps_when_they_are_old_and_were_delivered_or_concern_nothing(database, people):
    old, young = timedelta(days=11), timedelta(days=9)
    await run(database, _WEBHOOK, name="old", state="delivered", age=old, many=AT_ONCE + 7)
    await run(database, _WEBHOOK, name="parked", state="parked", age=old, many=1)
    await run(database, _WEBHOOK, name="waiting", state="received", age=old, many=1)
    await run(database, _WEBHOOK, name="young", state="delivered", age=young, many=1)
    deleted = await job(database, people).purge_expired()
    assert deleted["webhook_inbox"] == AT_ONCE + 8
    assert await values(database, "SELECT event_id FROM webhook_inbox ORDER BY id") == ["evt_waiting1", "evt_young1"]


async def test_the_log_of_e_mails_goes_with_them_when_it_is_old_unless_the_booking_is_still_open(database, people):
    old, young = timedelta(days=41), timedelta(days=39)
    await run(database, _BOOKING, id=1, closed=None)
    await run(database, _BOOKING, id=2, closed=datetime.now(UTC))
    for identity, booking, age in (
        ("open", 1, old),
        ("closed", 2, old),
        ("account", None, old),
        ("young", None, young),
        ("again", None, old),
    ):
        await run(database, _EMAIL, identity=identity, booking=booking, age=age)
    await run(
        database,
        "INSERT INTO notification_logs (notification_id, recipient_email, subject, attachments, status)"
        " SELECT id, 'somebody@example.com', 'Once more', '{}', 'failed' FROM notifications WHERE identity = 'again'",
    )
    assert (await job(database, people).purge_expired())["notification_logs"] == 3
    assert await values(database, "SELECT identity FROM notifications ORDER BY identity") == ["again", "open", "young"]
    left = (
        "SELECT n.identity FROM notification_logs AS l JOIN notifications AS n ON n.id = l.notification_id ORDER BY 1"
    )
    assert await values(database, left) == ["again", "open", "young"]


async def test_a_key_is_forgotten_after_a_week_and_a_comparison_of_the_books_after_years(database, people):
    key = (
        "INSERT INTO idempotency_keys (user_id, route, key, request_hash, created_at)"
        " VALUES ('CST000001', 'POST /bookings', :key, 'hash', now() - CAST(:age AS interval))"
    )
    await run(people, key, key="week", age=timedelta(days=8))
    await run(people, key, key="today", age=timedelta(0))
    compared = (
        "INSERT INTO reconciliations (since, until, finished_at, checked, kinds, differences)"
        " VALUES (now(), now(), now() - CAST(:age AS interval), '{}', '{}', '[]')"
    )
    await run(database, compared, age=timedelta(days=101))
    await run(database, compared, age=timedelta(days=99))
    deleted = await job(database, people).purge_expired()
    assert (deleted["idempotency_keys"], deleted["reconciliations"]) == (1, 1)
    assert await values(people, "SELECT key FROM idempotency_keys") == ["today"]
    assert len(await values(database, "SELECT id FROM reconciliations")) == 1
