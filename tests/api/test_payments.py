"""Money over HTTP: callback, webhook, cash, ledger and documents."""

import hashlib
import hmac
import json
from dataclasses import dataclass

import httpx
import pytest

from devstack.demo.calls import until
from devstack.kinds.vehicle_service.people import Customer
from tests.api.visits import Visits


def paid(visits: Visits, booking: dict) -> dict[str, str]:
    """The customer pays at the checkout; what their browser brings back."""
    answer = visits.shop.provider.pay(booking["order_id"])
    return {name: answer[name] for name in ("razorpay_payment_id", "razorpay_order_id", "razorpay_signature")}


def signed(visits: Visits, raw: bytes) -> dict[str, str]:
    secret = visits.shop.info["razorpay"]["webhook_secret"]
    return {"X-Razorpay-Signature": hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()}


@pytest.fixture(scope="module")
def unpaid(visits: Visits) -> tuple[Customer, dict]:
    """A booking whose order nobody pays."""
    return visits.ordered()


@dataclass(frozen=True)
class Confirmed:
    """A booking that was confirmed by what the browser brought back."""

    owner: Customer
    id: int
    said: dict[str, str]
    answer: httpx.Response
    invoice_before: int
    """How the question for its invoice was answered before the money was there."""


@pytest.fixture(scope="module")
def confirmed(visits: Visits) -> Confirmed:
    owner, booking = visits.ordered()
    before = owner.send("GET", f"/bookings/{booking['id']}/invoice").status_code
    said = paid(visits, booking)
    return Confirmed(owner, booking["id"], said, visits.http.post("/payment/verify", json=said), before)


def test_confirming_online_answers_with_the_order_at_the_top_level_too(visits: Visits, unpaid):
    owner, booking = unpaid
    assert booking["checkout"]["amount"] == 194700
    assert {key: booking[key] for key in booking["checkout"]} == booking["checkout"]
    again = owner.confirm(booking["id"], [booking["services"][0]["service_id"]], visits.shop.payment_method("online"))
    assert again["order_id"] == booking["order_id"]


def test_a_genuine_callback_confirms_once_however_often_it_comes(visits: Visits, confirmed: Confirmed):
    said, answer, number = confirmed.said, confirmed.answer, confirmed.id
    assert (answer.status_code, answer.json()["status"], answer.json()["booking_id"]) == (200, "success", number)
    assert visits.http.post("/payment/verify", data=said).status_code == 200
    browser = visits.http.post("/payment/verify", data=said, headers={"Accept": "text/html,*/*"})
    assert browser.status_code == 303
    assert str(number) in browser.headers["location"]
    shown = confirmed.owner.booking(number)
    assert (shown["status"], shown["totals"]["paid"], len(shown["payments"])) == ("in-progress", "1947.00", 1)


def test_a_replayed_callback_of_an_order_that_was_given_up_asks_the_provider_nothing(visits: Visits):
    owner, booking = visits.ordered()
    owner.cancel(booking["id"], "changed my mind")
    answer = visits.shop.provider.pay(booking["order_id"], capture=True)
    said = {name: answer[name] for name in ("razorpay_payment_id", "razorpay_order_id", "razorpay_signature")}
    until("the money to go back", lambda: owner.booking(booking["id"])["refunds"])
    before = asked_about(visits, booking)
    for _ in range(20):
        assert visits.http.post("/payment/verify", json=said).json()["booking_status"] == "cancelled"
    assert asked_about(visits, booking) <= before + 4  # a poll may fall into this moment


def failed(metadata: str | None) -> dict[str, str]:
    """What the checkout posts by the browser when a try failed; only the first two are promised by the provider."""
    form = {"error[code]": "BAD_REQUEST_ERROR", "error[description]": "declined", "error[reason]": "payment_failed"}
    return form if metadata is None else {**form, "error[metadata]": metadata}


def test_a_checkout_that_failed_leads_back_to_the_bookings_page_and_changes_nothing(visits: Visits):
    owner, booking = visits.ordered()
    form = failed(json.dumps({"payment_id": "pay_00000000000000", "order_id": booking["order_id"]}))
    back = visits.http.post("/payment/verify", data=form, headers={"Accept": "text/html,*/*"})
    assert (back.status_code, back.headers["location"]) == (303, f"/bookings/{booking['id']}")
    assert owner.booking(booking["id"])["payment"]["status"] == "pending"
    answer = visits.http.post("/payment/verify", json=paid(visits, booking))
    assert answer.json()["status"] == "success"


@pytest.mark.parametrize(
    "metadata",
    [
        None,
        "",
        "not JSON",
        "[]",
        '{"order_id": 5}',
        '{"order_id": "order_00000000000000"}',
        '{"order_id": "order_\\u0000"}',
    ],
)
def test_a_checkout_that_failed_without_a_known_order_leads_to_the_list_of_bookings(visits: Visits, metadata):
    back = visits.http.post("/payment/verify", data=failed(metadata), headers={"Accept": "text/html,*/*"})
    assert (back.status_code, back.headers["location"]) == (303, "/")
    told = visits.http.post("/payment/verify", data=failed(metadata))
    assert (told.status_code, told.json()["code"]) == (400, "PaymentRejected")


def asked_about(visits: Visits, booking: dict) -> int:
    """How often the shop has asked the provider for this order."""
    calls = httpx.get(f"{visits.shop.info['razorpay']['base_url']}/sandbox/requests", trust_env=False).json()
    return sum(booking["order_id"] in call["path"] for call in calls)


def test_a_callback_that_the_provider_did_not_sign_changes_nothing(visits: Visits, unpaid):
    owner, booking = unpaid
    forged = {
        "razorpay_payment_id": "pay_00000000000000",
        "razorpay_order_id": booking["order_id"],
        "razorpay_signature": "0" * 64,
    }
    answer = visits.http.post("/payment/verify", json=forged)
    assert (answer.status_code, answer.json()["code"]) == (400, "BadSignature")
    unknown = visits.http.post("/payment/verify", json={**forged, "razorpay_order_id": "order_00000000000000"})
    assert unknown.status_code == 404
    assert visits.http.post("/payment/verify", json={"razorpay_payment_id": "pay_1"}).status_code == 422
    assert owner.booking(booking["id"])["payment"]["status"] == "pending"


def test_a_webhook_without_a_genuine_signature_is_refused_and_tried_again(visits: Visits):
    raw = json.dumps({"event": "payment.captured", "payload": {}}).encode()
    assert visits.http.post("/payment/webhook", content=raw).status_code == 401
    wrong = {"X-Razorpay-Signature": "0" * 64}
    assert visits.http.post("/payment/webhook", content=raw, headers=wrong).status_code == 401
    assert visits.http.post("/payment/verify", content=raw, headers=wrong).status_code == 401


@pytest.mark.parametrize("raw", [b"not json", b"[]", b'{"event": 7, "payload": [1]}', b"\xff\xfe", b"{}"])
def test_a_signed_webhook_that_cannot_be_read_is_accepted_and_kept(visits: Visits, raw: bytes):
    for _ in range(2):
        assert visits.http.post("/payment/webhook", content=raw, headers=signed(visits, raw)).status_code == 200


def test_a_webhook_alone_confirms(visits: Visits):
    owner, booking = visits.ordered()
    paid(visits, booking)
    until("the webhook to confirm", lambda: owner.booking(booking["id"])["status"] == "in-progress")


def test_cash_must_be_the_amount_due_and_is_not_verified_by_the_customer(visits: Visits):
    owner, booking = visits.estimated("1650.50")
    number, admin = booking["id"], visits.shop.admin
    assert owner.choose_cash(number)["status"] == "in-progress"
    mechanic = visits.shop.assign(booking, "service")
    report = mechanic.report(number, "done", (booking["services"][0]["service_id"],))
    assert {"id", "booking_id", "status", "updated_by", "timestamp"} <= set(report)
    due = admin.validate_report(report["id"])["totals"]["due"]
    body = {"booking_id": number, "amount": due}
    assert owner.send("POST", "/payment/verify-cod", json=body).json()["code"] == "RoleRequired"
    wrong = admin.send("POST", "/payment/verify-cod", json={**body, "amount": "1.00"})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "AmountMismatch")
    for amount in (1500.005, "1e3", -1, True, None, "1,000.00"):
        assert admin.send("POST", "/payment/verify-cod", json={**body, "amount": amount}).status_code == 422
    assert admin.verify_cash(number, float(due))["totals"]["due"] == "0.00"
    assert admin.report(number, "keys handed over")["booking_status"] == "delivered"


def test_cash_of_a_cancelled_booking_is_not_the_customers_to_choose_again(visits: Visits):
    owner, booking = visits.estimated("1650.50")
    cash = f"/payment/cash-on-delivery/{booking['id']}"
    assert [owner.send("POST", cash).status_code for _ in range(2)] == [200, 200]
    assert owner.send("PUT", f"/bookings/{booking['id']}/cancel", json={}).status_code == 200
    again = owner.send("POST", cash)
    assert (again.status_code, again.json()["code"]) == (403, "RoleRequired")


def test_an_invoice_is_there_once_the_money_is(visits: Visits, confirmed: Confirmed):
    owner, path = confirmed.owner, f"/bookings/{confirmed.id}/invoice"
    assert confirmed.invoice_before == 404
    until("the invoice", lambda: owner.booking(confirmed.id)["invoice"])
    invoice = owner.get(path)
    assert invoice["total"] == "1947.00"
    assert invoice["lines"][0]["cgst"] == invoice["lines"][0]["sgst"] == "148.50"
    printed = owner.send("GET", path + ".pdf")
    assert printed.headers["content-type"] == "application/pdf"
    assert printed.content.startswith(b"%PDF")
    assert visits.stranger(owner).send("GET", path + ".pdf").status_code == 404


def test_the_ledger_is_a_customers_own_and_an_admins_all(visits: Visits, confirmed: Confirmed):
    owner, number = confirmed.owner, confirmed.id
    row = owner.get("/payment/", booking_id=number)[0]
    assert (row["amount"], row["method"], row["status"], row["leg"]) == ("1947.00", "online", "success", "service")
    assert owner.get(f"/payment/{row['id']}") == row
    stranger = visits.stranger(owner)
    assert stranger.get("/payment/", booking_id=number) == []
    assert stranger.send("GET", f"/payment/{row['id']}").status_code == 404
    assert visits.shop.admin.get("/payment/", booking_id=number) == [row]
    assert visits.shop.mechanics[0].get("/payment/") == []
    assert visits.shop.mechanics[0].send("GET", "/payment/refunds").json()["code"] == "ScopeRequired"


def test_a_refund_is_listed_and_one_that_is_done_cannot_be_retried(visits: Visits):
    owner, booking = visits.ordered()
    visits.http.post("/payment/verify", json=paid(visits, booking))
    owner.cancel(booking["id"], "changed my mind")
    until("the refund", lambda: owner.booking(booking["id"])["refunds"][0]["status"] == "processed")
    refund = owner.get("/payment/refunds", booking_id=booking["id"])[0]
    assert refund["amount"] == "1829.00"
    admin = visits.shop.admin
    again = admin.send("POST", f"/payment/refunds/{refund['id']}/retry")
    assert (again.status_code, again.json()["code"]) == (409, "NothingPending")
    assert owner.send("POST", f"/payment/refunds/{refund['id']}/retry").json()["code"] == "ScopeRequired"


def test_the_ledger_can_be_read_from_its_beginning(visits: Visits, confirmed: Confirmed, unpaid):
    admin = visits.shop.admin
    newest = [row["id"] for row in admin.get("/payment/", limit=100)]
    oldest = [row["id"] for row in admin.get("/payment/", limit=100, order="oldest")]
    assert len(newest) > 1
    assert newest == sorted(newest, reverse=True)
    assert oldest == sorted(oldest)
