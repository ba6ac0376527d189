"""Whatever is sent, the sandbox answers in its envelope, and it keeps its head in a crowd."""

import itertools
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import httpx
import pytest
import requests

from devstack.razorpay import Served
from tests.devstack.razorpay.shop import eventually

ODD = [
    None,
    True,
    -1,
    0,
    100,
    1.5,
    10**30,
    "",
    "x",
    "₹",
    "\x00",
    "[]",
    [],
    ["x"],
    [[]],
    {},
    {"x": "y"},
    {"status": "x"},
]
FIELDS = {
    "POST /v1/orders": ["amount", "currency", "receipt", "notes", "payment", "payment_capture"],
    "PATCH /v1/orders/{order}": ["notes"],
    "POST /v1/payments/{payment}/capture": ["amount", "currency"],
    "POST /v1/payments/{payment}/refund": ["amount", "speed", "notes", "receipt"],
    "POST /v1/refunds": ["payment_id", "amount"],
    "POST /v1/payment_links": ["amount", "currency", "reference_id", "notes", "expire_by", "customer", "notify"],
    "POST /v1/payments/{payment}/transfers": ["transfers"],
    "POST /v1/transfers": ["account", "amount", "currency", "notes", "on_hold", "on_hold_until"],
    "PATCH /v1/transfers/{transfer}": ["on_hold", "on_hold_until"],
    "POST /v1/transfers/{transfer}/reversals": ["amount", "notes"],
    "POST /v1/webhooks": ["url", "secret", "events", "alert_email"],
    "POST /sandbox/orders/{order}/pay": [
        "outcome", "capture", "amount", "currency", "method", "notes", "force", "delay", "callback"
    ],
    "POST /sandbox/payments/{payment}/late-authorise": ["capture"],
    "POST /sandbox/refunds/{payment}/settle": ["status"],
    "POST /sandbox/disputes": ["payment_id", "amount", "phase", "reason_code"],
    "POST /sandbox/accounts": ["name", "activated"],
    "PATCH /sandbox/accounts/{payment}": ["activated"],
    "PUT /sandbox/chaos": ["webhooks", "api"],
    "POST /sandbox/chaos": ["webhooks", "api"],
    "POST /sandbox/clock/advance": ["seconds"],
}  # fmt: skip
SENSIBLE = {"amount": 500, "currency": "INR", "url": "http://127.0.0.1:1/"}


@pytest.fixture
def client(sandbox: Served) -> Any:
    keys = (sandbox.config.key_id, sandbox.config.key_secret)
    with httpx.Client(base_url=sandbox.base_url, auth=keys, trust_env=False, timeout=120) as client:
        yield client


@pytest.mark.parametrize("call", FIELDS)
def test_odd_values_are_refused_or_taken_but_never_break_it(
    client: Any, order: Any, captured: Any, transfer: Any, call: str
) -> None:
    method, path = call.format(order=order["id"], payment=captured["id"], transfer=transfer["id"]).split()
    for field, value in itertools.product(FIELDS[call], ODD):
        if (field, value) == ("seconds", 10**30):
            continue
        answer = client.request(
            method, path, json={**SENSIBLE, field: value} if "sandbox" not in path else {field: value}
        )
        assert answer.status_code in (200, 400), (field, value, answer.text)
        assert answer.status_code == 200 or answer.json()["error"]["code"] == "BAD_REQUEST_ERROR"


@pytest.mark.parametrize(
    "body", [b"{", b"\xff", b"[]", b"5", b'"x"', b"null", b'{"amount": NaN}', b'{"notes":{"a":"\\ud800"}}']
)
def test_bodies_that_are_no_objects_are_invalid_requests(client: Any, order: Any, body: bytes) -> None:
    for path in ("/v1/orders", f"/sandbox/orders/{order['id']}/pay"):
        answer = client.post(path, content=body)
        assert (answer.status_code, answer.json()["error"]["description"]) == (400, "invalid request sent")


@pytest.mark.parametrize("switch", ["latency", "http", "list_lag", "times", "match", "refund_fail_later"])
@pytest.mark.parametrize("value", ["x", -1, [], {"status": 99}])
def test_a_rule_that_cannot_work_is_refused_when_it_is_made(client: Any, switch: str, value: Any) -> None:
    if (switch, value) == ("match", "x"):
        return
    answer = client.put("/sandbox/chaos", json={"api": [{"match": "*", switch: value}]})
    assert answer.status_code == 400
    assert client.get("/sandbox/chaos").json() == {"webhooks": [], "api": []}


@pytest.mark.parametrize("customers", [50, pytest.param(200, marks=pytest.mark.long)])
def test_many_customers_at_once_all_pay(sandbox: Served, customers: int) -> None:
    keys = (sandbox.config.key_id, sandbox.config.key_secret)

    def visit(number: int) -> str:
        with requests.Session() as session:
            session.auth, session.trust_env = keys, False
            ask = partial(session.request, timeout=120)
            amount = {"amount": 1000 + number}
            order = ask("POST", f"{sandbox.base_url}/v1/orders", json={**amount, "currency": "INR"}).json()
            paid = ask("POST", f"{sandbox.base_url}/sandbox/orders/{order['id']}/pay", json={}).json()
            payment = f"{sandbox.base_url}/v1/payments/{paid['razorpay_payment_id']}"
            return str(ask("POST", f"{payment}/capture", json=amount).json()["status"])

    with ThreadPoolExecutor(customers) as crowd:
        assert list(crowd.map(visit, range(customers))) == ["captured"] * customers
    state = sandbox.operate("GET", "state")
    assert {order["status"] for order in state["orders"]} == {"paid"}
    assert sum(order["amount_paid"] for order in state["orders"]) == sum(1000 + number for number in range(customers))


def test_a_slow_request_does_not_reach_into_the_world_after_a_reset(sandbox: Served) -> None:
    sandbox.chaos(api=[{"match": "*", "latency": 600.0, "times": 1}])
    with (
        ThreadPoolExecutor(1) as other,
        httpx.Client(base_url=sandbox.base_url, timeout=300, trust_env=False) as client,
    ):
        slow = other.submit(client.post, "/v1/orders", json={"amount": 500, "currency": "INR"})
        eventually(lambda: sandbox.operate("GET", "chaos")["api"][0]["times"] == 0)  # the request has arrived
        sandbox.operate("POST", "reset")
        assert isinstance(slow.exception(), httpx.TransportError)
    assert sandbox.operate("GET", "state")["orders"] == sandbox.requests() == []
