import time
from typing import Any

import pytest
from razorpay.errors import BadRequestError

from devstack.razorpay import Served
from tests.devstack.razorpay.shop import Shop, eventually


@pytest.fixture
def link(sdk: Any) -> Any:
    return sdk.payment_link.create({"amount": 50000, "currency": "INR", "reference_id": "fee-1", "notes": {"a": "b"}})


def test_a_paid_link_tells_of_an_order_without_its_prefix(sdk: Any, sandbox: Served, shop: Shop, link: Any) -> None:
    sandbox.pay(link["order_id"])
    paid = sdk.payment_link.fetch(link["id"])
    assert (paid["status"], paid["amount_paid"], len(paid["payments"])) == ("paid", 50000, 1)
    event = eventually(lambda: [one for one in shop.received if one.event == "payment_link.paid"])[0].json
    assert event["contains"] == ["payment_link", "order", "payment"]
    assert event["payload"]["order"]["entity"]["id"] == link["order_id"].removeprefix("order_")
    assert "entity" not in event["payload"]["order"]["entity"]


def test_a_link_leads_to_the_checkout(sandbox: Served, link: Any) -> None:
    answer = sandbox.http.get(link["short_url"], follow_redirects=True)
    assert "INR 500.00" in answer.text


def test_a_cancelled_link_cannot_be_paid(sdk: Any, sandbox: Served, link: Any) -> None:
    assert sdk.payment_link.cancel(link["id"])["status"] == "cancelled"
    answer = sandbox.http.post(f"/sandbox/orders/{link['order_id']}/pay", json={})
    assert answer.status_code == 400
    with pytest.raises(BadRequestError, match="cancelled"):
        sdk.payment_link.cancel(link["id"])


def test_a_link_expires_by_the_clock(sdk: Any, sandbox: Served) -> None:
    with pytest.raises(BadRequestError, match="15 minutes"):
        sdk.payment_link.create({"amount": 500, "currency": "INR", "expire_by": int(time.time()) + 60})
    made = sdk.payment_link.create({"amount": 500, "currency": "INR", "expire_by": int(time.time()) + 1000})
    sandbox.operate("POST", "clock/advance", seconds=1001)
    eventually(lambda: sdk.payment_link.fetch(made["id"])["status"] == "expired")


def test_a_reference_is_used_once(sdk: Any, link: Any) -> None:
    with pytest.raises(BadRequestError, match="already exists"):
        sdk.payment_link.create({"amount": 500, "currency": "INR", "reference_id": "fee-1"})
    assert sdk.payment_link.all({"reference_id": "fee-1"})["payment_links"] == [link]


def test_a_dispute_leaves_the_payment_alone_and_costs_only_when_lost(
    sdk: Any, sandbox: Served, shop: Shop, captured: Any
) -> None:
    dispute = sandbox.operate("POST", "disputes", payment_id=captured["id"])
    assert (dispute["status"], dispute["amount"], dispute["amount_deducted"]) == ("open", 194700, 0)
    reviewed = sandbox.operate("POST", f"disputes/{dispute['id']}/transition", status="under_review")
    assert reviewed["status"] == "under_review"
    lost = sandbox.operate("POST", f"disputes/{dispute['id']}/transition", status="lost")
    assert lost["amount_deducted"] == 194700
    assert sdk.dispute.fetch(dispute["id"]) == lost
    assert sdk.payment.fetch(captured["id"])["status"] == "captured"
    eventually(lambda: "payment.dispute.lost" in shop.events())
    event = next(one for one in shop.received if one.event == "payment.dispute.created").json
    assert event["contains"] == ["payment", "dispute"]


def test_a_shop_can_contest_or_accept(sdk: Any, sandbox: Served, captured: Any) -> None:
    first = sandbox.operate("POST", "disputes", payment_id=captured["id"], amount=500)
    draft = sdk.dispute.contest(first["id"], {"summary": "delivered", "action": "draft"})
    assert (draft["status"], draft["evidence"]["summary"]) == ("open", "delivered")
    assert sdk.dispute.contest(first["id"], {"action": "submit"})["status"] == "under_review"
    second = sandbox.operate("POST", "disputes", payment_id=captured["id"], amount=600)
    assert sdk.dispute.accept(second["id"])["amount_deducted"] == 600
    assert sdk.dispute.all({})["count"] == 2


def test_a_dispute_that_asks_for_action_has_its_evidence_beside_the_entity(
    sandbox: Served, shop: Shop, captured: Any
) -> None:
    dispute = sandbox.operate("POST", "disputes", payment_id=captured["id"])
    for status in ("action_required", "under_review", "won"):
        sandbox.operate("POST", f"disputes/{dispute['id']}/transition", status=status)

    def told() -> dict[str, Any]:
        parts = {one.event: one.json["payload"].get("dispute") for one in list(shop.received)}
        return {event: part for event, part in parts.items() if part and part["entity"]["id"] == dispute["id"]}

    eventually(lambda: len(told()) == 4)
    assert told()["payment.dispute.action_required"].keys() == {"entity", "evidence"}
    assert "evidence" not in told()["payment.dispute.action_required"]["entity"]
    assert "evidence" in told()["payment.dispute.won"]["entity"]
