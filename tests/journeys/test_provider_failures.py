"""Failures that everybody notices: lost webhooks, an inbox that is down, a refused key. Each runs alone."""

import asyncio
import json
import time
from typing import NamedTuple

import asyncpg
import httpx
import pytest

from devstack.demo.calls import until
from devstack.kinds.vehicle_service.shop import Shop
from tests.api_beside import api_beside
from tests.journeys.payment_scenarios import WASH, Messenger, Provider, Visit
from tests.rows import connect

OLDER_SECRET = "sandbox-webhook-secret-previous"


class Ordered(NamedTuple):
    """A booking whose order waits for money; its making timed out."""

    visit: Visit
    order: str
    made: list[str]
    """The orders that the provider has since."""


@pytest.fixture(scope="module")
def ordered(shop: Shop, provider: Provider) -> Ordered:
    provider.behaves()
    provider.misbehaves({"match": "POST /v1/orders", "times": 1, "drop_after_commit": True})
    before = len(provider.call("GET", "/sandbox/state")["orders"])
    visit = Visit(shop, provider)
    order = visit.ordered()
    made = provider.call("GET", "/sandbox/state")["orders"][before:]
    return Ordered(visit, order, [row["id"] for row in made])


def test_an_order_whose_making_timed_out_is_found_by_its_receipt_and_used(ordered: Ordered) -> None:
    assert ordered.made == [ordered.order]


def test_webhooks_that_are_lost_are_missed_and_asking_tells_all_that_they_would_have_told(visit: Visit, stack) -> None:
    visit.provider.misbehaves({"match": "*", "drop": True}, side="webhooks")
    payment = visit.paid()
    visit.counts_once(payment)
    visit.provider.call("POST", f"/v1/payments/{payment}/refund", json={"amount": 20000, "speed": "normal"})
    dispute = visit.provider.call("POST", "/sandbox/disputes", json={"payment_id": payment})["id"]
    visit.wait_for("the refund by hand", lambda now: [row["amount"] for row in now["refunds"]] == ["200.00"])
    visit.wait_for("the dispute", lambda now: [row["status"] for row in now["disputes"]] == ["open"])
    visit.cancel("changed my mind")
    visit.provider.call("POST", f"/sandbox/disputes/{dispute}/transition", json={"status": "won"})
    visit.refunds_are("processed", "processed")
    visit.provider.behaves()
    assert sum(row["amount"] for row in visit.provider.refunds_of(payment)) < 194700
    log = stack.folder.log("activities")
    until("the alarm", lambda: "no webhook for the last" in log.read_text(errors="replace"), 40)


async def test_a_webhook_before_the_row_of_its_order_waits_for_it_and_is_parked_in_the_end(
    ordered: Ordered, messenger: Messenger, stack
) -> None:
    order = ordered.order
    rows = await connect(stack.info["postgres"])
    try:
        for unknown in ("order_Early000000001", "order_Never000000001"):
            assert await asyncio.to_thread(messenger.says, _captured(unknown)) == 200
        assert await _state(rows, "order_Early000000001") == "received"
        await rows.execute("UPDATE webhook_inbox SET order_id = $1 WHERE order_id = 'order_Early000000001'", order)
        await rows.execute(
            "UPDATE webhook_inbox SET received_at = now() - interval '11 minutes' WHERE order_id = $1",
            "order_Never000000001",
        )
        await _becomes(rows, order, "delivered")
        await _becomes(rows, "order_Never000000001", "parked")
    finally:
        await rows.close()


async def test_an_event_of_another_account_or_that_says_nothing_is_kept_and_answered_with_200(
    ordered: Ordered, messenger: Messenger, stack
) -> None:
    order = ordered.order
    assert await asyncio.to_thread(messenger.says, _captured(order, account="acc_Somebody0001")) == 200
    assert await asyncio.to_thread(messenger.says, b'{"event": "' + order.encode()) == 200
    rows = await connect(stack.info["postgres"])
    try:
        assert await _state(rows, order) == "parked"
    finally:
        await rows.close()


def test_a_secret_that_was_rotated_is_accepted_until_its_date_and_a_wrong_one_is_not(
    messenger: Messenger,
) -> None:
    assert messenger.says(_captured("order_Rotated00000001"), secret=OLDER_SECRET) == 200
    assert messenger.says(_captured("order_Rotated00000002"), secret="nobody's") == 401


def test_an_inbox_that_is_down_answers_503_and_the_next_delivery_counts(
    ordered: Ordered, messenger: Messenger, stack
) -> None:
    visit, order, _ = ordered
    body = _captured(order)
    stack.halt("postgres")
    try:
        assert messenger.says(body) == 503
    finally:
        stack.revive("postgres")
        stack.wait_ready("postgres")
        stack.wait_ready("api")
    until("the inbox", lambda: messenger.says(body) == 200)
    payment = visit.provider.pays(order)["payment"]["id"]
    visit.is_confirmed()
    visit.counts_once(payment)


def test_services_chosen_while_the_provider_is_down_are_503_in_time_and_chosen_once_it_answers(
    visit: Visit, stack
) -> None:
    visit.book(WASH)
    visit.fetch_the_car()
    visit.analyse()
    visit.provider.misbehaves({"match": "* /v1/*", "http": {"status": 502, "description": "down"}})
    with api_beside(stack, {"REVCARE_UPDATE_TIMEOUT": "1s"}) as url, httpx.Client(base_url=url, timeout=30) as http:
        card = visit.customer.card
        login = http.post("/api/v1/auth/login", data={"username": card["phone"], "password": card["password"]})
        headers = {"Authorization": f"Bearer {login.json()['access_token']}", "Idempotency-Key": "while-it-is-down"}
        wanted = {"service_ids": list(visit.quoted), "payment_method_id": visit.shop.payment_method("online")}

        def choose() -> httpx.Response:
            return http.put(f"/api/v1/bookings/{visit.id}/confirm-services", json=wanted, headers=headers)

        refused = choose()
        assert (refused.status_code, refused.json()["code"]) == (503, "NoOrderYet")
        assert int(refused.headers["retry-after"]) > 0
        until("the provider to be missed", lambda: _provider_is(http, "degraded"), 40)
        visit.provider.behaves()
        until("the order", lambda: choose().status_code == 200, 40)
        order = choose().json()["checkout"]["order_id"]
        until("the provider to be seen again", lambda: _provider_is(http, "ok"), 40)
    assert visit.now()["checkout"]["order_id"] == order


def _provider_is(http: httpx.Client, state: str) -> bool:
    return bool(http.get("/health/ready").json()["states"]["provider"]["state"] == state)


def test_a_key_that_is_refused_calls_an_admin_stops_the_asking_and_money_counts_when_it_is_right_again(
    visit: Visit,
) -> None:
    order = visit.ordered()
    refused = {"status": 401, "description": "Authentication failed"}
    visit.provider.misbehaves({"match": "* /v1/*", "http": refused})
    payment = visit.provider.pays(order)["payment"]["id"]
    now = visit.asks_for_the_admin()
    assert now["status"] == "analysed"
    asked = len(visit.provider.call("GET", "/sandbox/requests"))
    time.sleep(3)  # more than one round of polling: nothing is asked while the circuit is open
    assert len(visit.provider.call("GET", "/sandbox/requests")) - asked <= 1
    visit.provider.behaves()
    visit.is_confirmed()
    visit.counts_once(payment)


def _captured(order_id: str, account: str = "acc_Sandbox0000001") -> bytes:
    payment = {"id": f"pay_{order_id[6:]}", "entity": "payment", "order_id": order_id, "status": "captured"}
    event = {
        "entity": "event",
        "account_id": account,
        "event": "payment.captured",
        "contains": ["payment"],
        "payload": {"payment": {"entity": payment}},
        "created_at": 1_790_000_000,
    }
    return json.dumps(event).encode()


async def _state(rows: asyncpg.Connection, order_id: str) -> str | None:
    return await rows.fetchval("SELECT state FROM webhook_inbox WHERE order_id = $1 ORDER BY id DESC LIMIT 1", order_id)


async def _becomes(rows: asyncpg.Connection, order_id: str, state: str) -> None:
    async with asyncio.timeout(30):
        while await _state(rows, order_id) != state:  # noqa: ASYNC110 - a row has no event to wait for
            await asyncio.sleep(0.2)
