"""What the official SDK's own tests do with orders, payments, refunds, signatures and errors, done to the sandbox.

Those tests answer themselves from files; here a server answers, so ids are its own and each flow asserts what the file
said. Two of them send what the service refuses (a bare number as a refund, an amount as text); the refusal is asserted.
"""

import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import razorpay
import requests
from razorpay.errors import BadRequestError, GatewayError, ServerError, SignatureVerificationError

from devstack.razorpay import Served
from tests.devstack.razorpay.shop import Shop, eventually

NOTES = {"notes": {"key1": "value3", "key2": "value2"}}
LISTED = {"entity", "count", "items"}


@pytest.fixture
def by_card(sdk: Any, sandbox: Served) -> Any:
    """A payment by card, of an order of its own."""
    made = sdk.order.create({"amount": 500, "currency": "INR"})
    return sandbox.pay(made["id"], method="card")["payment"]


def test_orders_are_made_listed_fetched_and_edited(sdk: Any) -> None:
    made = [sdk.order.create({"amount": 100, "currency": "INR", "receipt": "dummy"}) for _ in range(2)]
    everything = sdk.order.all()
    assert everything.keys() == LISTED
    assert [order["id"] for order in everything["items"]] == [made[1]["id"], made[0]["id"]]
    assert sdk.order.all({"count": 1}) == {"entity": "collection", "count": 1, "items": [made[1]]}
    assert sdk.order.fetch(made[0]["id"]) == made[0]
    assert sdk.order.payments(made[0]["id"]) == {"entity": "collection", "count": 0, "items": []}
    assert sdk.order.edit(made[0]["id"], NOTES) == {**made[0], **NOTES}


def test_an_order_as_the_published_sample_writes_it_is_refused(sdk: Any) -> None:
    with pytest.raises(BadRequestError, match="The amount must be an integer"):
        sdk.order.create({"amount": "100", "currency": "INR", "receipt": "dummy"})


def test_parcels_of_an_order_are_reviewed_and_followed(sdk: Any, order: Any) -> None:
    assert sdk.order.viewRtoReview(order["id"]).keys() == {"risk_tier", "rto_reasons"}
    sent = {"payment_method": "upi", "shipping": {"waybill": "123456789", "status": "rto", "provider": "Bluedart"}}
    bare = order["id"].removeprefix("order_")
    assert sdk.order.editFulfillment(order["id"], sent) == {"entity": "order.fulfillment", "order_id": bare, **sent}


def test_payments_are_listed_fetched_captured_and_edited(sdk: Any, sandbox: Served, order: Any) -> None:
    payment = sandbox.pay(order["id"])["payment"]
    assert sdk.payment.all()["items"] == sdk.payment.all({"count": 1})["items"] == [payment]
    assert sdk.payment.fetch(payment["id"]) == payment
    captured = sdk.payment.capture(payment["id"], amount=194700)
    assert (captured["status"], captured["captured"], captured["amount"]) == ("captured", True, 194700)
    assert sdk.payment.edit(payment["id"], NOTES) == {**captured, **NOTES}


def test_refunds_of_a_payment_are_made_and_found(sdk: Any, captured: Any) -> None:
    refund = sdk.payment.refund(captured["id"], {"amount": 100})
    assert (refund["entity"], refund["payment_id"], refund["amount"]) == ("refund", captured["id"], 100)
    assert sdk.payment.fetch_multiple_refund(captured["id"])["items"] == [refund]
    assert sdk.payment.fetch_refund_id(captured["id"], refund["id"]) == refund


@pytest.mark.parametrize(("body", "words"), [(2000, "invalid request"), ({"amount": "100"}, "must be an integer")])
def test_refunds_as_two_published_flows_ask_for_them_are_refused(
    sdk: Any, captured: Any, body: Any, words: str
) -> None:
    with pytest.raises(BadRequestError, match=words):
        sdk.payment.refund(captured["id"], body)


def test_refunds_are_made_listed_fetched_and_edited_by_themselves(sdk: Any, captured: Any) -> None:
    refund = sdk.refund.create({"payment_id": captured["id"]})
    assert refund["amount"] == captured["amount"]
    assert sdk.refund.all()["items"] == [refund]
    assert sdk.refund.fetch(refund["id"]) == refund
    notes = {"notes": {"notes_key_1": "Beam me up Scotty.", "notes_key_2": "Engage"}}
    assert sdk.refund.edit(refund["id"], notes) == {**refund, **notes}


def test_money_is_passed_on_to_others(sdk: Any, sandbox: Served, captured: Any) -> None:
    account = sandbox.operate("POST", "accounts", name="Plumber", activated=True)["id"]
    part = {"amount": 100, "currency": "INR", "account": account}
    made = sdk.payment.transfer(captured["id"], {"transfers": {"currency": part}})
    assert made.keys() == LISTED
    told = {"entity": "transfer", "amount": 100, "currency": "INR", "recipient": account, "amount_reversed": 0}
    assert told.items() <= made["items"][0].items()
    assert sdk.payment.transfers(captured["id"]) == made


def test_transfers_and_cards_of_a_payment_are_shown(sdk: Any, captured: Any, by_card: Any) -> None:
    for transfer in (sdk.payment.bank_transfer(captured["id"]), sdk.payment.upi_transfer(captured["id"])):
        assert transfer["payment_id"] == captured["id"]
        assert transfer["virtual_account_id"].startswith("va_")
    card = sdk.payment.fetchCardDetails(by_card["id"])
    assert (card["entity"], card["id"]) == ("card", by_card["card_id"])
    assert {"name", "last4", "network", "type", "issuer", "international", "emi", "sub_type"} <= card.keys()
    with pytest.raises(BadRequestError, match="not made by card"):
        sdk.payment.fetchCardDetails(captured["id"])


def test_downtimes_are_listed_and_fetched(sdk: Any) -> None:
    listed = sdk.payment.fetchDownTime()
    assert listed.keys() == LISTED
    assert sdk.payment.fetchDownTimeById(listed["items"][0]["id"]) == listed["items"][0]


def test_a_payment_without_a_page_goes_through_a_password(sdk: Any, order: Any) -> None:
    card = {"number": "4854980604708430", "cvv": "123", "expiry_month": "12", "expiry_year": "21", "name": "Gaurav"}
    asked = {"amount": "194700", "currency": "INR", "email": "g@example.com", "contact": "9123456789", "card": card}
    started = sdk.payment.createPaymentJson({**asked, "order_id": order["id"], "method": "card"})
    payment_id = started["razorpay_payment_id"]
    assert [step["action"] for step in sdk.payment.otpGenerate(payment_id)["next"]] == ["otp_submit", "otp_resend"]
    assert sdk.payment.otpResend(payment_id)["razorpay_payment_id"] == payment_id
    with pytest.raises(BadRequestError, match="incorrect OTP"):
        sdk.payment.otpSubmit(payment_id, {"otp": "000000"})
    assert sdk.utility.verify_payment_signature(sdk.payment.otpSubmit(payment_id, {"otp": "123456"})) is True
    assert sdk.payment.fetch(payment_id)["status"] == "authorized"


def test_a_recurring_payment_needs_nobody(sdk: Any, order: Any) -> None:
    wish = {"email": "g@example.com", "contact": "9876543567", "amount": 194700, "currency": "INR", "recurring": "1"}
    done = sdk.payment.createRecurring({**wish, "order_id": order["id"], "customer_id": "cust_1", "token": "token_1"})
    assert done["razorpay_order_id"] == order["id"]
    assert sdk.utility.verify_payment_signature(done) is True


def test_the_published_signature_vectors_hold_and_ours_are_made_alike(sdk: Any, sandbox: Served, order: Any) -> None:
    published = razorpay.Client(auth=("key_id", "key_secret"), session=requests.Session())
    vector = {"razorpay_order_id": "fake_order_id", "razorpay_payment_id": "fake_payment_id"}
    signature = "b2335e3b0801106b84a7faff035df56ecffde06918c9ddd1f0fafbb37a51cc89"
    assert published.utility.verify_payment_signature({**vector, "razorpay_signature": signature}) is True
    paid = sandbox.pay(order["id"])
    ours = {name: paid[name] for name in ("razorpay_payment_id", "razorpay_order_id", "razorpay_signature")}
    assert sdk.utility.verify_payment_signature(ours) is True
    for client, fields in ((published, {**vector, "razorpay_signature": "test_signature"}), (published, ours)):
        with pytest.raises(SignatureVerificationError):
            client.utility.verify_payment_signature(fields)


def test_a_paid_link_comes_back_with_a_signature(sdk: Any, sandbox: Served) -> None:
    shop = "http://shop.example/paid"
    link = sdk.payment_link.create(
        {"amount": 500, "currency": "INR", "reference_id": "TSsd1989", "callback_url": shop, "callback_method": "get"}
    )
    form = {"order_id": link["order_id"], "callback_url": shop, "choice": "success"}
    answer = sandbox.http.post("/checkout/act", data=form, follow_redirects=False)
    assert answer.headers["location"].startswith(shop)
    came = dict(parse_qsl(urlsplit(answer.headers["location"]).query))
    renamed = {name.replace("razorpay_payment_link", "payment_link"): value for name, value in came.items()}
    assert renamed["payment_link_status"] == "paid"
    assert sdk.utility.verify_payment_link_signature(renamed) is True
    with pytest.raises(SignatureVerificationError):
        sdk.utility.verify_payment_link_signature({**renamed, "payment_link_reference_id": "another"})


def test_a_webhook_is_verified_by_its_text(sdk: Any, sandbox: Served, shop: Shop, order: Any) -> None:
    sandbox.pay(order["id"])
    delivery = eventually(lambda: shop.received)[0]
    secret, signature = sandbox.config.webhook_secret, delivery.headers["X-Razorpay-Signature"]
    assert sdk.utility.verify_webhook_signature(delivery.body.decode(), signature, secret) is True
    for body, wrong in ((json.dumps(delivery.json), signature), ("", "test_signature")):
        with pytest.raises(SignatureVerificationError):
            sdk.utility.verify_webhook_signature(body, wrong, secret)


def test_too_many_at_once_is_a_bad_request(sdk: Any) -> None:
    with pytest.raises(BadRequestError, match="The count may not be greater than 100"):
        sdk.payment.all({"count": 10000})


@pytest.mark.parametrize(
    ("status", "code", "raised"),
    [(504, "GATEWAY_ERROR", GatewayError), (500, "SERVER_ERROR", ServerError), (500, "UNKNOWN_ERROR", ServerError)],
)
def test_errors_have_their_classes(sdk: Any, sandbox: Served, status: int, code: str, raised: type[Exception]) -> None:
    sandbox.chaos(api=[{"match": "GET /v1/payments", "http": {"status": status, "code": code, "description": "why"}}])
    with pytest.raises(raised, match="why"):
        sdk.payment.all({"count": 10})
