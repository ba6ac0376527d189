"""The adapter against the sandbox, over real HTTP, through the official SDK."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from adapters.razorpay import GatewayUnavailable, RazorpayGateway
from devstack.razorpay import Config, Served, serving
from domain.billing.provider import ProviderOrder
from domain.errors import KeyRefused, LowBalance, PaymentRejected

UNKNOWN = {"order": "order_00000000000000", "pay": "pay_00000000000000", "rfnd": "rfnd_00000000000000"}


@pytest.fixture(scope="module")
def running() -> Iterator[Served]:
    with serving(Config(seed="adapter")) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: Served) -> Served:
    running.operate("POST", "reset")
    return running


def gateway_to(sandbox: Served, **other: Any) -> RazorpayGateway:
    settings = {
        "key_id": sandbox.config.key_id,
        "key_secret": sandbox.config.key_secret,
        "base_url": sandbox.base_url + "/",
        "timeout": (1.0, 1.0),
    }
    return RazorpayGateway(**{**settings, **other})


@pytest.fixture
def gateway(sandbox: Served) -> Iterator[RazorpayGateway]:
    gateway = gateway_to(sandbox)
    yield gateway
    gateway.close()


def create(gateway: RazorpayGateway, *, look_first: bool = False, receipt: str = "bk-1-1") -> ProviderOrder:
    notes = {"kind": "service", "booking": "1"}
    return gateway.create_order(amount=194700, currency="INR", receipt=receipt, notes=notes, look_first=look_first)


def refund(gateway: RazorpayGateway, payment_id: str, *, key: str = "rf-booking-1-1", **other: Any) -> Any:
    wanted = {"amount": 50000, "receipt": "rf-1-1", "notes": {"booking": "1"}, "look_first": False, **other}
    return gateway.refund(payment_id=payment_id, key=key, **wanted)


@pytest.fixture
def order(gateway: RazorpayGateway) -> ProviderOrder:
    return create(gateway)


@pytest.fixture
def authorised(sandbox: Served, order: ProviderOrder) -> str:
    return sandbox.pay(order.order_id)["razorpay_payment_id"]


@pytest.fixture
def captured(gateway: RazorpayGateway, authorised: str) -> str:
    return gateway.capture(authorised, 194700, "INR").payment_id


def orders(sandbox: Served) -> list[Any]:
    return sandbox.operate("GET", "state")["orders"]


def test_an_order_is_reported_as_the_provider_has_it(order: ProviderOrder) -> None:
    assert (order.amount, order.currency, order.status, order.receipt) == (194700, "INR", "created", "bk-1-1")


def test_payments_of_an_order_wait_for_our_capture(
    sandbox: Served, gateway: RazorpayGateway, order: ProviderOrder
) -> None:
    sandbox.pay(order.order_id)
    (payment,) = gateway.fetch_order(order.order_id).payments
    assert (payment.status, payment.captured, payment.order_id) == ("authorized", False, order.order_id)


def test_evidence_holds_every_attempt(sandbox: Served, gateway: RazorpayGateway, order: ProviderOrder) -> None:
    sandbox.pay(order.order_id, outcome="failed", method="card")
    sandbox.pay(order.order_id, outcome="pending")
    sandbox.pay(order.order_id, capture=True)
    evidence = gateway.fetch_order(order.order_id)
    assert evidence.order.status == "paid"
    assert sorted(payment.status for payment in evidence.payments) == ["captured", "created", "failed"]
    failed = next(payment for payment in evidence.payments if payment.status == "failed")
    assert failed.method == "card"
    assert failed.error is not None
    assert "declined" in failed.error


def test_more_than_ten_attempts_are_not_cut_off(
    sandbox: Served, gateway: RazorpayGateway, order: ProviderOrder
) -> None:
    for _ in range(12):
        sandbox.pay(order.order_id, outcome="failed")
    assert len(gateway.fetch_order(order.order_id).payments) == 12


def test_after_a_lost_answer_the_order_is_found_by_its_receipt(sandbox: Served, gateway: RazorpayGateway) -> None:
    sandbox.chaos(api=[{"match": "POST /v1/orders", "times": 1, "drop_after_commit": True}])
    with pytest.raises(GatewayUnavailable):
        create(gateway)
    found = create(gateway, look_first=True)
    assert [made["id"] for made in orders(sandbox)] == [found.order_id]


def test_looking_first_creates_what_is_not_there(sandbox: Served, gateway: RazorpayGateway) -> None:
    first = create(gateway, look_first=True)
    assert create(gateway, look_first=True, receipt="bk-1-2").order_id != first.order_id
    assert len(orders(sandbox)) == 2


def test_an_order_of_another_amount_is_not_taken_for_ours(gateway: RazorpayGateway, order: ProviderOrder) -> None:
    other = gateway.create_order(amount=500, currency="INR", receipt="bk-1-1", notes={}, look_first=True)
    assert (other.amount, other.order_id != order.order_id) == (500, True)


def test_an_order_that_was_paid_before_is_not_taken_for_ours(
    sandbox: Served, gateway: RazorpayGateway, order: ProviderOrder
) -> None:
    sandbox.pay(order.order_id, capture=True)
    assert create(gateway, look_first=True).order_id != order.order_id


def test_capture_takes_the_money(gateway: RazorpayGateway, authorised: str) -> None:
    payment = gateway.capture(authorised, 194700, "INR")
    assert (payment.status, payment.captured, payment.amount_refunded) == ("captured", True, 0)


def test_a_capture_that_was_done_already_is_a_success(gateway: RazorpayGateway, captured: str) -> None:
    assert gateway.capture(captured, 194700, "INR").captured is True


@pytest.mark.parametrize("accident", ["capture_conflict", "drop_after_commit"])
def test_a_capture_whose_answer_went_wrong_is_a_success(
    sandbox: Served, gateway: RazorpayGateway, authorised: str, accident: str
) -> None:
    sandbox.chaos(api=[{"match": "POST *capture", "times": 1, accident: True}])
    assert gateway.capture(authorised, 194700, "INR").captured is True


def test_a_capture_that_timed_out_is_tried_again_and_then_is_a_success(sandbox: Served, authorised: str) -> None:
    impatient = gateway_to(sandbox, timeout=(1.0, 0.2))
    sandbox.chaos(api=[{"match": "POST *capture", "times": 1, "latency": 0.5}])
    with pytest.raises(GatewayUnavailable, match="ReadTimeout"):
        impatient.capture(authorised, 194700, "INR")
    assert impatient.capture(authorised, 194700, "INR").captured is True
    impatient.close()


def test_a_capture_that_cannot_be_is_a_refusal(gateway: RazorpayGateway, authorised: str) -> None:
    with pytest.raises(PaymentRejected, match="must be equal to the amount authorized") as refusal:
        gateway.capture(authorised, 194600, "INR")
    assert refusal.value.data == {"provider_status": 400, "field": "amount", "reason": "input_validation_failed"}


def test_a_refund_is_reported_and_counted(gateway: RazorpayGateway, order: ProviderOrder, captured: str) -> None:
    made = refund(gateway, captured)
    assert (made.payment_id, made.amount, made.status) == (captured, 50000, "processed")
    assert gateway.fetch_refund(made.refund_id) == made
    assert gateway.fetch_order(order.order_id).payments[0].amount_refunded == 50000


def test_two_hundred_parallel_refunds_with_one_key_are_one_refund(
    sandbox: Served, gateway: RazorpayGateway, captured: str
) -> None:
    with ThreadPoolExecutor(200) as crowd:
        made = list(crowd.map(lambda _: refund(gateway, captured), range(200)))
    assert len({one.refund_id for one in made}) == 1
    assert len(sandbox.operate("GET", "state")["refunds"]) == 1


def test_a_refund_whose_answer_was_lost_is_the_same_refund(
    sandbox: Served, gateway: RazorpayGateway, captured: str
) -> None:
    sandbox.chaos(api=[{"match": "POST *refund", "times": 1, "drop_after_commit": True}])
    with pytest.raises(GatewayUnavailable):
        refund(gateway, captured)
    made = refund(gateway, captured)
    assert [one["id"] for one in sandbox.operate("GET", "state")["refunds"]] == [made.refund_id]


def test_a_refund_whose_key_was_forgotten_is_found_by_its_receipt(
    sandbox: Served, gateway: RazorpayGateway, captured: str
) -> None:
    made = refund(gateway, captured)
    found = refund(gateway, captured, key="rf-another-key", look_first=True)
    assert found == made
    assert refund(gateway, captured, key="rf-booking-1-2", receipt="rf-1-2", look_first=True) != made


def test_a_short_key_is_made_long_enough(gateway: RazorpayGateway, captured: str) -> None:
    assert refund(gateway, captured, key="rf-1-1") == refund(gateway, captured, key="rf-1-1")
    assert refund(gateway, captured, key="rf-1-2") != refund(gateway, captured, key="rf-1-1")


def test_the_order_of_notes_does_not_make_another_request(gateway: RazorpayGateway, captured: str) -> None:
    first = refund(gateway, captured, notes={"a": "1", "b": "2"})
    assert refund(gateway, captured, notes={"b": "2", "a": "1"}) == first


def test_a_key_that_is_in_flight_can_be_asked_again(sandbox: Served, gateway: RazorpayGateway, captured: str) -> None:
    sandbox.chaos(api=[{"match": "POST *refund", "times": 1, "latency": 0.5}])
    with ThreadPoolExecutor(4) as crowd:
        tries = [crowd.submit(refund, gateway, captured) for _ in range(4)]
    faults = [fault for fault in (one.exception() for one in tries) if fault is not None]
    assert [(type(fault), getattr(fault, "status", None)) for fault in faults] == [(GatewayUnavailable, 409)] * 3
    (made,) = (one.result() for one in tries if one.exception() is None)
    assert refund(gateway, captured) == made


def test_a_key_used_for_another_body_is_a_refusal(gateway: RazorpayGateway, captured: str) -> None:
    refund(gateway, captured)
    with pytest.raises(PaymentRejected, match="Different request") as refusal:
        refund(gateway, captured, amount=60000)
    assert refusal.value.data["provider_status"] == 409


def test_a_low_balance_can_be_waited_for(sandbox: Served, gateway: RazorpayGateway, captured: str) -> None:
    sandbox.chaos(api=[{"match": "POST *refund", "times": 1, "insufficient_balance": True}])
    with pytest.raises(LowBalance, match="enough balance"):
        refund(gateway, captured)
    assert refund(gateway, captured).status == "processed"


def test_a_refund_that_the_bank_took_back_is_failed(sandbox: Served, gateway: RazorpayGateway, captured: str) -> None:
    made = refund(gateway, captured)
    sandbox.operate("POST", f"refunds/{made.refund_id}/settle", status="failed")
    assert gateway.fetch_refund(made.refund_id).status == "failed"


@pytest.mark.parametrize(("amount", "words"), [(194701, "greater than amount captured"), (99, "at least INR 1.00")])
def test_a_refund_that_cannot_be_is_a_refusal(gateway: RazorpayGateway, captured: str, amount: int, words: str) -> None:
    with pytest.raises(PaymentRejected, match=words):
        refund(gateway, captured, amount=amount)


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
    gateway.fetch_refund(refund(gateway, captured, look_first=True).refund_id)
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
    }
    keys = {call["idempotency_key"] for call in calls if call["path"].endswith("/refund")}
    assert keys == {"rf-booking-1-1"}


def _without_ids(path: str) -> str:
    return "/".join(":id" if "_" in part else part for part in path.split("/"))
