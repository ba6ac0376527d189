"""Webhooks: what is genuine is kept once and answered when it is durable, all else costs nothing."""

import asyncio
import hashlib
import hmac
import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from adapters.postgres.database import Database, counting
from adapters.postgres.payout_accounts import PayoutAccountRows, put_payout_account
from adapters.postgres.webhook_inbox import DELIVERED, PARKED, WebhookInbox, WebhookMessage
from api.payments.client import PAYOUT_REPORTED
from api.payments.service import PaymentService
from devstack.demo.calls import until
from domain.billing.transfers import AccountStatus, PayoutAccount
from kinds.vehicle_service.postgres.storage import STORAGE
from settings import Razorpay, Stores
from tests.api.visits import Visits
from workflows.booking.messages import booking_workflow_id

WEBHOOK = "/api/v1/payment/webhook"
SECRET = Razorpay().webhook_secret.get_secret_value()


def event(name: str = "payment.captured", **entity: Any) -> dict[str, Any]:
    """An event about an order that is not ours, unlike any other."""
    payment = {"id": f"pay_{uuid.uuid4().hex[:14]}", "order_id": f"order_{uuid.uuid4().hex[:14]}", **entity}
    return {"entity": "event", "event": name, "contains": ["payment"], "payload": {"payment": {"entity": payment}}}


def compact(body: Any) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def signature(raw: bytes, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()


def headers(raw: bytes, event_id: str | None = None, secret: str = SECRET) -> dict[str, str]:
    named = {"X-Razorpay-Event-Id": event_id} if event_id else {}
    return {"Content-Type": "application/json", "X-Razorpay-Signature": signature(raw, secret), **named}


@contextmanager
def exchanged(app: FastAPI, database: Database, keys: Razorpay | None = None) -> Iterator[None]:
    """The app with another payment service: on that database, with those keys."""
    known = app.state.services
    payments = PaymentService(
        known.kind.name,
        known.payment_client,
        known.payment_queries,
        WebhookInbox(database),
        known.changes,
        keys or Razorpay(),
    )
    app.state.services = replace(known, payments=payments)
    try:
        yield
    finally:
        app.state.services = known


async def kept(database: Database, raw: bytes) -> list[tuple[str | None, str]]:
    """The rows of that very body: event id and state."""
    wanted = text("SELECT event_id, state FROM webhook_inbox WHERE body = :body")
    async with database.read.connect() as connection:
        return [tuple(row) for row in await connection.execute(wanted, {"body": raw})]


async def test_forgeries_without_end_reach_neither_the_database_nor_a_workflow(inside):
    http, database = inside
    raw = compact(event())
    forged = [
        {},
        {"X-Razorpay-Signature": ""},
        {"X-Razorpay-Signature": "0" * 64},
        {"X-Razorpay-Signature": signature(raw, "not-the-secret")},
        {"X-Razorpay-Signature": signature(raw, "")},
        {"X-Razorpay-Signature": signature(raw).upper()},
        {"X-Razorpay-Signature": "\u00e9".encode("latin-1") * 64},
    ]
    with counting(database) as statements:
        for given in forged * 10:
            answer = await http.post(WEBHOOK, content=raw, headers=given)
            assert (answer.status_code, answer.json()["code"]) == (401, "Unauthenticated")
    assert len(statements) == 0
    assert await kept(database, raw) == []


async def test_a_genuine_message_costs_one_statement_before_its_answer(inside):
    http, database = inside
    raw = compact(event())
    with counting(database) as statements:
        assert (await http.post(WEBHOOK, content=raw, headers=headers(raw))).status_code == 200
    assert len(statements) == 1
    assert len(await kept(database, raw)) == 1


async def test_one_body_under_many_ids_is_one_message(inside):
    http, database = inside
    raw, name = compact(event()), uuid.uuid4().hex[:14]
    for event_id in (name, name, None, *(uuid.uuid4().hex[:14] for _ in range(10))):
        assert (await http.post(WEBHOOK, content=raw, headers=headers(raw, event_id))).status_code == 200
    assert [row[0] for row in await kept(database, raw)] == [name]


async def test_one_id_is_one_message(inside):
    http, database = inside
    name, bodies = uuid.uuid4().hex[:14], [compact(event()) for _ in range(3)]
    for raw in bodies:
        assert (await http.post(WEBHOOK, content=raw, headers=headers(raw, name))).status_code == 200
    assert [len(await kept(database, raw)) for raw in bodies] == [1, 0, 0]


@pytest.mark.parametrize(
    "spelled",
    [
        lambda body: compact(body).replace(b"/", b"\\/"),
        lambda body: json.dumps(body).encode(),
        lambda body: json.dumps(body, indent=4, ensure_ascii=False).encode() + b"\n",
        lambda body: json.dumps(body, sort_keys=True, separators=(",", ":")).replace("0", "\\u0030").encode(),
    ],
    ids=["slashes", "unicode", "pretty", "digits"],
)
async def test_the_signature_is_of_the_bytes_however_they_are_spelled(inside, spelled: Any):
    http, database = inside
    body = event(description="\u20b91,947.00 for order/bk-1", notes=[])
    raw = spelled(body)
    assert raw != compact(body)
    assert (await http.post(WEBHOOK, content=raw, headers=headers(raw))).status_code == 200
    spelled_anew = {**headers(raw), "X-Razorpay-Signature": signature(compact(body))}
    assert (await http.post(WEBHOOK, content=raw, headers=spelled_anew)).status_code == 401
    assert len(await kept(database, raw)) == 1


def _about(name: str, **entities: Any) -> dict[str, Any]:
    return {"event": name, "payload": {each: {"entity": entity} for each, entity in entities.items()}}


async def test_news_of_a_payees_account_are_noted_for_the_sweep_whoever_they_come_in_the_name_of(inside):
    http, database = inside
    account = f"acc_{uuid.uuid4().hex[:14]}"
    async with database.write.begin() as connection:
        await put_payout_account(connection, "tables", account, PayoutAccount(account, AccountStatus.UNDER_REVIEW))
    assert account not in await PayoutAccountRows(database).to_look_at()
    news = {**_about("product.route.activated", merchant_product={"merchant_id": account}), "account_id": account}
    raw = compact(news)
    assert (await http.post(WEBHOOK, content=raw, headers=headers(raw))).status_code == 200
    assert account in await PayoutAccountRows(database).to_look_at()
    await PayoutAccountRows(database).seen(account, AccountStatus.ACTIVATED)
    assert account not in await PayoutAccountRows(database).to_look_at()
    known = await PayoutAccountRows(database).account_of("tables", account)
    assert known == PayoutAccount(account, AccountStatus.ACTIVATED)


@pytest.mark.parametrize(
    ("body", "state"),
    [
        (event("payment.captured"), "received"),
        (event("refund.teleported"), "received"),
        ({"event": "settlement.processed", "payload": {"settlement": {"entity": {"id": "setl_1"}}}}, "parked"),
        ({"event": "payment.captured", "payload": {"payment": {"entity": {"order_id": 7}}}}, "parked"),
        (_about("transfer.failed", transfer={"id": "trf_1", "source": "pay_1"}), "received"),
        (_about("transfer.processed", transfer={"id": "trf_1", "source": "acc_1"}), "delivered"),
        (_about("product.route.activated", merchant_product={"merchant_id": "acc_1"}), "delivered"),
    ],
)
async def test_a_genuine_message_about_nothing_of_ours_is_taken_and_kept(inside, body: Any, state: str):
    http, database = inside
    raw = compact({**body, "created_at": uuid.uuid4().int % 10**9})
    assert (await http.post(WEBHOOK, content=raw, headers=headers(raw))).status_code == 200
    assert [row[1] for row in await kept(database, raw)] == [state]


@pytest.mark.parametrize(("hours", "status"), [(1, 200), (-1, 401)])
async def test_the_secret_before_counts_until_its_time_is_up(inside, app: FastAPI, hours: int, status: int):
    http, database = inside
    until_when = (datetime.now(UTC) + timedelta(hours=hours)).isoformat()
    keys = Razorpay(webhook_secret_previous=SecretStr("the one before"), webhook_secret_previous_until=until_when)
    with exchanged(app, database, keys):
        raw = compact(event())
        old = await http.post(WEBHOOK, content=raw, headers=headers(raw, secret="the one before"))
        new = await http.post(WEBHOOK, content=raw, headers=headers(raw))
    assert (old.status_code, new.status_code) == (status, 200)


async def test_a_database_that_is_down_is_told_so_that_the_message_comes_again(inside, app: FastAPI):
    http, database = inside
    raw = compact(event())
    nowhere = Database(Stores(postgresql_url="postgresql://nobody@127.0.0.1:1/nothing"), STORAGE.schema)
    with exchanged(app, nowhere):
        answer = await http.post(WEBHOOK, content=raw, headers=headers(raw))
    assert (answer.status_code, answer.json()["code"]) == (503, "Unavailable")
    assert (await http.post(WEBHOOK, content=raw, headers=headers(raw))).status_code == 200
    assert len(await kept(database, raw)) == 1
    await nowhere.close()


MISCHIEF = [
    {"reorder": "reverse", "duplicate": 2, "instant_dup": True, "new_event_id_same_body": True},
    {"reorder": "shuffle", "escape": ["slashes", "unicode"], "notes_as_list": True},
    {"omit_event_id": True, "authorized_snapshot_captured": True, "omit_account_id": True, "pretty_print": True},
]


@pytest.mark.parametrize("mischief", MISCHIEF, ids=["repeated", "shuffled", "odd"])
def test_money_counts_once_however_its_messages_come(visits: Visits, mischief: dict[str, Any]):
    owner, booking = visits.ordered()
    provider = visits.shop.provider
    provider.misbehave(webhooks=[{"match": "*", **mischief}])
    try:
        provider.pay(booking["order_id"])
        until("the invoice", lambda: owner.booking(booking["id"])["invoice"])
    finally:
        provider.behave()
    shown = owner.booking(booking["id"])
    assert (shown["status"], shown["totals"]["paid"], shown["refunds"]) == ("in-progress", "1947.00", [])
    assert [payment["status"] for payment in shown["payments"]] == ["success"]
    assert len(provider.captured(shown)) == 1


async def test_a_message_is_stored_with_the_kind_of_the_booking_that_it_is_about(inside, visits: Visits):
    _, database = inside
    _, ordered = await asyncio.to_thread(visits.ordered)
    about = {
        order: WebhookMessage(event_id=None, event="order.paid", body=uuid.uuid4().bytes, order_id=order, state=PARKED)
        for order in (ordered["order_id"], "order_of_nobody")
    }
    known, unknown = [await WebhookInbox(database).store_unless_duplicate(message) for message in about.values()]
    assert (known.kind, known.booking_id) == ("vehicle_service", ordered["id"])
    assert (unknown.kind, unknown.booking_id) == (None, None)
    assert await WebhookInbox(database).store_unless_duplicate(about["order_of_nobody"]) is None


@pytest.fixture(scope="module")
async def captured(visits: Visits) -> dict[str, Any]:
    """A booking whose payment is recorded: its number, the order and the payment."""
    owner, ordered = await asyncio.to_thread(visits.ordered)
    visits.shop.provider.pay(ordered["order_id"])
    await asyncio.to_thread(until, "the invoice", lambda: owner.booking(ordered["id"])["invoice"])
    [payment] = visits.shop.provider.captured(owner.booking(ordered["id"]))
    return {"id": ordered["id"], "order": ordered["order_id"], "payment": payment["id"]}


async def test_what_is_said_of_a_payment_that_is_recorded_as_captured_is_no_news(inside, captured: dict[str, Any]):
    _, database = inside
    payment, inbox = captured["payment"], WebhookInbox(database)

    async def stored(name: str, payment_id: str) -> int:
        of_it = {"order_id": captured["order"], "payment_id": payment_id, "state": DELIVERED}
        row = await inbox.store_unless_duplicate(
            WebhookMessage(event_id=None, event=name, body=uuid.uuid4().bytes, **of_it)
        )
        assert row is not None
        return row.id

    known = [await stored(name, payment) for name in ("payment.authorized", "payment.captured", "order.paid")]
    news = [await stored("payment.failed", payment), await stored("payment.captured", f"pay_{uuid.uuid4().hex[:14]}")]
    assert await inbox.still_news([*known, *news]) == news


async def test_of_what_tells_nothing_or_is_of_another_account_a_booking_does_not_hear(
    inside, app: FastAPI, captured: dict[str, Any]
):
    http, database = inside
    transfer = {"id": f"trf_{uuid.uuid4().hex[:14]}", "source": captured["payment"]}
    with exchanged(app, database, Razorpay(account_id="acc_Ours")):
        for name, account in (
            ("transfer.processed", "acc_Ours"),
            ("transfer.failed", "acc_Theirs"),
            ("transfer.failed", "acc_Ours"),
        ):
            raw = compact({**_about(name, transfer=transfer), "account_id": account})
            assert (await http.post(WEBHOOK, content=raw, headers=headers(raw))).status_code == 200
        async with asyncio.timeout(30):
            while [state for _, state in await kept(database, raw)] != [DELIVERED]:  # noqa: ASYNC110 - a row has no event
                await asyncio.sleep(0.1)
    workflow = booking_workflow_id("vehicle_service", captured["id"])
    history = await app.state.resources.temporal.get_workflow_handle(workflow).fetch_history()
    heard = [event.workflow_execution_signaled_event_attributes for event in history.events]
    assert [signal.signal_name for signal in heard if signal.signal_name == PAYOUT_REPORTED] == [PAYOUT_REPORTED]


def told(event_id: str, body: bytes) -> WebhookMessage:
    return WebhookMessage(event_id=event_id, event="order.paid", body=body, order_id=f"order_{event_id}", state=PARKED)


async def test_a_flood_is_stored_by_a_few_statements_and_each_message_once(inside):
    _, database = inside
    inbox, names = WebhookInbox(database), [uuid.uuid4().hex[:14] for _ in range(60)]
    messages = [told(name, name.encode()) for name in names]
    repeats = [*messages[::3], *(told(uuid.uuid4().hex[:14], message.body) for message in messages[::4])]
    with counting(database) as statements:
        stored = await asyncio.gather(*map(inbox.store_unless_duplicate, messages + repeats))
    assert len(statements) <= 3
    rows = [(message.body, row.id) for message, row in zip(messages + repeats, stored, strict=True) if row]
    assert sorted(body for body, _ in rows) == sorted(message.body for message in messages)
    assert len({row for _, row in rows}) == len(messages)


async def test_a_message_under_an_id_that_is_taken_is_stored_when_it_comes_with_another(inside):
    _, database = inside
    inbox, taken, free = WebhookInbox(database), uuid.uuid4().hex[:14], uuid.uuid4().hex[:14]
    first, other = taken.encode(), free.encode()
    await inbox.store_unless_duplicate(told(taken, first))
    refused, kept_now = await asyncio.gather(
        inbox.store_unless_duplicate(told(taken, other)), inbox.store_unless_duplicate(told(free, other))
    )
    assert (refused, kept_now.order_id) == (None, f"order_{free}")


async def test_a_message_that_cannot_be_stored_holds_up_none_of_those_that_came_with_it(inside):
    _, database = inside
    inbox, names = WebhookInbox(database), [uuid.uuid4().hex[:14] for _ in range(9)]
    messages = [told(name, name.encode()) for name in names]
    messages[5] = replace(messages[5], event="order\x00paid")
    outcomes = await asyncio.gather(*map(inbox.store_unless_duplicate, messages), return_exceptions=True)
    assert [isinstance(each, DBAPIError) for each in outcomes] == [name == names[5] for name in names]
    assert [each.order_id for each in outcomes if not isinstance(each, DBAPIError)] == [
        f"order_{name}" for name in names if name != names[5]
    ]
