"""The adapter against the sandbox: answers that fail, are late or make no sense."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from adapters.razorpay import GatewayUnavailable, RazorpayGateway
from devstack.razorpay import Served
from domain.billing.provider import ProviderOrder
from domain.errors import KeyRefused, PaymentRejected
from tests.adapters.razorpay.calls import create, gateway_to, refund

UNKNOWN = {"order": "order_00000000000000", "pay": "pay_00000000000000", "rfnd": "rfnd_00000000000000"}


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ({"status": 429}, 429),
        ({"status": 408}, 408),
        ({"status": 500}, 500),
        ({"status": 503}, 503),
        ({"status": 502, "html": True}, 502),
        ({"status": 403, "html": "<html>blocked</html>"}, 403),
        ({"status": 200, "html": "<html>maintenance</html>"}, 200),
        ({"status": 302}, 302),
        ({"status": 204}, 204),
    ],
)
def test_answers_that_settle_nothing_can_be_tried_again(
    sandbox: Served, gateway: RazorpayGateway, answer: dict[str, Any], status: int
) -> None:
    sandbox.chaos(api=[{"match": "POST /v1/orders", "http": answer}])
    with pytest.raises(GatewayUnavailable) as fault:
        create(gateway)
    assert fault.value.status == status


def test_a_wrong_key_is_named_and_nothing_more_is_asked_with_it_for_a_while(sandbox: Served) -> None:
    stranger = gateway_to(sandbox, key_secret="wrong")
    with pytest.raises(KeyRefused):
        create(stranger)
    asked = len(sandbox.operate("GET", "requests"))
    with pytest.raises(KeyRefused):
        stranger.fetch_order(UNKNOWN["order"])
    assert len(sandbox.operate("GET", "requests")) == asked
    stranger.close()


def test_a_key_that_is_refused_with_the_status_of_a_bad_request_is_named_as_well(sandbox: Served) -> None:
    said = {"status": 400, "description": "Authentication failed"}
    sandbox.chaos(api=[{"match": "POST /v1/orders", "http": said}])
    stranger = gateway_to(sandbox)
    with pytest.raises(KeyRefused):
        create(stranger)
    stranger.close()


def test_the_refunds_of_an_order_come_with_it_also_one_that_failed(
    sandbox: Served, gateway: RazorpayGateway, captured: str
) -> None:
    made = refund(gateway, captured)
    order_id = gateway.fetch_payment(captured).order_id or ""
    assert [each.receipt for each in gateway.fetch_order(order_id).refunds] == [made.receipt]
    sandbox.operate("POST", f"refunds/{made.refund_id}/settle", status="failed")
    assert [each.status for each in gateway.fetch_order(order_id, [captured]).refunds] == ["failed"]


def test_a_dispute_is_read_as_it_stands(sandbox: Served, gateway: RazorpayGateway, captured: str) -> None:
    made = sandbox.operate("POST", "disputes", payment_id=captured)
    assert gateway.fetch_dispute(made["id"]).status == "open"
    sandbox.operate("POST", f"disputes/{made['id']}/transition", status="lost")
    lost = gateway.fetch_dispute(made["id"])
    assert (lost.status, lost.payment_id, lost.amount_deducted) == ("lost", captured, lost.amount)


def test_a_wrong_address_says_nothing_about_the_payment(sandbox: Served) -> None:
    lost = gateway_to(sandbox, base_url=sandbox.base_url + "/elsewhere")
    with pytest.raises(GatewayUnavailable) as fault:
        lost.fetch_order(UNKNOWN["order"])
    assert fault.value.status == 404
    lost.close()


def test_a_provider_that_cannot_be_reached_can_be_tried_again(
    sandbox: Served, capsys: pytest.CaptureFixture[str]
) -> None:
    lost = gateway_to(sandbox, base_url="http://127.0.0.1:1")
    with pytest.raises(GatewayUnavailable, match="ConnectionError") as fault:
        create(lost)
    assert fault.value.status is None
    assert capsys.readouterr().out == ""
    lost.close()


def test_no_call_waits_for_ever(sandbox: Served) -> None:
    impatient = gateway_to(sandbox, timeout=(0.2, 0.2))
    sandbox.chaos(api=[{"match": "*", "latency": 1.0}])
    for call in (
        lambda: create(impatient),
        lambda: create(impatient, look_first=True),
        lambda: impatient.fetch_order(UNKNOWN["order"]),
        lambda: impatient.capture(UNKNOWN["pay"], 100, "INR"),
        lambda: refund(impatient, UNKNOWN["pay"]),
        lambda: impatient.fetch_refund(UNKNOWN["rfnd"]),
    ):
        with pytest.raises(GatewayUnavailable, match="ReadTimeout"):
            call()
    impatient.close()


def test_unknown_things_are_refusals(gateway: RazorpayGateway) -> None:
    for call in (
        lambda: gateway.fetch_order(UNKNOWN["order"]),
        lambda: gateway.capture(UNKNOWN["pay"], 100, "INR"),
        lambda: refund(gateway, UNKNOWN["pay"]),
        lambda: gateway.fetch_refund("nothing"),
    ):
        with pytest.raises(PaymentRejected):
            call()


def test_parallel_captures_keep_their_own_amounts(sandbox: Served, gateway: RazorpayGateway) -> None:
    def run(number: int) -> tuple[int, int]:
        amount = 10000 + number
        made = gateway.create_order(amount=amount, currency="INR", receipt=f"p-{number}", notes={}, look_first=False)
        payment_id = requests.post(
            f"{sandbox.base_url}/sandbox/orders/{made.order_id}/pay", json={}, timeout=10
        ).json()["razorpay_payment_id"]
        return gateway.capture(payment_id, amount, "INR").amount, amount

    with ThreadPoolExecutor(16) as crowd:
        assert all(taken == wanted for taken, wanted in crowd.map(run, range(64)))


def test_only_the_documented_calls_are_made(
    sandbox: Served, gateway: RazorpayGateway, order: ProviderOrder, captured: str
) -> None:
    create(gateway, look_first=True)
    gateway.fetch_order(order.order_id)
    gateway.fetch_refund(refund(gateway, captured).refund_id)
    gateway.find_refund(captured, ["rf-1-1"], 50000)
    gateway.disputes_of(captured)
    calls = sandbox.requests()
    assert {call["status"] for call in calls} == {200}
    anonymous = {f"{call['method']} {_without_ids(call['path'])}" for call in calls}
    assert anonymous == {
        "POST /v1/orders",
        "GET /v1/orders",
        "GET /v1/orders/:id",
        "GET /v1/orders/:id/payments",
        "POST /v1/payments/:id/capture",
        "GET /v1/payments/:id/refunds",
        "POST /v1/payments/:id/refund",
        "GET /v1/refunds/:id",
        "GET /v1/disputes",
    }
    keys = {call["idempotency_key"] for call in calls if call["path"].endswith("/refund")}
    assert keys == {"rf-booking-1-1"}


def _without_ids(path: str) -> str:
    return "/".join(":id" if "_" in part else part for part in path.split("/"))
