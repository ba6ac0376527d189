from typing import Any

import httpx
import pytest
from razorpay.errors import BadRequestError

from devstack.razorpay import Served
from tests.devstack.razorpay.shop import eventually


def names(sandbox: Served) -> list[str]:
    return [event["event"] for event in sandbox.events()]


def test_a_payment_of_a_manual_order_waits_for_capture(sdk: Any, sandbox: Served, order: dict[str, Any]) -> None:
    paid = sandbox.pay(order["id"])
    payment = sdk.payment.fetch(paid["razorpay_payment_id"])
    assert (payment["status"], payment["captured"], payment["fee"]) == ("authorized", False, None)
    assert sdk.order.fetch(order["id"])["status"] == "attempted"
    assert names(sandbox) == ["payment.authorized"]


def test_capture_makes_the_order_paid_and_tells_both(sdk: Any, sandbox: Served, order: dict[str, Any]) -> None:
    payment_id = sandbox.pay(order["id"])["razorpay_payment_id"]
    payment = sdk.payment.capture(payment_id, 194700, {"currency": "INR"})
    assert (payment["status"], payment["captured"], payment["fee"], payment["tax"]) == ("captured", True, 4595, 701)
    fresh = sdk.order.fetch(order["id"])
    assert (fresh["status"], fresh["amount_paid"], fresh["amount_due"], fresh["attempts"]) == ("paid", 194700, 0, 1)
    assert names(sandbox) == ["payment.authorized", "payment.captured", "order.paid"]


def test_an_automatic_order_is_captured_at_once(sdk: Any, sandbox: Served) -> None:
    order = sdk.order.create({"amount": 500, "currency": "INR", "payment": {"capture": "automatic"}})
    assert sandbox.pay(order["id"])["payment"]["status"] == "captured"
    assert names(sandbox) == ["payment.authorized", "payment.captured", "order.paid"]


def test_the_operator_may_overrule_the_orders_capture_mode(sandbox: Served, order: dict[str, Any]) -> None:
    assert sandbox.pay(order["id"], capture=True)["payment"]["captured"] is True


def test_the_callback_fields_verify_with_the_sdk(sdk: Any, sandbox: Served, order: dict[str, Any]) -> None:
    paid = sandbox.pay(order["id"])
    fields = {key: value for key, value in paid.items() if key != "payment"}
    assert sdk.utility.verify_payment_signature(fields) is True
    assert fields["razorpay_order_id"] == order["id"]


@pytest.mark.parametrize(
    ("amount", "words"), [(194600, "must be equal to the amount authorized"), (99, "at least INR 1.00")]
)
def test_a_capture_takes_all_or_nothing(
    sdk: Any, sandbox: Served, order: dict[str, Any], amount: int, words: str
) -> None:
    payment_id = sandbox.pay(order["id"])["razorpay_payment_id"]
    with pytest.raises(BadRequestError, match=words):
        sdk.payment.capture(payment_id, amount, {"currency": "INR"})


def test_the_nested_amount_of_the_sdks_own_examples_is_refused(
    sdk: Any, sandbox: Served, order: dict[str, Any]
) -> None:
    payment_id = sandbox.pay(order["id"])["razorpay_payment_id"]
    with pytest.raises(BadRequestError, match="must be an integer"):
        sdk.payment.capture(payment_id, {"amount": 194700, "currency": "INR"}, {})


def test_a_second_capture_says_so(sdk: Any, captured: dict[str, Any]) -> None:
    with pytest.raises(BadRequestError, match="This payment has already been captured"):
        sdk.payment.capture(captured["id"], 194700, {"currency": "INR"})


def test_a_failed_payment_may_still_become_captured_with_the_same_id(
    sdk: Any, sandbox: Served, order: dict[str, Any]
) -> None:
    failed = sandbox.pay(order["id"], outcome="failed")
    assert failed["payment"]["status"] == "failed"
    assert failed["payment"]["error_code"] == "BAD_REQUEST_ERROR"
    assert failed["razorpay_signature"] is None
    late = sandbox.operate("POST", f"payments/{failed['payment']['id']}/late-authorise", capture=True)
    assert (late["id"], late["status"], late["error_code"]) == (failed["payment"]["id"], "captured", None)
    assert names(sandbox) == ["payment.failed", "payment.authorized", "payment.captured", "order.paid"]
    assert sdk.order.fetch(order["id"])["status"] == "paid"


def test_a_pending_payment_is_created_until_the_bank_answers(sandbox: Served, order: dict[str, Any]) -> None:
    payment = sandbox.pay(order["id"], outcome="pending")["payment"]
    assert payment["status"] == "created"
    assert sandbox.operate("POST", f"payments/{payment['id']}/fail")["status"] == "failed"


def test_a_paid_order_declines_a_second_payment(sandbox: Served, captured: dict[str, Any]) -> None:
    with pytest.raises(httpx.HTTPStatusError, match="400"):
        sandbox.pay(captured["order_id"])


def test_an_order_with_an_authorised_payment_declines_another(sandbox: Served, order: dict[str, Any]) -> None:
    sandbox.pay(order["id"])
    with pytest.raises(httpx.HTTPStatusError, match="400"):
        sandbox.pay(order["id"])


def test_two_tabs_can_both_pay_by_force(sdk: Any, sandbox: Served, captured: dict[str, Any]) -> None:
    second = sandbox.pay(captured["order_id"], force=True, capture=True)["payment"]
    assert second["captured"] is True
    statuses = [item["status"] for item in sdk.order.payments(captured["order_id"])["items"]]
    assert statuses == ["captured", "captured"]


def test_the_second_authorised_payment_of_a_paid_order_cannot_be_captured(
    sdk: Any, sandbox: Served, captured: dict[str, Any]
) -> None:
    second = sandbox.pay(captured["order_id"], force=True)["payment"]
    with pytest.raises(BadRequestError, match="order is already paid"):
        sdk.payment.capture(second["id"], 194700, {"currency": "INR"})


def test_a_late_authorisation_of_a_settled_order_goes_straight_back(sandbox: Served, order: dict[str, Any]) -> None:
    first = sandbox.pay(order["id"], outcome="failed")["payment"]
    sandbox.pay(order["id"], capture=True)
    late = sandbox.operate("POST", f"payments/{first['id']}/late-authorise")
    assert (late["status"], late["captured"], late["amount_refunded"]) == ("refunded", False, 194700)


def test_uncaptured_money_goes_back_without_an_event(sandbox: Served, order: dict[str, Any]) -> None:
    payment = sandbox.pay(order["id"])["payment"]
    back = sandbox.operate("POST", f"payments/{payment['id']}/auto-refund")
    assert (back["status"], back["captured"], back["refund_status"]) == ("refunded", False, "full")
    assert names(sandbox) == ["payment.authorized"]


def test_time_that_passes_sends_uncaptured_money_back(sdk: Any, sandbox: Served) -> None:
    options = {"capture": "manual", "capture_options": {"manual_expiry_period": 12}}
    order = sdk.order.create({"amount": 500, "currency": "INR", "payment": options})
    payment = sandbox.pay(order["id"])["payment"]
    sandbox.operate("POST", "clock/advance", seconds=11 * 60)
    assert sdk.payment.fetch(payment["id"])["status"] == "authorized"
    sandbox.operate("POST", "clock/advance", seconds=61)
    assert sdk.payment.fetch(payment["id"])["status"] == "refunded"


def test_amount_currency_notes_and_method_of_a_payment_can_be_made_wrong(
    sdk: Any, sandbox: Served, order: dict[str, Any]
) -> None:
    sandbox.pay(order["id"], amount=100, currency="USD", method="card", notes={"booking": "another"}, capture=True)
    payment = sdk.order.payments(order["id"])["items"][0]
    assert (payment["amount"], payment["currency"], payment["method"]) == (100, "USD", "card")
    assert payment["notes"] == {"booking": "another"}
    assert sdk.order.fetch(order["id"])["status"] == "attempted"


def test_a_delayed_payment_is_decided_later(sdk: Any, sandbox: Served, order: dict[str, Any]) -> None:
    payment = sandbox.pay(order["id"], delay=30)["payment"]
    assert payment["status"] == "created"
    sandbox.operate("POST", "clock/advance", seconds=31)
    assert eventually(lambda: sdk.payment.fetch(payment["id"])["status"] == "authorized")


def test_without_the_browser_no_signature_is_carried(sandbox: Served, order: dict[str, Any]) -> None:
    assert sandbox.pay(order["id"], callback=False)["razorpay_signature"] is None
