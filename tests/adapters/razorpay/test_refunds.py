"""The adapter against the sandbox: refunds, each made once per key."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from adapters.razorpay import GatewayUnavailable, RazorpayGateway
from devstack.razorpay import Served
from domain.billing.provider import ProviderOrder
from domain.errors import LowBalance, PaymentRejected
from tests.adapters.razorpay.calls import gateway_to, refund


def test_a_refund_is_reported_and_counted(gateway: RazorpayGateway, order: ProviderOrder, captured: str) -> None:
    made = refund(gateway, captured)
    assert (made.payment_id, made.amount, made.status) == (captured, 50000, "processed")
    assert gateway.fetch_refund(made.refund_id) == made
    assert gateway.fetch_order(order.order_id).payments[0].amount_refunded == 50000


def test_two_hundred_parallel_refunds_with_one_key_are_one_refund(sandbox: Served, captured: str) -> None:
    gateway = gateway_to(sandbox, timeout=(30.0, 30.0))  # the subject is the key, not how fast 200 calls are answered
    with ThreadPoolExecutor(200) as crowd:
        made = list(crowd.map(lambda _: refund(gateway, captured), range(200)))
    gateway.close()
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
    assert gateway.find_refund(captured, ["rf-1-1"], 50000) == made
    assert gateway.find_refund(captured, ["rf-1-1"], 50001) is None
    assert gateway.find_refund(captured, ["rf-1-2"], 50000) is None


def test_a_short_key_is_made_long_enough(gateway: RazorpayGateway, captured: str) -> None:
    assert refund(gateway, captured, key="rf-1-1") == refund(gateway, captured, key="rf-1-1")
    assert refund(gateway, captured, key="rf-1-2") != refund(gateway, captured, key="rf-1-1")


def test_the_order_of_notes_does_not_make_another_request(gateway: RazorpayGateway, captured: str) -> None:
    first = refund(gateway, captured, notes={"a": "1", "b": "2"})
    assert refund(gateway, captured, notes={"b": "2", "a": "1"}) == first


def test_a_key_that_is_in_flight_can_be_asked_again(sandbox: Served, gateway: RazorpayGateway, captured: str) -> None:
    sandbox.chaos(api=[{"match": "POST *refund", "times": 1, "latency": 4.0}])
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
