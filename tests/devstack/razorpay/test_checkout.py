import re
from typing import Any

import httpx
import pytest

from devstack.razorpay import Served
from tests.devstack.razorpay.shop import eventually

SHOP = "http://shop.example/verify"


def press(sandbox: Served, order: Any, choice: str, **more: str) -> httpx.Response:
    form = {"order_id": order["id"], "callback_url": SHOP, "choice": choice, **more}
    return sandbox.http.post("/checkout/act", data=form)


def carried(page: str) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    return {name: value.replace("&#34;", '"') for name, value in found}


def only_payment(sdk: Any, order: Any) -> Any:
    return sdk.order.payments(order["id"])["items"][0]


def test_the_page_shows_the_amount_and_a_button_for_every_way(sandbox: Served, order: Any) -> None:
    query = {"order_id": order["id"], "callback_url": SHOP, "cancel_url": "http://shop.example/cancel"}
    page = sandbox.http.get("/checkout", params=query).text
    assert "INR 1,947.00" in page
    assert set(re.findall(r'name="choice" value="(\w+)"', page)) == {
        "success",
        "fail",
        "retry",
        "close",
        "pending",
        "late",
    }
    assert 'href="http://shop.example/cancel"' in page


def test_success_posts_the_signed_fields_back(sdk: Any, sandbox: Served, order: Any) -> None:
    page = press(sandbox, order, "success").text
    assert f'action="{SHOP}"' in page
    assert sdk.utility.verify_payment_signature(carried(page)) is True
    assert only_payment(sdk, order)["status"] == "authorized"


def test_failure_posts_the_error_back_without_a_signature(sdk: Any, sandbox: Served, order: Any) -> None:
    fields = carried(press(sandbox, order, "fail").text)
    assert set(fields) == {f"error[{name}]" for name in ("code", "description", "source", "step", "reason", "metadata")}
    assert only_payment(sdk, order)["id"] in fields["error[metadata]"]


def test_the_failing_upi_id_fails(sdk: Any, sandbox: Served, order: Any) -> None:
    press(sandbox, order, "success", instrument="failure@razorpay")
    assert only_payment(sdk, order)["status"] == "failed"


def test_a_retry_succeeds_with_the_id_that_failed(sdk: Any, sandbox: Served, order: Any) -> None:
    fields = carried(press(sandbox, order, "retry").text)
    payment = only_payment(sdk, order)
    assert (payment["id"], payment["status"]) == (fields["razorpay_payment_id"], "authorized")
    assert [event["event"] for event in sandbox.events()] == ["payment.failed", "payment.authorized"]


@pytest.mark.parametrize(("choice", "status"), [("close", "authorized"), ("pending", "created"), ("late", "failed")])
def test_ways_that_tell_the_shop_nothing(sdk: Any, sandbox: Served, order: Any, choice: str, status: str) -> None:
    page = press(sandbox, order, choice).text
    assert "razorpay_signature" not in page
    assert only_payment(sdk, order)["status"] == status


def test_a_late_authorisation_follows_by_itself(sdk: Any, sandbox: Served, order: Any) -> None:
    press(sandbox, order, "late")
    sandbox.operate("POST", "clock/advance", seconds=4)
    eventually(lambda: only_payment(sdk, order)["status"] == "authorized")


def test_a_paid_order_says_that_it_is_paid(sandbox: Served, captured: Any) -> None:
    answer = press(sandbox, {"id": captured["order_id"]}, "success")
    assert answer.status_code == 400
    assert "Your payment has been declined as the order is already paid." in answer.text


def test_notes_of_the_embedded_form_end_up_in_the_payment(sdk: Any, sandbox: Served, order: Any) -> None:
    form = {"order_id": order["id"], "callback_url": SHOP, "notes[booking]": "<another>"}
    page = sandbox.http.post("/v1/checkout/embedded", data=form).text
    assert "&lt;another&gt;" in page
    press(sandbox, order, "success", **{"notes[booking]": "<another>"})
    assert only_payment(sdk, order)["notes"] == {"booking": "<another>"}


def test_the_script_knows_where_it_came_from(sandbox: Served) -> None:
    script = sandbox.http.get("/checkout.js")
    assert script.headers["content-type"].startswith("text/javascript")
    assert sandbox.base_url in script.text
    for name in ("prototype.open", "handler", "ondismiss", "payment.failed"):
        assert name in script.text


def test_the_front_page_lists_the_orders(sandbox: Served, order: Any) -> None:
    assert order["id"] in sandbox.http.get("/").text
