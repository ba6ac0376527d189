"""``adapters.razorpay``, and the words of the provider, in test mode or at the sandbox.

What fails here with a key of test mode is a difference: it belongs into docs/provider.md, and the sandbox is corrected.
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.razorpay.signatures import callback_is_genuine, webhook_is_genuine
from devstack.razorpay import Config, serving
from domain.errors import KeyRefused, PaymentRejected
from tests.devstack.razorpay.test_conformance import COLLECTION, DISPUTE, ORDER, PAYMENT, REFUND, agrees
from tests.verify.provider import AMOUNT, Provider
from tests.verify.services import given

WHOLE = {"amount": 100, "currency": "INR"}
REFUSALS: list[tuple[dict[str, Any], str]] = [
    ({"currency": "INR"}, "amount: is required."),
    ({**WHOLE, "amount": 100.5}, "The amount must be an integer."),
    ({**WHOLE, "amount": 99}, "Order amount less than minimum amount allowed"),
    ({**WHOLE, "receipt": "r" * 41}, "receipt: the length must be no more than 40."),
    ({**WHOLE, "transfer": 1}, "transfer is/are not required and should not be sent"),
]
"""What is sent as an order, and what the provider says to it by its documentation (docs/provider.md)."""


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with ExitStack() as stack:
        named = given("test_provider.py")
        sandbox = None if named else stack.enter_context(serving(Config(seed="verify")))
        provider = Provider(sandbox, named)
        yield provider
        provider.close()


@pytest.fixture(scope="module")
def captured(provider: Provider) -> str:
    """A payment whose money is the shop's."""
    payment_id = provider.authorised()
    with pytest.raises(PaymentRejected):
        provider.gateway.capture(payment_id, AMOUNT - 1, "INR")
    for _ in range(2):
        taken = provider.gateway.capture(payment_id, AMOUNT, "INR")
        assert (taken.status, taken.captured) == ("captured", True)
    return payment_id


def fresh(word: str) -> str:
    return f"verify-{word}-{secrets.token_hex(6)}"


def test_an_order_says_what_was_asked_for_with_the_keys_that_are_documented(provider):
    receipt = fresh("order")
    made = provider.order(receipt)
    assert (made.amount, made.currency, made.status, made.receipt) == (AMOUNT, "INR", "created", receipt)
    agrees(provider.sdk.order.fetch(made.order_id), ORDER)
    evidence = provider.gateway.fetch_order(made.order_id)
    assert (evidence.order, evidence.payments) == (made, ())


def test_an_order_whose_answer_was_lost_is_found_by_its_receipt(provider):
    receipt = fresh("lost")
    made = provider.order(receipt)
    listed = provider.eventually(lambda: provider.sdk.order.all({"receipt": receipt})["items"] or None)
    assert [each["id"] for each in listed] == [made.order_id]
    assert provider.order(receipt, look_first=True) == made


@pytest.mark.parametrize(("sent", "words"), REFUSALS, ids=lambda value: value if isinstance(value, str) else "")
def test_an_order_that_cannot_be_is_refused_in_the_words_that_are_documented(provider, sent, words):
    answer = provider.sdk.session.post(f"{provider.base_url}/v1/orders", json=sent, auth=provider.keys, timeout=20)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["description"]) == (400, "BAD_REQUEST_ERROR", words)


def test_what_does_not_exist_is_refused_for_good(provider):
    for ask in (
        lambda: provider.gateway.fetch_order("order_00000000000000"),
        lambda: provider.gateway.fetch_payment("pay_00000000000000"),
        lambda: provider.gateway.fetch_refund("rfnd_00000000000000"),
        lambda: provider.gateway.fetch_dispute("disp_00000000000000"),
        lambda: provider.gateway.capture("pay_00000000000000", AMOUNT, "INR"),
    ):
        with pytest.raises(PaymentRejected):
            ask()


def test_a_wrong_secret_is_known_as_one(provider):
    stranger = provider.gateway_with("not the secret")
    with pytest.raises(KeyRefused):
        stranger.fetch_order("order_00000000000000")
    stranger.close()


def test_the_lists_of_the_account_can_be_read(provider):
    since, until = datetime.now(UTC) - timedelta(days=1), datetime.now(UTC)
    for page in (
        provider.gateway.page_of_payments,
        provider.gateway.page_of_refunds,
        provider.gateway.page_of_disputes,
    ):
        assert isinstance(page(since, until, 0), list)
    for resource, keys in (
        (provider.sdk.payment, PAYMENT),
        (provider.sdk.refund, REFUND),
        (provider.sdk.dispute, DISPUTE),
    ):
        listed = resource.all({"count": 1})
        agrees(listed, COLLECTION, exactly=True)
        for entity in listed["items"]:
            agrees(entity, keys)


def test_a_payment_has_the_keys_that_are_documented(provider, captured):
    agrees(provider.sdk.payment.fetch(captured), PAYMENT)


def test_money_goes_back_once_for_a_key_and_is_found_by_its_receipt(provider, captured):
    key = fresh("rf")
    wanted = {"payment_id": captured, "key": key, "receipt": key, "notes": {"for": "verification"}}
    first = provider.gateway.refund(amount=100, **wanted)
    assert (first.payment_id, first.amount, first.receipt) == (captured, 100, key)
    assert first.status in {"processed", "pending"}
    assert provider.gateway.refund(amount=100, **wanted).refund_id == first.refund_id
    with pytest.raises(PaymentRejected):
        provider.gateway.refund(amount=200, **wanted)
    found = provider.eventually(lambda: provider.gateway.find_refund(captured, [key], 100))
    assert found.refund_id == first.refund_id
    agrees(provider.sdk.refund.fetch(first.refund_id), REFUND)


def test_no_more_goes_back_than_came(provider, captured):
    key = fresh("rf")
    with pytest.raises(PaymentRejected):
        provider.gateway.refund(payment_id=captured, amount=AMOUNT + 1, key=key, receipt=key, notes={})


def test_what_the_sdk_takes_for_genuine_is_genuine(provider):
    """Nobody can ask for a signature: the official SDK, which the provider writes, is asked whether ours are right."""
    body = '{"event":"payment.captured","notes":{"name":"\\u20b9 A\\/B"}}'
    vector = "b2335e3b0801106b84a7faff035df56ecffde06918c9ddd1f0fafbb37a51cc89"
    callback = {"razorpay_order_id": "fake_order_id", "razorpay_payment_id": "fake_payment_id"}
    own, signature = provider.sdk.utility, hmac.new(b"webhook", body.encode(), hashlib.sha256).hexdigest()
    assert own.verify_signature("fake_order_id|fake_payment_id", vector, "key_secret")
    assert callback_is_genuine("key_secret", *callback.values(), vector)
    assert own.verify_webhook_signature(body, signature, "webhook")
    assert webhook_is_genuine(["another", "webhook"], body.encode(), signature)
    assert not webhook_is_genuine(["another"], body.encode(), signature)
