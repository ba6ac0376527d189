"""What can happen to money, and what then: one test per row of the matrix, on the real stack with the sandbox.

Rows that can run side by side do (``concurrent_scenario``): they start at once, and each test waits for its own. Those
that change conditions for everybody (all webhooks, the key, the database) run alone, afterwards.
"""

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from decimal import Decimal

import asyncpg
import pytest

from devstack.demo.calls import Refused, until
from devstack.demo.shop import Shop
from tests.journeys.payment_scenarios import Messenger, Provider, Tale, Visit

AT_ONCE = 5
OLDER_SECRET = "sandbox-webhook-secret-previous"
_TALES: dict[str, Tale] = {}


def concurrent_scenario(tale: Tale) -> Callable[..., None]:
    """A row that is told beside others; its test waits for it."""
    _TALES[tale.__name__] = tale

    def test(telling: dict[str, "Future[None]"]) -> None:
        telling[tale.__name__].result()

    test.__name__, test.__doc__ = tale.__name__, tale.__doc__
    return test


@pytest.fixture(scope="module")
def provider(shop: Shop) -> Iterator[Provider]:
    provider = Provider(shop)
    yield provider
    provider.behaves()
    provider.close()


@pytest.fixture(scope="module")
def messenger(shop: Shop) -> Iterator[Messenger]:
    messenger = Messenger(shop)
    yield messenger
    messenger.close()


@pytest.fixture(scope="module")
def telling(shop: Shop, provider: Provider) -> Iterator[dict[str, "Future[None]"]]:
    """Every tale under way. Meanwhile ``captured`` comes late, so that it is overtaken by whatever follows it."""
    provider.misbehaves({"match": "payment.captured", "delay": 1.5}, side="webhooks")
    with ThreadPoolExecutor(AT_ONCE) as people:
        yield {name: people.submit(tale, Visit(shop, provider)) for name, tale in _TALES.items()}


@pytest.fixture
def visit(shop: Shop, provider: Provider, telling: dict[str, "Future[None]"]) -> Visit:
    """A booking of a row that is told alone: all others are over."""
    for future in telling.values():
        future.exception()
    provider.behaves()
    return Visit(shop, provider)


# Money comes


@concurrent_scenario
def test_a_tab_closed_after_paying_changes_nothing(visit: Visit) -> None:
    visit.counts_once(visit.paid())


@concurrent_scenario
def test_the_same_event_again_and_again_beside_the_callback_counts_once(visit: Visit) -> None:
    order = visit.ordered()
    said = visit.provider.pays(order)
    payment = said["payment"]["id"]
    visit.customer.bring_callback(said)
    visit.is_confirmed()
    for name in ("payment.authorized", "payment.captured", "order.paid"):
        for event in until(name, lambda name=name: visit.provider.events_of(payment, name)):
            visit.provider.replays(event, 3)
            visit.provider.replays(event, 2, new_id=True)
    visit.customer.bring_callback(said)
    visit.counts_once(payment)


@concurrent_scenario
def test_order_paid_before_captured_and_a_refund_before_captured_end_the_same(visit: Visit) -> None:
    payment = visit.paid()
    visit.counts_once(payment)
    visit.cancel("changed my mind")
    visit.refunds_are("processed")
    for event in visit.provider.events_of(payment, "payment.captured"):
        visit.provider.replays(event, new_id=True)
    visit.bring_back()
    now = visit.end()
    assert [refund["status"] for refund in now["refunds"]] == ["processed"]
    assert len(visit.provider.refunds_of(payment)) == 1


@concurrent_scenario
def test_a_failed_payment_that_is_captured_after_all_confirms_and_was_only_an_attempt(visit: Visit) -> None:
    order = visit.ordered()
    payment = visit.provider.pays(order, outcome="failed")["payment"]["id"]
    visit.gets("payment-failed")
    assert visit.now()["payment"]["status"] == "pending"
    visit.provider.authorises(payment)
    visit.is_confirmed()
    visit.counts_once(payment)


@concurrent_scenario
def test_money_of_another_amount_is_never_counted_goes_back_and_is_looked_at(visit: Visit) -> None:
    order = visit.ordered()
    payment = visit.provider.pays(order, amount=10000, capture=True)["payment"]["id"]
    [refund] = visit.refunds_are("processed")
    assert (refund["amount"], refund["payment_id"]) == ("100.00", payment)
    now = visit.asks_for_the_admin()
    assert (now["status"], now["totals"]["paid"]) == ("analysed", "100.00")
    assert now["totals"]["due"] == now["totals"]["total"]
    assert any(payment in reason for reason in now["attention"])


@concurrent_scenario
def test_money_of_another_currency_is_never_captured_and_is_looked_at(visit: Visit) -> None:
    order = visit.ordered()
    visit.provider.pays(order, currency="USD")
    now = visit.asks_for_the_admin()
    assert now["status"] == "analysed"
    assert not any(row["captured"] for row in visit.provider.payments_of(order))


@concurrent_scenario
def test_the_callback_of_a_cheap_order_does_not_pay_a_dear_booking(visit: Visit) -> None:
    dear = visit.ordered()
    cheap = visit.provider.call("POST", "/v1/orders", json={"amount": 100, "currency": "INR"})["id"]
    said = visit.provider.pays(cheap, capture=True)
    with pytest.raises(Refused) as refusal:
        visit.customer.bring_callback({**said, "razorpay_order_id": dear})
    assert (refusal.value.status, refusal.value.code) == (400, "BadSignature")
    with pytest.raises(Refused) as unknown:
        visit.customer.bring_callback(said)
    assert unknown.value.status == 404
    assert visit.now()["payment"]["status"] == "pending"


@concurrent_scenario
def test_a_capture_that_timed_out_or_was_done_already_is_a_success(visit: Visit) -> None:
    payment = visit.provider.pending(visit.ordered())
    path = f"POST /v1/payments/{payment}/capture"
    visit.provider.misbehaves({"match": path, "times": 1, "drop_after_commit": True})
    visit.provider.authorises(payment)
    visit.is_confirmed()
    visit.counts_once(payment)


@concurrent_scenario
def test_a_capture_that_is_answered_with_already_captured_is_a_success(visit: Visit) -> None:
    payment = visit.provider.pending(visit.ordered())
    path = f"POST /v1/payments/{payment}/capture"
    visit.provider.misbehaves({"match": path, "times": 1, "capture_conflict": True})
    visit.provider.authorises(payment)
    visit.is_confirmed()
    visit.counts_once(payment)


@concurrent_scenario
def test_errors_pages_and_throttling_of_the_provider_only_delay(visit: Visit) -> None:
    order = visit.ordered()
    facts = f"GET /v1/orders/{order}"
    visit.provider.misbehaves(
        {"match": facts, "times": 1, "http": {"status": 500}},
        {"match": facts, "times": 1, "http": {"status": 502, "html": True}},
        {"match": f"{facts}/payments", "times": 1, "http": {"status": 429}},
    )
    payment = visit.provider.pays(order)["payment"]["id"]
    visit.is_confirmed()
    visit.counts_once(payment)


@concurrent_scenario
def test_two_tabs_that_pay_one_order_pay_once(visit: Visit) -> None:
    order = visit.ordered()
    first = visit.provider.pays(order, capture=True)["payment"]["id"]
    visit.is_confirmed()
    second = visit.provider.pays(order, force=True, capture=True)["payment"]["id"]
    [refund] = visit.refunds_are("processed")
    assert (refund["payment_id"], refund["amount"]) == (second, visit.booking["totals"]["total"])
    assert visit.provider.refunds_of(first) == []
    assert [len(visit.provider.refunds_of(second)), visit.booking["status"]] == [1, "in-progress"]
    visit.gets("payment-received")


@concurrent_scenario
def test_a_hold_that_is_lost_while_authorised_is_not_captured_and_the_customer_is_told(visit: Visit) -> None:
    order = visit.ordered()
    visit.customer.choose_cash(visit.id)
    payment = visit.provider.pays(order)["payment"]["id"]
    visit.gets("payment-failed")
    visit.provider.call("POST", f"/sandbox/payments/{payment}/auto-refund")
    now = visit.now()
    assert not any(row["captured"] for row in visit.provider.payments_of(order))
    assert (now["refunds"], now["totals"]["paid"]) == ([], "0.00")


# Money goes back


@concurrent_scenario
def test_money_that_comes_after_the_end_of_a_cancelled_booking_goes_back_once(visit: Visit) -> None:
    order = visit.ended_unpaid()
    payment = visit.provider.pays(order, capture=True)["payment"]["id"]
    [refund] = visit.refunds_are("processed")
    visit.gets("refund-processed")
    for name in ("payment.captured", "order.paid"):
        for event in until(name, lambda name=name: visit.provider.events_of(payment, name)):
            visit.provider.replays(event, new_id=True)
    now = visit.end()
    assert (now["status"], refund["payment_id"]) == ("cancelled", payment)
    assert [row["amount"] for row in visit.provider.refunds_of(payment)] == [int(Decimal(refund["amount"]) * 100)]
    asked = visit.provider.asked("POST", f"/v1/payments/{payment}/refund")
    assert {call["idempotency_key"] for call in asked} == {f"late-{payment}"}


@concurrent_scenario
def test_a_refund_whose_answer_was_lost_is_made_once(visit: Visit) -> None:
    payment = visit.paid()
    path = f"POST /v1/payments/{payment}/refund"
    visit.provider.misbehaves({"match": path, "times": 2, "drop_after_commit": True})
    visit.cancel("changed my mind")
    visit.refunds_are("processed")
    assert len(visit.provider.refunds_of(payment)) == 1
    assert len({call["idempotency_key"] for call in visit.provider.asked("POST", path.removeprefix("POST "))}) == 1


@concurrent_scenario
def test_a_refund_whose_key_is_busy_is_tried_again(visit: Visit) -> None:
    payment = visit.paid()
    busy = {"status": 409, "description": "Another request with the same idempotency key is still in progress."}
    visit.provider.misbehaves({"match": f"POST /v1/payments/{payment}/refund", "times": 1, "http": busy})
    visit.cancel("changed my mind")
    visit.refunds_are("processed")
    assert len(visit.provider.refunds_of(payment)) == 1


@concurrent_scenario
def test_a_refund_whose_key_was_used_for_something_else_stops_and_asks_for_the_admin(visit: Visit) -> None:
    payment = visit.paid()
    used = {
        "status": 409,
        "description": "Different request with the same idempotency key has already been processed.",
    }
    visit.provider.misbehaves({"match": f"POST /v1/payments/{payment}/refund", "http": used, "times": 1})
    visit.cancel("changed my mind")
    now = visit.asks_for_the_admin()
    assert [refund["status"] for refund in now["refunds"]] == ["failed"]
    assert len(visit.provider.asked("POST", f"/v1/payments/{payment}/refund")) == 1
    visit.shop.admin.post(f"/payment/refunds/{now['refunds'][0]['id']}/retry")
    visit.refunds_are("failed", "processed")
    assert len(visit.provider.refunds_of(payment)) == 1


@concurrent_scenario
def test_a_refund_that_fails_after_it_was_processed_is_made_again_and_the_customer_is_told(visit: Visit) -> None:
    payment = visit.paid()
    visit.cancel("changed my mind")
    [refund] = visit.refunds_are("processed")
    visit.provider.settles(refund["refund_id"], "failed")
    visit.refunds_are("failed", "processed")
    visit.gets("refund-delayed")
    visit.gets("refund-processed", 2)
    made = visit.provider.refunds_of(payment)
    assert [row["status"] for row in made] == ["failed", "processed"]
    assert len({row["amount"] for row in made}) == 1


@concurrent_scenario
def test_a_refund_for_which_our_balance_is_too_low_waits_until_an_admin_pushes_it(visit: Visit) -> None:
    payment = visit.paid()
    path = f"POST /v1/payments/{payment}/refund"
    visit.provider.misbehaves({"match": path, "times": 1, "insufficient_balance": True})
    visit.cancel("changed my mind")
    now = visit.asks_for_the_admin()
    assert [refund["status"] for refund in now["refunds"]] == ["pending"]
    visit.shop.admin.post(f"/payment/refunds/{now['refunds'][0]['id']}/retry")
    visit.refunds_are("processed")


@concurrent_scenario
def test_a_refund_in_the_dashboard_is_entered_keeps_the_status_and_asks_for_the_admin(visit: Visit) -> None:
    payment = visit.paid()
    refund = {"amount": 20000, "speed": "normal"}
    visit.provider.call("POST", f"/v1/payments/{payment}/refund", json=refund)
    now = visit.asks_for_the_admin()
    assert (now["status"], now["totals"]["refunded"]) == ("in-progress", "200.00")
    assert [(row["amount"], row["status"]) for row in now["refunds"]] == [("200.00", "processed")]
    entries = visit.shop.admin.get("/payment/ledger", booking_id=visit.id)
    assert sum(Decimal(entry["amount"]) for entry in entries) == Decimal(now["totals"]["paid"]) - 200
    visit.shop.admin.post(f"/bookings/admin/attention/{visit.id}", {"note": "for the delay"})
    assert visit.action_required() != "attention"
    visit.cancel("no longer needed")
    now = visit.wait_for("both refunds", lambda now: [r["status"] for r in now["refunds"]] == ["processed"] * 2)
    kept = Decimal(now["cancellation"]["fee"]) + Decimal(now["cancellation"]["gst_on_fee"])
    given = sum(row["amount"] for row in visit.provider.refunds_of(payment))
    assert Decimal(given) / 100 == Decimal(now["totals"]["paid"]) - kept


@concurrent_scenario
def test_a_dispute_freezes_the_refund_shows_to_the_admin_and_lets_go_when_it_is_won(visit: Visit) -> None:
    payment = visit.paid()
    dispute = visit.provider.call("POST", "/sandbox/disputes", json={"payment_id": payment})["id"]
    now = visit.asks_for_the_admin()
    assert [(row["dispute_id"], row["status"]) for row in now["disputes"]] == [(dispute, "open")]
    assert now["status"] == "in-progress"
    assert "disputes" not in visit.customer.booking(visit.id)
    visit.cancel("changed my mind")
    visit.bring_back()
    assert visit.provider.refunds_of(payment) == []
    visit.provider.call("POST", f"/sandbox/disputes/{dispute}/transition", json={"status": "won"})
    visit.refunds_are("processed")
    assert visit.end()["status"] == "cancelled"


@concurrent_scenario
def test_a_dispute_lost_after_the_end_is_in_the_ledger_and_asks_for_the_admin(visit: Visit) -> None:
    payment = visit.paid()
    visit.work()
    visit.bring_back()
    visit.end()
    dispute = visit.provider.call("POST", "/sandbox/disputes", json={"payment_id": payment})["id"]
    visit.asks_for_the_admin()
    visit.provider.call("POST", f"/sandbox/disputes/{dispute}/transition", json={"status": "lost"})
    now = visit.wait_for("the dispute's end", lambda now: [d["status"] for d in now["disputes"]] == ["lost"])
    assert (now["status"], now["waiting_for"]) == ("delivered", None)
    entries = visit.shop.admin.get("/payment/ledger", booking_id=visit.id)
    assert sum(Decimal(entry["amount"]) for entry in entries) == 0
    visit.shop.admin.post(f"/bookings/admin/attention/{visit.id}")
    assert visit.action_required() == "none"


# At the door


@concurrent_scenario
def test_cash_that_is_refused_at_the_door_is_paid_with_a_fresh_order_there(visit: Visit) -> None:
    visit.ordered()
    visit.customer.choose_cash(visit.id)
    visit.work()
    mechanic = visit.shop.assign(visit.now(), "drop")
    mechanic.post("/payment/verify-cod", _no_cash(visit.id))
    now = visit.asks_for_the_admin()
    assert now["waiting_for"]["who"] == "admin"
    mechanic.open_collection(visit.id)
    order = visit.customer.booking(visit.id)["checkout"]
    assert order["amount"] == int(Decimal(now["totals"]["due"]) * 100)
    visit.provider.pays(order["order_id"])
    visit.wait_for("the money at the door", lambda now: now["totals"]["due"] == "0.00")
    mechanic.report(visit.id, "Brought home.")
    now = visit.end()
    assert (now["status"], now["payment"]["method"]) == ("delivered", "online")
    assert visit.action_required() == "none"


# What concerns everybody is told alone


def test_an_order_whose_making_timed_out_is_found_by_its_receipt_and_used(visit: Visit) -> None:
    visit.provider.misbehaves({"match": "POST /v1/orders", "times": 1, "drop_after_commit": True})
    before = len(visit.provider.call("GET", "/sandbox/state")["orders"])
    order = visit.ordered()
    made = visit.provider.call("GET", "/sandbox/state")["orders"][before:]
    assert [row["id"] for row in made] == [order]


def test_webhooks_that_are_lost_are_missed_and_asking_confirms(visit: Visit, stack) -> None:
    visit.provider.misbehaves({"match": "*", "drop": True}, side="webhooks")
    payment = visit.paid()
    visit.provider.behaves()
    visit.counts_once(payment)
    log = stack.folder.log("activities")
    until("the alarm", lambda: "no webhook for the last" in log.read_text(errors="replace"), 40)


async def test_a_webhook_before_the_row_of_its_order_waits_for_it_and_is_parked_in_the_end(
    visit: Visit, messenger: Messenger, stack
) -> None:
    order = await asyncio.to_thread(visit.ordered)
    rows = await asyncpg.connect(stack.info["postgres"])
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
    visit: Visit, messenger: Messenger, stack
) -> None:
    order = await asyncio.to_thread(visit.ordered)
    assert await asyncio.to_thread(messenger.says, _captured(order, account="acc_Somebody0001")) == 200
    assert await asyncio.to_thread(messenger.says, b'{"event": "' + order.encode()) == 200
    rows = await asyncpg.connect(stack.info["postgres"])
    try:
        assert await _state(rows, order) == "parked"
    finally:
        await rows.close()


def test_a_secret_that_was_rotated_is_accepted_until_its_date_and_a_wrong_one_is_not(
    visit: Visit, messenger: Messenger
) -> None:
    assert messenger.says(_captured("order_Rotated00000001"), secret=OLDER_SECRET) == 200
    assert messenger.says(_captured("order_Rotated00000002"), secret="nobody's") == 401


def test_an_inbox_that_is_down_answers_503_and_the_next_delivery_counts(
    visit: Visit, messenger: Messenger, stack
) -> None:
    order = visit.ordered()
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


def _no_cash(booking_id: int) -> dict:
    return {"booking_id": booking_id, "amount": "0.00", "refused": True, "reason": "has no cash"}


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
