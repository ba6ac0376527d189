"""The adapter against the sandbox, over real HTTP, through the official SDK: orders, payments, captures."""

import pytest

from adapters.razorpay import GatewayUnavailable, RazorpayGateway
from devstack.razorpay import Config, Served, serving
from domain.billing.provider import ProviderOrder
from domain.errors import PaymentRejected
from tests.adapters.razorpay.calls import create, gateway_to, orders


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


def test_where_receipts_are_unique_the_order_is_found_although_no_list_shows_it() -> None:
    with serving(Config(unique_receipt=True)) as sandbox:
        gateway = gateway_to(sandbox)
        made = create(gateway)
        sandbox.chaos(api=[{"match": "GET /v1/orders", "list_lag": 3600}])
        assert create(gateway, look_first=True) == made
        sandbox.pay(made.order_id)
        with pytest.raises(PaymentRejected, match="receipt should be unique"):
            create(gateway, look_first=True)
        gateway.close()


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
