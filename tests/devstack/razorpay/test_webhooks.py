import hashlib
import hmac
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from devstack.razorpay import Config, Served, serving
from devstack.razorpay.webhooks import ladder
from tests.devstack.razorpay.shop import Delivery, Shop, eventually


def log(sandbox: Served, name: str) -> dict[str, Any]:
    return next(event for event in sandbox.events() if event["event"] == name)


def settled(sandbox: Served, name: str, times: int) -> dict[str, Any]:
    """The event, once it has been delivered so many times."""
    return eventually(lambda: len((event := log(sandbox, name))["deliveries"]) >= times and event)


def delivered(shop: Shop, name: str) -> Delivery:
    """The first delivery of this event. Events of one act are on their way at once: their order is not promised."""
    return eventually(lambda: next((one for one in list(shop.received) if one.event == name), None))


def test_every_event_is_signed_over_its_raw_bytes(sdk: Any, sandbox: Served, shop: Shop, order: Any) -> None:
    sandbox.pay(order["id"], capture=True)
    eventually(lambda: len(set(shop.events())) == 3)
    for delivery in shop.received:
        signature = hmac.new(sandbox.config.webhook_secret.encode(), delivery.body, hashlib.sha256).hexdigest()
        assert delivery.headers["X-Razorpay-Signature"] == signature
        secret = sandbox.config.webhook_secret
        assert sdk.utility.verify_webhook_signature(delivery.body.decode(), signature, secret) is True


def test_the_headers_are_the_providers(sandbox: Served, shop: Shop, order: Any) -> None:
    sandbox.pay(order["id"])
    headers = eventually(lambda: shop.received)[0].headers
    assert headers["User-Agent"] == "Razorpay-Webhook/v1"
    assert headers["Content-Type"] == "application/json"
    assert headers["Accept-Encoding"] == "gzip"
    assert len(headers["X-Razorpay-Event-Id"]) == 14
    assert headers["Request-Id"] == headers["X-Razorpay-Event-Id"]


def test_the_log_holds_the_exact_text_and_the_headers(sandbox: Served, shop: Shop, order: Any) -> None:
    sandbox.pay(order["id"])
    event = settled(sandbox, "payment.authorized", 1)
    delivery = shop.received[0]
    assert event["body"].encode() == delivery.body
    assert event["headers"].items() <= delivery.headers.items()
    assert event["id"] == delivery.headers["X-Razorpay-Event-Id"]
    assert event["dropped"] is False
    assert {"at", "status", "error"} <= event["deliveries"][0].keys()


def test_a_body_is_compact_utf8_with_the_keys_in_the_providers_order(sandbox: Served, shop: Shop, order: Any) -> None:
    sandbox.pay(order["id"], capture=True)
    paid = delivered(shop, "order.paid")
    assert paid.body.decode() == json.dumps(paid.json, ensure_ascii=False, separators=(",", ":"))
    assert "₹".encode() in paid.body
    assert list(paid.json) == ["entity", "account_id", "event", "contains", "payload", "created_at"]
    assert paid.json["contains"] == ["payment", "order"]
    assert paid.json["payload"]["order"]["entity"]["status"] == "paid"


def test_refund_events_have_their_keys_in_the_alphabets_order(
    sdk: Any, sandbox: Served, shop: Shop, captured: Any
) -> None:
    sdk.payment.refund(captured["id"], {"amount": 194700})
    created = delivered(shop, "refund.created").json
    assert list(created) == sorted(created)
    assert list(created["payload"]["payment"]["entity"]) == sorted(created["payload"]["payment"]["entity"])
    assert created["contains"] == ["refund", "payment"]
    assert created["payload"]["payment"]["entity"]["status"] == "refunded"
    assert created["payload"]["refund"]["entity"]["status"] == "processed"


def test_a_failed_delivery_is_repeated_byte_for_byte(sandbox: Served, shop: Shop, order: Any) -> None:
    shop.answers[:] = [500, 503, 302]
    sandbox.pay(order["id"])
    event = settled(sandbox, "payment.authorized", 4)
    assert [attempt["status"] for attempt in event["deliveries"]] == [500, 503, 302, 200]
    assert (
        len({(one.body, one.headers["X-Razorpay-Signature"], one.headers["Request-Id"]) for one in shop.received}) == 1
    )


def test_a_4xx_is_retried_too(sandbox: Served, shop: Shop, order: Any) -> None:
    shop.answers[:] = [401, 404]
    sandbox.pay(order["id"])
    event = settled(sandbox, "payment.authorized", 3)
    assert [attempt["status"] for attempt in event["deliveries"]] == [401, 404, 200]


def test_an_answer_after_the_deadline_is_a_failure(shop: Shop) -> None:
    shop.answers[:] = [1.0]
    with serving(Config(webhook_urls=(shop.url,), delivery_timeout=0.5)) as sandbox:
        keys = (sandbox.config.key_id, sandbox.config.key_secret)
        made = sandbox.http.post("/v1/orders", json={"amount": 500, "currency": "INR"}, auth=keys).json()
        sandbox.pay(made["id"])
        event = eventually(lambda: (event := log(sandbox, "payment.authorized"))["deliveries"][-1:] and event)
        assert event["deliveries"][0]["status"] is None
        assert event["deliveries"][0]["error"] == "no answer within 0.5 s"
        eventually(lambda: log(sandbox, "payment.authorized")["deliveries"][-1]["status"] == 200)


def test_a_shop_that_is_down_is_tried_until_it_is_up(order: Any, sandbox: Served, shop: Shop) -> None:
    hook = sandbox.http.post(
        "/v1/webhooks",
        json={"url": "http://127.0.0.1:1/", "secret": "its own", "events": ["payment.authorized"]},
        auth=(sandbox.config.key_id, sandbox.config.key_secret),
    )
    assert hook.status_code == 200
    sandbox.pay(order["id"])
    event = settled(sandbox, "payment.authorized", 3)
    refusals = [attempt for attempt in event["deliveries"] if attempt["status"] is None]
    assert len(refusals) >= 2
    assert refusals[0]["error"].startswith("ConnectError")


@pytest.mark.parametrize(
    ("event", "status", "slow", "pauses"),
    [
        ("payment.captured", 500, False, [0.23, 6 - 0.23, 13]),
        ("payment.captured", None, False, [0.23, 6 - 0.23, 13]),
        ("payment.captured", 404, False, [6, 13, 21]),
        ("payment.captured", None, True, [6, 13, 21]),
        ("refund.created", 500, False, [6, 13, 21]),
        ("payment.failed", 500, False, [6, 13, 21]),
    ],
)
def test_the_ladder_is_the_measured_one(event: str, status: int | None, slow: bool, pauses: list[float]) -> None:
    taken, found = -1, []
    for _ in pauses:
        step = ladder.next_step(taken + 1, event, status, slow=slow)
        found.append(ladder.pause(step, taken))
        taken = step
    assert found == pauses


def test_a_day_of_failure_switches_the_endpoint_off_until_somebody_enables_it() -> None:
    config = Config(webhook_urls=("http://127.0.0.1:1/",), time_scale=1_000_000)
    with serving(config) as sandbox:
        keys = (config.key_id, config.key_secret)
        made = sandbox.http.post("/v1/orders", json={"amount": 500, "currency": "INR"}, auth=keys).json()
        sandbox.pay(made["id"])
        eventually(lambda: not sandbox.operate("GET", "endpoints")[0]["active"])
        assert len(log(sandbox, "payment.authorized")["deliveries"]) == 16
        listed = sandbox.http.get("/v1/webhooks", auth=keys).json()["items"][0]
        assert (listed["active"], listed["disabled_at"] > 0) == (False, True)
        sandbox.http.post(f"/v1/payments/{_payment(sandbox)}/capture", json={"amount": 500}, auth=keys)
        assert log(sandbox, "payment.captured")["deliveries"] == []
        assert sandbox.operate("POST", "endpoints/0/enable")["active"] is True


def _payment(sandbox: Served) -> str:
    return sandbox.operate("GET", "state")["payments"][0]["id"]


def test_an_event_can_be_replayed_under_its_own_id_and_under_new_ones(sandbox: Served, shop: Shop, order: Any) -> None:
    sandbox.pay(order["id"])
    event = settled(sandbox, "payment.authorized", 1)
    assert len(sandbox.operate("POST", f"events/{event['id']}/replay")["deliveries"]) == 1
    answer = sandbox.operate("POST", f"events/{event['id']}/replay", new_id=True, times=3)
    assert [attempt["status"] for attempt in answer["deliveries"]] == [200, 200, 200]
    assert len(shop.received) == 5
    assert (
        len({one.body for one in shop.received})
        == len({one.headers["X-Razorpay-Signature"] for one in shop.received})
        == 1
    )
    assert len({one.headers["X-Razorpay-Event-Id"] for one in shop.received}) == 4


def test_an_endpoint_made_by_the_api_has_its_own_secret_and_selection(
    sdk: Any, sandbox: Served, shop: Shop, order: Any
) -> None:
    made = sdk.webhook.create({"url": shop.url, "secret": "another", "events": {"order.paid": True}})
    assert (made["entity"], made["events"], made["secret_exists"]) == ("webhook", ["order.paid"], True)
    assert sdk.webhook.all({})["count"] == 2
    sandbox.pay(order["id"], capture=True)
    eventually(lambda: len(shop.received) == 4)
    signatures = {one.headers["X-Razorpay-Signature"] for one in shop.received if one.event == "order.paid"}
    assert len(signatures) == 2


def test_an_answer_that_breaks_off_is_a_failure_and_the_webhook_comes_again() -> None:
    whole = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nkept"
    answers = [whole[:-2], b"", b"no HTTP at all\r\n\r\n", whole]

    class Endpoint(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.wfile.write(answers.pop(0))

    with ThreadingHTTPServer(("127.0.0.1", 0), Endpoint) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/"
        with serving(Config(webhook_urls=(url,), time_scale=100_000.0)) as sandbox:
            keys = (sandbox.config.key_id, sandbox.config.key_secret)
            made = sandbox.http.post("/v1/orders", json={"amount": 500, "currency": "INR"}, auth=keys).json()
            sandbox.pay(made["id"], capture=False)
            attempts = settled(sandbox, "payment.authorized", 4)["deliveries"]
        server.shutdown()
    assert [attempt["status"] for attempt in attempts] == [None, None, None, 200]
    assert all(attempt["error"].startswith("RemoteProtocolError") for attempt in attempts[:3])
