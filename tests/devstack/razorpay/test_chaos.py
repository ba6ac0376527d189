import hashlib
import hmac
import json
import time
from typing import Any

import httpx
import pytest
import requests

from devstack.razorpay import Served
from tests.devstack.razorpay.shop import Delivery, Shop, eventually


def signed_with(secret: str, delivery: Delivery) -> bool:
    expected = hmac.new(secret.encode(), delivery.body, hashlib.sha256).hexdigest()
    return delivery.headers.get("X-Razorpay-Signature") == expected


def one_delivery(sandbox: Served, shop: Shop, order: Any, **switches: Any) -> Delivery:
    sandbox.chaos(webhooks=[{"match": "payment.authorized", **switches}])
    sandbox.pay(order["id"])
    return eventually(lambda: shop.received)[0]


def test_a_dropped_event_is_logged_and_never_sent(sandbox: Served, shop: Shop, order: Any) -> None:
    sandbox.chaos(webhooks=[{"match": "payment.*", "drop": True}])
    sandbox.pay(order["id"], capture=True)
    eventually(lambda: shop.received)
    assert shop.events() == ["order.paid"]
    assert [event["dropped"] for event in sandbox.events()] == [True, True, False]


def test_events_can_come_in_duplicate(sandbox: Served, shop: Shop, order: Any) -> None:
    sandbox.chaos(webhooks=[{"match": "payment.authorized", "duplicate": 2, "instant_dup": True}])
    sandbox.pay(order["id"])
    eventually(lambda: len(shop.received) == 4)
    assert len({one.headers["X-Razorpay-Event-Id"] for one in shop.received}) == 1


@pytest.mark.parametrize(
    ("order_of_arrival", "names"),
    [
        ("reverse", ["order.paid", "payment.captured", "payment.authorized"]),
        (["payment.captured", "payment.authorized", "order.paid"],
         ["payment.captured", "payment.authorized", "order.paid"]),
    ],
)  # fmt: skip
def test_events_can_arrive_in_another_order(
    sandbox: Served, shop: Shop, order: Any, order_of_arrival: Any, names: list[str]
) -> None:
    sandbox.chaos(webhooks=[{"match": "*", "reorder": order_of_arrival, "times": 1}])
    sandbox.pay(order["id"], capture=True)
    eventually(lambda: len(shop.received) == 3)
    assert shop.events() == names


def test_a_shuffle_loses_nothing(sandbox: Served, shop: Shop, order: Any) -> None:
    sandbox.chaos(webhooks=[{"reorder": "shuffle"}])
    sandbox.pay(order["id"], capture=True)
    eventually(lambda: len(shop.received) == 3)
    assert set(shop.events()) == {"payment.authorized", "payment.captured", "order.paid"}


def test_an_event_can_be_late(sandbox: Served, shop: Shop, order: Any) -> None:
    started = time.monotonic()
    one_delivery(sandbox, shop, order, delay=0.3)
    assert time.monotonic() - started >= 0.3


def test_a_tampered_body_no_longer_fits_its_signature(sandbox: Served, shop: Shop, order: Any) -> None:
    delivery = one_delivery(sandbox, shop, order, tamper_body=True)
    assert delivery.json["payload"]["payment"]["entity"]["amount"] == 194800
    assert not signed_with(sandbox.config.webhook_secret, delivery)


def test_signatures_can_be_wrong_old_or_missing(sandbox: Served, shop: Shop, order: Any) -> None:
    delivery = one_delivery(sandbox, shop, order, old_secret=True)
    assert signed_with(sandbox.config.webhook_secret_previous, delivery)
    for switch in ("wrong_secret", "no_signature"):
        sandbox.operate("POST", "reset")
        shop.received.clear()
        fresh = sandbox.http.post(
            "/v1/orders",
            json={"amount": 500, "currency": "INR"},
            auth=(sandbox.config.key_id, sandbox.config.key_secret),
        ).json()
        delivery = one_delivery(sandbox, shop, fresh, **{switch: True})
        assert not signed_with(sandbox.config.webhook_secret, delivery)
    assert "X-Razorpay-Signature" not in delivery.headers


def test_the_event_id_can_be_missing(sandbox: Served, shop: Shop, order: Any) -> None:
    assert "X-Razorpay-Event-Id" not in one_delivery(sandbox, shop, order, omit_event_id=True).headers


def test_one_body_can_come_under_two_ids(sandbox: Served, shop: Shop, order: Any) -> None:
    one_delivery(sandbox, shop, order, new_event_id_same_body=True)
    first, second = eventually(lambda: len(shop.received) == 2 and shop.received)
    assert first.body == second.body
    assert first.headers["X-Razorpay-Signature"] == second.headers["X-Razorpay-Signature"]
    assert first.headers["X-Razorpay-Event-Id"] != second.headers["X-Razorpay-Event-Id"]


@pytest.mark.parametrize(("escape", "text"), [("slashes", b"order\\/bk-1-1"), ("unicode", b"\\u20b9")])
def test_escapes_make_bytes_that_no_reserialisation_gives_back(
    sandbox: Served, shop: Shop, order: Any, escape: str, text: bytes
) -> None:
    delivery = one_delivery(sandbox, shop, order, escape=escape)
    assert text in delivery.body
    assert signed_with(sandbox.config.webhook_secret, delivery)
    assert json.dumps(delivery.json, ensure_ascii=False, separators=(",", ":")).encode() != delivery.body


def test_bodies_can_be_odd_in_content(sandbox: Served, shop: Shop, order: Any) -> None:
    sandbox.chaos(
        webhooks=[
            {
                "match": "payment.authorized",
                "pretty_print": True,
                "omit_account_id": True,
                "authorized_snapshot_captured": True,
                "notes_as_list": True,
            }
        ]
    )
    sandbox.pay(order["id"], notes={"a": "b"})
    delivery = eventually(lambda: shop.received)[0]
    entity = delivery.json["payload"]["payment"]["entity"]
    assert delivery.body.startswith(b'{\n    "entity"')
    assert "account_id" not in delivery.json
    assert (entity["status"], entity["captured"], entity["notes"]) == ("captured", True, [])
    assert signed_with(sandbox.config.webhook_secret, delivery)


def test_the_first_rule_that_matches_and_has_times_left_applies(sandbox: Served, sdk: Any) -> None:
    sandbox.chaos(
        api=[
            {"match": "GET /v1/orders", "times": 1, "http": {"status": 429}},
            {"match": "GET *", "times": 1, "http": {"status": 500}},
        ]
    )
    keys = (sandbox.config.key_id, sandbox.config.key_secret)
    statuses = [sandbox.http.get("/v1/orders", auth=keys).status_code for _ in range(3)]
    assert statuses == [429, 500, 200]
    assert [rule["times"] for rule in sandbox.operate("GET", "chaos")["api"]] == [0, 0]
    assert sandbox.operate("DELETE", "chaos") == {"webhooks": [], "api": []}


def test_rules_that_are_added_come_behind_those_in_force_and_none_that_was_used_comes_back(sandbox: Served) -> None:
    once = {"match": "GET /v1/orders", "times": 1, "http": {"status": 429}}
    rules = {"api": [once, {**once, "http": {"status": 500}}]}
    keys = (sandbox.config.key_id, sandbox.config.key_secret)
    sandbox.chaos(**rules)
    assert sandbox.http.get("/v1/orders", auth=keys).status_code == 429
    added = sandbox.operate("POST", "chaos", api=[{**once, "http": {"status": 502}}], webhooks=[{"drop": True}])
    assert [rule["http"]["status"] for rule in added["api"]] == [500, 502]
    assert added["webhooks"] == [{"drop": True}]
    assert [sandbox.http.get("/v1/orders", auth=keys).status_code for _ in range(3)] == [500, 502, 200]


def test_an_unknown_switch_is_refused(sandbox: Served) -> None:
    with pytest.raises(httpx.HTTPStatusError, match="400"):
        sandbox.chaos(api=[{"match": "*", "explode": True}])


def test_a_balancer_may_answer_in_html(sandbox: Served, sdk: Any) -> None:
    sandbox.chaos(api=[{"match": "POST /v1/orders", "http": {"status": 502, "html": True}}])
    with pytest.raises(requests.exceptions.JSONDecodeError):
        sdk.order.create({"amount": 500, "currency": "INR"})
    assert sandbox.operate("GET", "state")["orders"] == []


def test_an_answer_can_be_lost_after_the_commit(sandbox: Served, sdk: Any) -> None:
    sandbox.chaos(api=[{"match": "POST /v1/orders", "times": 1, "drop_after_commit": True}])
    with pytest.raises(requests.exceptions.ConnectionError):
        sdk.order.create({"amount": 500, "currency": "INR", "receipt": "lost"})
    assert sdk.order.all({"receipt": "lost"})["count"] == 1
    assert sandbox.requests()[0]["status"] is None


def test_latency_and_a_lost_answer_combine(sandbox: Served, sdk: Any) -> None:
    sandbox.chaos(api=[{"match": "POST /v1/orders", "latency": 0.3, "drop_after_commit": True}])
    with pytest.raises(requests.exceptions.ReadTimeout):
        sdk.order.create({"amount": 500, "currency": "INR"}, timeout=0.1)
    assert sandbox.operate("GET", "state")["orders"] == []
    eventually(lambda: len(sandbox.operate("GET", "state")["orders"]) == 1)


def test_lists_can_lag_while_an_order_is_known_by_its_id(sandbox: Served, sdk: Any, order: Any) -> None:
    sandbox.chaos(api=[{"match": "GET /v1/orders", "list_lag": 120}])
    assert sdk.order.all({"receipt": order["receipt"]})["count"] == 0
    assert sdk.order.fetch(order["id"]) == order


def test_a_capture_can_be_applied_and_refused_at_once(sandbox: Served, sdk: Any, order: Any) -> None:
    payment = sandbox.pay(order["id"])["payment"]
    sandbox.chaos(api=[{"match": "POST *capture", "capture_conflict": True}])
    keys = (sandbox.config.key_id, sandbox.config.key_secret)
    answer = sandbox.http.post(f"/v1/payments/{payment['id']}/capture", json={"amount": 194700}, auth=keys)
    assert answer.status_code == 400
    assert "already been captured" in answer.json()["error"]["description"]
    assert sdk.payment.fetch(payment["id"])["status"] == "captured"


def test_operator_calls_and_checkout_are_never_disturbed(sandbox: Served, order: Any) -> None:
    sandbox.chaos(api=[{"match": "*", "http": {"status": 500}}])
    assert sandbox.pay(order["id"])["payment"]["status"] == "authorized"
    assert sandbox.http.post("/v1/checkout/embedded", data={"order_id": order["id"]}).status_code == 200
    assert [call["path"] for call in sandbox.requests()] == ["/v1/orders"]
