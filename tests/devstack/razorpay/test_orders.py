from typing import Any

import pytest
import requests
from razorpay.errors import BadRequestError

from devstack.razorpay import Config, Served, serving

TOO_SHORT = {"capture": "manual", "capture_options": {"manual_expiry_period": 5}}


def test_an_order_starts_created_and_unpaid(order: dict[str, Any]) -> None:
    assert (order["status"], order["amount_paid"], order["amount_due"], order["attempts"]) == ("created", 0, 194700, 0)
    assert order["notes"] == []


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"currency": "INR"}, "amount: is required."),
        ({"amount": "100", "currency": "INR"}, "The amount must be an integer."),
        ({"amount": 100.0, "currency": "INR"}, "The amount must be an integer."),
        ({"amount": True, "currency": "INR"}, "The amount must be an integer."),
        ({"amount": {}, "currency": "INR"}, "The amount must be an integer."),
        ({"amount": 99, "currency": "INR"}, "Order amount less than minimum amount allowed"),
        ({"amount": 10**12, "currency": "INR"}, "Amount exceeds maximum amount allowed."),
        ({"amount": 100}, "The currency field is required."),
        ({"amount": 100, "currency": "INR", "receipt": "r" * 41}, "receipt: the length must be no more than 40."),
        ({"amount": 100, "currency": "INR", "colour": "red"}, "colour is/are not required and should not be sent"),
        ({"amount": 100, "currency": "INR", "payment": {"capture": "never"}}, "The capture must be"),
        (
            {"amount": 100, "currency": "INR", "payment": TOO_SHORT},
            "The manual expiry period",
        ),
    ],
)
def test_a_wrong_order_is_refused_in_the_providers_words(sdk: Any, fields: dict[str, Any], words: str) -> None:
    with pytest.raises(BadRequestError, match=words.replace(".", r"\.")):
        sdk.order.create(fields)


def test_a_body_that_is_no_object_is_an_invalid_request(sdk: Any) -> None:
    with pytest.raises(BadRequestError, match="invalid request sent"):
        sdk.order.create(500)


def test_orders_are_found_by_receipt_and_a_receipt_need_not_be_unique(sdk: Any, order: dict[str, Any]) -> None:
    again = sdk.order.create({"amount": 500, "currency": "INR", "receipt": "bk-1-1"})
    sdk.order.create({"amount": 500, "currency": "INR", "receipt": "bk-2-1"})
    found = sdk.order.all({"receipt": "bk-1-1"})
    assert [item["id"] for item in found["items"]] == [again["id"], order["id"]]
    assert (found["entity"], found["count"]) == ("collection", 2)


def test_a_sandbox_can_be_told_that_receipts_are_unique() -> None:
    with serving(Config(unique_receipt=True)) as sandbox:
        wanted = {"amount": 500, "currency": "INR", "receipt": "bk"}
        keys = (sandbox.config.key_id, sandbox.config.key_secret)
        made, refused = [sandbox.http.post("/v1/orders", json=wanted, auth=keys) for _ in range(2)]
    assert (made.status_code, refused.status_code) == (200, 400)
    error = refused.json()["error"]
    assert error["description"] == "Order receipt should be unique."
    assert error["metadata"] == {"order_id": made.json()["id"]}


def test_only_the_notes_of_an_order_can_be_changed(sdk: Any, order: dict[str, Any]) -> None:
    assert sdk.order.edit(order["id"], {"notes": {"a": "b"}})["notes"] == {"a": "b"}
    with pytest.raises(BadRequestError, match="amount is/are not required"):
        sdk.order.edit(order["id"], {"amount": 500})


def test_lists_are_paged(sdk: Any) -> None:
    made = [sdk.order.create({"amount": 500, "currency": "INR"})["id"] for _ in range(12)]
    assert [item["id"] for item in sdk.order.all({})["items"]] == made[:1:-1]
    assert [item["id"] for item in sdk.order.all({"count": 3, "skip": 10})["items"]] == made[1::-1]
    with pytest.raises(BadRequestError, match="may not be greater than 100"):
        sdk.order.all({"count": 101})


def test_an_unknown_id_and_a_misshapen_one_have_their_own_words(sdk: Any) -> None:
    with pytest.raises(BadRequestError, match="The id provided does not exist"):
        sdk.order.fetch("order_00000000000000")
    with pytest.raises(BadRequestError, match="order_1 is not a valid id"):
        sdk.order.fetch("order_1")


def test_a_wrong_or_missing_key_is_401(sandbox: Served) -> None:
    for keys in (None, (sandbox.config.key_id, "wrong"), ("rzp_test_other", sandbox.config.key_secret)):
        answer = requests.get(f"{sandbox.base_url}/v1/orders", auth=keys, timeout=5)
        assert answer.status_code == 401
        assert answer.json()["error"]["description"] == "Authentication failed"
    shouted = requests.get(f"{sandbox.base_url}/v1/orders", headers={"Authorization": "BASIC x"}, timeout=5)
    assert shouted.status_code == 401


@pytest.mark.parametrize("path", ["/v1/nothing", "//v1/orders", "/v1/orders/"])
def test_an_unknown_url_is_the_providers_404(sandbox: Served, path: str) -> None:
    keys = (sandbox.config.key_id, sandbox.config.key_secret)
    answer = requests.get(sandbox.base_url + path, auth=keys, timeout=5)
    assert answer.status_code == 404
    assert answer.json()["error"]["description"] == "The requested URL was not found on the server."


def test_a_live_key_is_refused() -> None:
    with pytest.raises(ValueError, match="live key"):
        Config(key_id="rzp_live_1")


def test_what_is_asked_for_is_shown_in_full(sdk: Any, sandbox: Served, order: dict[str, Any]) -> None:
    payment = sandbox.pay(order["id"], capture=True, method="card")["payment"]
    refund = sdk.payment.refund(payment["id"], {"amount": 500})
    known = sdk.payment.fetch(payment["id"])
    card = sdk.payment.fetchCardDetails(payment["id"])
    bare = sdk.order.fetch(order["id"])
    attempts = {"entity": "collection", "count": 1, "items": [{**known, "card": card}]}
    assert sdk.order.fetch(order["id"], {"expand[]": ["payments", "payments.card"]}) == {**bare, "payments": attempts}
    assert sdk.order.all({"expand[]": "payments.card"})["items"] == [{**bare, "payments": attempts}]
    assert sdk.payment.fetch(payment["id"], {"expand[]": "order"}) == {**known, "order": bare}
    assert sdk.payment.all({"expand[]": "card"})["items"] == [{**known, "card": card}]
    listed = {"entity": "collection", "count": 1, "items": [refund]}
    assert sdk.order.payments(order["id"], {"expand[]": "refunds"})["items"] == [{**known, "refunds": listed}]
    assert sdk.payment.fetch(payment["id"], {"expand[]": "moon"}) == known
