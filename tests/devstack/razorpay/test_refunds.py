from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any

import httpx
import pytest
from razorpay.errors import BadRequestError

from devstack.razorpay import Served
from tests.devstack.razorpay.shop import Shop, eventually

KEY = {"X-Refund-Idempotency": "rf-booking-1"}


def test_a_partial_refund_keeps_the_payment_captured_and_a_full_one_does_not(
    sdk: Any, captured: dict[str, Any]
) -> None:
    sdk.payment.refund(captured["id"], {"amount": 4700})
    payment = sdk.payment.fetch(captured["id"])
    assert (payment["status"], payment["refund_status"], payment["amount_refunded"]) == ("captured", "partial", 4700)
    sdk.payment.refund(captured["id"], {"amount": 190000})
    payment = sdk.payment.fetch(captured["id"])
    assert (payment["status"], payment["refund_status"], payment["captured"]) == ("refunded", "full", True)
    assert sdk.order.fetch(captured["order_id"])["status"] == "paid"


def test_an_absent_amount_refunds_what_is_left(sdk: Any, captured: dict[str, Any]) -> None:
    sdk.payment.refund(captured["id"], {"amount": 700})
    assert sdk.payment.refund(captured["id"], {})["amount"] == 194000


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"amount": 194701}, "greater than amount captured"),
        ({"amount": 99}, "at least INR 1.00"),
        ({"amount": "500"}, "must be an integer"),
        ({"amount": 500, "reason": "x"}, "reason is/are not required and should not be sent"),
        (500, "invalid request sent"),
    ],
)
def test_a_wrong_refund_is_refused_in_the_providers_words(
    sdk: Any, captured: dict[str, Any], body: Any, words: str
) -> None:
    with pytest.raises(BadRequestError, match=words):
        sdk.payment.refund(captured["id"], body)


def test_only_captured_money_can_be_refunded_and_only_once(sdk: Any, sandbox: Served, order: dict[str, Any]) -> None:
    payment = sandbox.pay(order["id"])["payment"]
    with pytest.raises(BadRequestError, match="should be captured"):
        sdk.payment.refund(payment["id"], {"amount": 500})
    sdk.payment.capture(payment["id"], 194700, {"currency": "INR"})
    sdk.payment.refund(payment["id"], {"amount": 194700})
    with pytest.raises(BadRequestError, match="fully refunded already"):
        sdk.payment.refund(payment["id"], {"amount": 500})


def test_the_same_key_and_body_answer_the_same_refund(sdk: Any, captured: dict[str, Any]) -> None:
    first = sdk.payment.refund(captured["id"], {"amount": 500}, headers=dict(KEY))
    again = sdk.payment.refund(captured["id"], {"amount": 500}, headers=dict(KEY))
    assert first["id"] == again["id"]
    assert sdk.payment.fetch(captured["id"])["amount_refunded"] == 500


def test_the_same_key_with_another_body_is_a_conflict(sandbox: Served, sdk: Any, captured: dict[str, Any]) -> None:
    sdk.payment.refund(captured["id"], {"amount": 500}, headers=dict(KEY))
    with pytest.raises(BadRequestError, match="Different request with the same idempotency key"):
        sdk.payment.refund(captured["id"], {"amount": 600}, headers=dict(KEY))
    assert [call["status"] for call in sandbox.requests()][-2:] == [200, 409]
    assert sandbox.requests()[-1]["idempotency_key"] == "rf-booking-1"


def test_a_refused_refund_releases_its_key(sdk: Any, captured: dict[str, Any]) -> None:
    with pytest.raises(BadRequestError, match="greater than"):
        sdk.payment.refund(captured["id"], {"amount": 999999}, headers=dict(KEY))
    assert sdk.payment.refund(captured["id"], {"amount": 500}, headers=dict(KEY))["amount"] == 500


def test_a_key_has_at_least_ten_plain_characters(sdk: Any, captured: dict[str, Any]) -> None:
    for key in ("short", "with spaces in it", "slash/slash/slash"):
        with pytest.raises(BadRequestError, match="idempotency key"):
            sdk.payment.refund(captured["id"], {"amount": 500}, headers={"X-Refund-Idempotency": key})


def test_while_a_key_is_in_flight_another_request_must_wait(sandbox: Served, captured: dict[str, Any]) -> None:
    sandbox.chaos(api=[{"match": "POST /v1/payments/*/refund", "times": 1, "latency": 60}])
    url = f"{sandbox.base_url}/v1/payments/{captured['id']}/refund"
    keys = (sandbox.config.key_id, sandbox.config.key_secret)

    def ask(_: int) -> httpx.Response:
        return httpx.post(url, json={"amount": 500}, headers=KEY, auth=keys, timeout=90, trust_env=False)

    with ThreadPoolExecutor(5) as crowd:
        answers = as_completed([crowd.submit(ask, number) for number in range(5)])
        refused = [next(answers).result().status_code for _ in range(4)]
        sandbox.chaos()
        assert [*refused, *(answer.result().status_code for answer in answers)] == [409, 409, 409, 409, 200]
    assert ask(0).status_code == 200


@pytest.mark.parametrize("requests", [50, pytest.param(200, marks=pytest.mark.long)])
def test_parallel_requests_with_one_key_give_one_refund(
    sandbox: Served, sdk: Any, captured: dict[str, Any], requests: int
) -> None:
    url = f"{sandbox.base_url}/v1/payments/{captured['id']}/refund"
    keys = (sandbox.config.key_id, sandbox.config.key_secret)
    limits = httpx.Limits(max_connections=requests)
    with (
        httpx.Client(limits=limits, timeout=120, auth=keys, trust_env=False) as client,
        ThreadPoolExecutor(requests) as crowd,
    ):
        answers = list(crowd.map(lambda _: client.post(url, json={"amount": 500}, headers=KEY), range(requests)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert sdk.payment.fetch_multiple_refund(captured["id"], {})["count"] == 1


def test_parallel_refunds_never_exceed_the_payment(sandbox: Served, sdk: Any, captured: dict[str, Any]) -> None:
    url = f"{sandbox.base_url}/v1/payments/{captured['id']}/refund"
    keys = (sandbox.config.key_id, sandbox.config.key_secret)
    with httpx.Client(timeout=120, auth=keys, trust_env=False) as client, ThreadPoolExecutor(20) as crowd:
        answers = list(crowd.map(lambda _: client.post(url, json={"amount": 50000}).status_code, range(20)))
    assert sorted(answers) == [200] * 3 + [400] * 17
    assert sdk.payment.fetch(captured["id"])["amount_refunded"] == 150000


def test_a_pending_refund_is_settled_by_the_bank(sandbox: Served, sdk: Any, captured: dict[str, Any]) -> None:
    sandbox.chaos(api=[{"match": "POST *refund", "refund_pending": True}])
    refund = sdk.payment.refund(captured["id"], {"amount": 194700})
    assert (refund["status"], refund["acquirer_data"]) == ("pending", {"arn": None})
    settled = sandbox.operate("POST", f"refunds/{refund['id']}/settle", status="processed")
    assert settled["status"] == sdk.refund.fetch(refund["id"])["status"] == "processed"
    assert [event["event"] for event in sandbox.events()][-2:] == ["refund.created", "refund.processed"]


def test_a_refund_can_fail_after_it_was_processed_and_be_asked_for_again(
    sandbox: Served, sdk: Any, captured: dict[str, Any]
) -> None:
    refund = sdk.payment.refund(captured["id"], {"amount": 194700})
    assert refund["status"] == "processed"
    sandbox.operate("POST", f"refunds/{refund['id']}/settle", status="failed")
    payment = sdk.payment.fetch(captured["id"])
    assert (payment["status"], payment["refund_status"], payment["amount_refunded"]) == ("captured", None, 0)
    assert sdk.payment.refund(captured["id"], {"amount": 194700})["status"] == "processed"


def test_a_refund_can_be_made_to_fail_later_by_itself(sandbox: Served, sdk: Any, captured: dict[str, Any]) -> None:
    sandbox.chaos(api=[{"match": "POST *refund", "refund_fail_later": 60, "times": 1}])
    refund = sdk.payment.refund(captured["id"], {"amount": 500})
    assert refund["status"] == "pending"
    sandbox.operate("POST", "clock/advance", seconds=61)
    assert sdk.refund.fetch(refund["id"])["status"] == "failed"


def test_a_low_balance_refuses_the_refund_until_it_is_filled(
    sandbox: Served, sdk: Any, captured: dict[str, Any]
) -> None:
    sandbox.chaos(api=[{"match": "POST *refund", "insufficient_balance": True, "times": 1}])
    with pytest.raises(BadRequestError, match="enough balance"):
        sdk.payment.refund(captured["id"], {"amount": 500}, headers=dict(KEY))
    assert sdk.payment.refund(captured["id"], {"amount": 500}, headers=dict(KEY))["status"] == "processed"


def test_refunds_are_listed_with_and_without_a_trailing_slash(
    sandbox: Served, sdk: Any, captured: dict[str, Any]
) -> None:
    refund = sdk.payment.refund(captured["id"], {"amount": 500, "receipt": "rf-1", "notes": {"a": "b"}})
    assert sdk.refund.all({})["items"] == [refund]
    keys = (sandbox.config.key_id, sandbox.config.key_secret)
    assert sandbox.http.get("/v1/refunds/", auth=keys).json()["items"] == [refund]
    assert sdk.payment.fetch_refund_id(captured["id"], refund["id"]) == refund
    assert sdk.refund.edit(refund["id"], {"notes": {"c": "d"}})["notes"] == {"c": "d"}


def test_an_instant_refund_can_fall_back_to_the_normal_way(
    sandbox: Served, sdk: Any, shop: Shop, captured: dict[str, Any]
) -> None:
    refund = sdk.payment.refund(captured["id"], {"amount": 500, "speed": "optimum"})
    assert (refund["status"], refund["speed_processed"]) == ("processed", "instant")
    sandbox.operate("POST", f"refunds/{refund['id']}/slow-down")
    slower = sdk.refund.fetch(refund["id"])
    assert (slower["status"], slower["speed_processed"], slower["speed_requested"]) == ("pending", "normal", "optimum")
    told = eventually(lambda: [one for one in shop.received if one.event == "refund.speed_changed"])[0].json
    assert "created_at" in told["payload"]
    assert "created_at" not in told
    assert sandbox.http.post(f"/sandbox/refunds/{refund['id']}/slow-down").status_code == 400
    assert sandbox.operate("POST", f"refunds/{refund['id']}/settle", status="processed")["status"] == "processed"
