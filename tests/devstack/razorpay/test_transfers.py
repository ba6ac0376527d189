"""Razorpay Route: parts of captured money for linked accounts."""

import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
import requests
from razorpay.errors import BadRequestError

from devstack.razorpay import Served
from tests.devstack.razorpay.shop import Shop, eventually

KEY = {"X-Transfer-Idempotency": "po-1-1"}


def part(account: str, amount: int = 500, **more: Any) -> dict[str, Any]:
    return {"account": account, "amount": amount, "currency": "INR", **more}


def test_a_transfer_is_on_hold_until_it_is_let_go_and_then_settled(sdk: Any, sandbox: Served, transfer: Any) -> None:
    assert (transfer["status"], transfer["on_hold"], transfer["settlement_status"]) == ("processed", True, "on_hold")
    with pytest.raises(httpx.HTTPStatusError):
        sandbox.operate("POST", f"transfers/{transfer['id']}/settle")
    released = sdk.transfer.edit(transfer["id"], {"on_hold": False})
    assert (released["on_hold"], released["settlement_status"]) == (False, "pending")
    settled = sandbox.operate("POST", f"transfers/{transfer['id']}/settle")
    assert settled["settlement_status"] == "settled"
    listed = sdk.transfer.all({"recipient_settlement_id": settled["recipient_settlement_id"]})
    assert listed["items"] == [settled]


def test_the_shop_hears_of_transfers_settlements_and_accounts(
    sdk: Any, sandbox: Served, shop: Shop, transfer: Any, account: str
) -> None:
    sdk.transfer.edit(transfer["id"], {"on_hold": False})
    sandbox.operate("POST", f"transfers/{transfer['id']}/settle")
    sandbox.operate("PATCH", f"accounts/{account}", activated=False)
    sandbox.operate("PATCH", f"accounts/{account}", activated=True)
    wanted = {"transfer.processed", "settlement.processed", "product.route.needs_clarification"}
    eventually(lambda: wanted | {"product.route.activated"} <= set(shop.events()))
    told = next(each.json for each in shop.received if each.event == "product.route.activated")
    entity = told["payload"]["merchant_product"]["entity"]
    assert (told["account_id"], entity["merchant_id"], entity["activation_status"]) == (account, account, "activated")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"amount": 99}, "at least INR 1.00"),
        ({"amount": 194701}, "greater than the captured amount"),
        ({"account": "acc_00000000000000"}, "does not exist"),
        ({"currency": "USD"}, "not supported"),
        ({"on_hold": "yes"}, "true or false"),
        ({"colour": "red"}, "should not be sent"),
    ],
)
def test_a_wrong_transfer_is_refused(sdk: Any, captured: Any, account: str, wrong: Any, words: str) -> None:
    with pytest.raises(BadRequestError, match=words):
        sdk.payment.transfer(captured["id"], {"transfers": [{**part(account), **wrong}]})
    assert sdk.payment.transfers(captured["id"])["items"] == []


def test_no_more_than_was_captured_is_passed_on_but_what_came_back_may_be_again(
    sdk: Any, captured: Any, account: str
) -> None:
    whole = {"transfers": [part(account, captured["amount"])]}
    made = sdk.payment.transfer(captured["id"], whole)["items"][0]
    with pytest.raises(BadRequestError, match="greater than the captured amount"):
        sdk.payment.transfer(captured["id"], whole)
    sdk.transfer.reverse(made["id"], {})
    assert sdk.payment.transfer(captured["id"], whole)["items"][0]["id"] != made["id"]


def test_only_captured_money_of_which_nothing_was_refunded_is_passed_on(
    sdk: Any, sandbox: Served, order: Any, account: str
) -> None:
    payment = sandbox.pay(order["id"])["payment"]
    with pytest.raises(BadRequestError, match="should be captured"):
        sdk.payment.transfer(payment["id"], {"transfers": [part(account)]})
    sdk.payment.capture(payment["id"], payment["amount"], {"currency": "INR"})
    sdk.payment.refund(payment["id"], {"amount": 100})
    with pytest.raises(BadRequestError, match="was refunded"):
        sdk.payment.transfer(payment["id"], {"transfers": [part(account)]})


def test_an_account_under_review_gets_nothing_until_it_is_activated(sdk: Any, sandbox: Served, captured: Any) -> None:
    made = sandbox.operate("POST", "accounts", name="Ravi", activated=False)
    assert made == {"id": made["id"], "name": "Ravi", "status": "under_review"}
    with pytest.raises(BadRequestError, match="not activated"):
        sdk.payment.transfer(captured["id"], {"transfers": [part(made["id"])]})
    sandbox.operate("PATCH", f"accounts/{made['id']}", activated=True)
    assert sdk.get(f"/v2/accounts/{made['id']}", {})["id"] == made["id"]
    products = sdk.get(f"/v2/accounts/{made['id']}/products", {})["items"]
    assert [(each["product_name"], each["activation_status"]) for each in products] == [("route", "activated")]
    assert sdk.product.fetch(made["id"], products[0]["id"]) == products[0]
    assert sdk.payment.transfer(captured["id"], {"transfers": [part(made["id"])]})["count"] == 1


def test_it_is_taken_back_in_parts_until_nothing_is_left(sdk: Any, transfer: Any) -> None:
    first = sdk.transfer.reverse(transfer["id"], {"amount": 876, "notes": {"reversal": "rv-1-1"}})
    assert (first["amount"], first["notes"]) == (876, {"reversal": "rv-1-1"})
    assert sdk.transfer.fetch(transfer["id"])["status"] == "partially_reversed"
    with pytest.raises(BadRequestError, match="greater than"):
        sdk.transfer.reverse(transfer["id"], {"amount": 81001})
    rest = sdk.transfer.reverse(transfer["id"], {})
    assert rest["amount"] == 81000
    assert sdk.transfer.reversals(transfer["id"])["items"] == [first, rest]
    assert sdk.transfer.fetch(transfer["id"])["status"] == "reversed"


def test_a_rule_fails_a_transfer_or_refuses_a_reversal(
    sdk: Any, sandbox: Served, shop: Shop, captured: Any, account: str
) -> None:
    sandbox.chaos(
        api=[
            {"match": "POST */transfers", "transfer_fail": True, "times": 1},
            {"match": "POST */reversals", "reversal_insufficient": True, "times": 1},
        ]
    )
    wanted = {"transfers": [part(account, captured["amount"])]}
    failed = sdk.payment.transfer(captured["id"], wanted)["items"][0]
    assert (failed["status"], failed["error"]["reason"]) == ("failed", "transfer_failed")
    eventually(lambda: "transfer.failed" in shop.events())
    made = sdk.payment.transfer(captured["id"], wanted)["items"][0]
    with pytest.raises(BadRequestError, match="not have enough balance"):
        sdk.transfer.reverse(made["id"], {"amount": 500})
    assert sdk.transfer.reverse(made["id"], {"amount": 500})["amount"] == 500


def test_a_direct_transfer_is_made_once_by_its_key(sdk: Any, sandbox: Served, account: str) -> None:
    wanted = part(account, 500, notes={"payout": "po-1-1"})
    made = sdk.transfer.create(wanted, headers=dict(KEY))
    assert (made["source"], made["recipient"]) == (sandbox.config.account_id, account)
    assert sdk.transfer.create(wanted, headers=dict(KEY)) == made
    with pytest.raises(BadRequestError, match="Different request"):
        sdk.transfer.create({**wanted, "amount": 600}, headers=dict(KEY))
    for key in ("abc", "k" * 37):
        with pytest.raises(BadRequestError, match="between 4 and 36"):
            sdk.transfer.create(wanted, headers={"X-Transfer-Idempotency": key})
    assert sdk.transfer.all({})["count"] == 1


def test_a_key_that_is_under_way_is_a_conflict(sandbox: Served, account: str) -> None:
    sandbox.chaos(api=[{"match": "POST /v1/transfers", "latency": 60.0, "times": 1}])
    keys = (sandbox.config.key_id, sandbox.config.key_secret)
    with httpx.Client(base_url=sandbox.base_url, auth=keys, trust_env=False, timeout=90) as client:

        def ask(_: int) -> int:
            status = client.post("/v1/transfers", json=part(account), headers=KEY).status_code
            sandbox.chaos()
            return status

        # Whichever comes first waits until the other one was refused.
        with ThreadPoolExecutor(2) as both:
            assert sorted(both.map(ask, range(2))) == [200, 409]


def test_a_rule_is_for_the_call_that_was_heard_first_not_for_one_that_has_only_begun(
    sandbox: Served, account: str
) -> None:
    sandbox.chaos(api=[{"match": "POST /v1/transfers", "http": {"status": 502}, "times": 1}])
    url = httpx.URL(sandbox.base_url)
    with socket.create_connection((url.host, url.port), timeout=30) as begun:
        head = "POST /v1/transfers HTTP/1.1\r\nHost: sandbox\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
        begun.sendall(head.encode())
        assert b"100 Continue" in begun.recv(100)
        keys = (sandbox.config.key_id, sandbox.config.key_secret)
        heard = httpx.post(f"{url}/v1/transfers", auth=keys, json=part(account), trust_env=False)
        begun.sendall(b"{}")
        assert (heard.status_code, begun.recv(100).split()[1]) == (502, b"401")


def test_an_answer_that_was_lost_leaves_the_transfer_made(
    sdk: Any, sandbox: Served, captured: Any, account: str
) -> None:
    sandbox.chaos(api=[{"match": "POST */transfers", "drop_after_commit": True, "times": 1}])
    with pytest.raises(requests.ConnectionError):
        sdk.payment.transfer(captured["id"], {"transfers": [part(account)]})
    assert sdk.payment.transfers(captured["id"])["count"] == 1


def test_what_is_passed_on_is_taken_out_of_the_shops_settlement(sdk: Any, sandbox: Served, transfer: Any) -> None:
    sdk.transfer.reverse(transfer["id"], {"amount": 876})
    settlement = sandbox.operate("POST", "settlements")
    assert settlement["amount"] == 194700 - settlement["fees"] - 81876 + 876
