from datetime import datetime
from typing import Any

import pytest
from razorpay.errors import BadRequestError

from devstack.razorpay import Served
from devstack.razorpay.machine.settlements import INDIA

DAY = 24 * 3600
DOCUMENTED = {
    *("entity_id", "type", "debit", "credit", "amount", "currency", "fee", "tax", "on_hold", "settled", "created_at"),
    *("settled_at", "settlement_id", "posted_at", "credit_type", "description", "notes", "payment_id"),
    *("settlement_utr", "order_id", "order_receipt", "method", "card_network", "card_issuer", "card_type"),
    "dispute_id",
}


def report(sdk: Any, settlement: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    """What was settled on the day of a settlement."""
    at = datetime.fromtimestamp(settlement["created_at"], INDIA)
    return sdk.settlement.report({"year": at.year, "month": at.month, "day": at.day, "count": 1000, **more})["items"]


def test_a_capture_is_settled_on_the_second_day_less_fee_and_tax(sdk: Any, sandbox: Served, captured: Any) -> None:
    assert sdk.settlement.all()["items"] == []
    sandbox.operate("POST", "clock/advance", seconds=3 * DAY)
    [settlement] = sdk.settlement.all()["items"]
    began = datetime.fromtimestamp(captured["created_at"], INDIA).date()
    assert (datetime.fromtimestamp(settlement["created_at"], INDIA).date() - began).days == 2
    assert settlement["amount"] == captured["amount"] - captured["fee"]
    assert (settlement["fees"], settlement["tax"]) == (captured["fee"], captured["tax"])
    assert sdk.settlement.fetch(settlement["id"]) == settlement
    [line] = report(sdk, settlement)
    assert set(line) == DOCUMENTED
    assert (line["entity_id"], line["type"], line["credit"]) == (captured["id"], "payment", settlement["amount"])
    assert (line["settlement_id"], line["settlement_utr"]) == (settlement["id"], settlement["utr"])


def test_refunds_and_lost_disputes_are_taken_out_of_the_next_settlement(
    sdk: Any, sandbox: Served, captured: Any
) -> None:
    other = sandbox.pay(sdk.order.create({"amount": 50000, "currency": "INR"})["id"], capture=True)["payment"]
    refund = sdk.payment.refund(captured["id"], {"amount": 4700})
    dispute = sandbox.operate("POST", "disputes", payment_id=other["id"], amount=10000)
    sandbox.operate("POST", f"disputes/{dispute['id']}/transition", status="lost")
    settlement = sandbox.operate("POST", "settlements")
    lines = report(sdk, settlement)
    assert settlement["amount"] == sum(line["credit"] - line["debit"] for line in lines)
    taken = {line["entity_id"]: line["debit"] for line in lines if line["debit"]}
    assert taken.pop(refund["id"]) == 4700
    [adjustment] = [line for line in lines if line["type"] == "adjustment"]
    assert (adjustment["dispute_id"], taken) == (dispute["id"], {adjustment["entity_id"]: 10000})


def test_a_day_with_more_refunds_than_captures_settles_nothing(sdk: Any, sandbox: Served, captured: Any) -> None:
    assert sandbox.operate("POST", "settlements")["amount"] == captured["amount"] - captured["fee"]
    sdk.payment.refund(captured["id"], {"amount": captured["amount"]})
    assert sandbox.operate("POST", "settlements") is None
    sandbox.pay(sdk.order.create({"amount": 500000, "currency": "INR"})["id"], capture=True)
    after = sandbox.operate("POST", "settlements")
    assert {line["type"] for line in report(sdk, after) if line["settlement_id"] == after["id"]} == {
        "payment",
        "refund",
    }


def test_a_refund_that_fails_is_not_settled_or_comes_back(sdk: Any, sandbox: Served, captured: Any) -> None:
    early = sdk.payment.refund(captured["id"], {"amount": 1000})
    sandbox.operate("POST", f"refunds/{early['id']}/settle", status="failed")
    late = sdk.payment.refund(captured["id"], {"amount": 2000})
    first = sandbox.operate("POST", "settlements")
    assert first["amount"] == captured["amount"] - captured["fee"] - 2000
    sandbox.operate("POST", f"refunds/{late['id']}/settle", status="failed")
    second = sandbox.operate("POST", "settlements")
    assert second["amount"] == 2000
    [back] = [line for line in report(sdk, second) if line["settlement_id"] == second["id"]]
    assert (back["type"], back["credit"], late["id"] in back["description"]) == ("adjustment", 2000, True)


def test_the_report_comes_in_pages_and_needs_a_month(sdk: Any, sandbox: Served) -> None:
    for _ in range(3):
        sandbox.pay(sdk.order.create({"amount": 50000, "currency": "INR"})["id"], capture=True)
    settlement = sandbox.operate("POST", "settlements")
    pages = [report(sdk, settlement, count=2), report(sdk, settlement, count=2, skip=2)]
    assert [len(page) for page in pages] == [2, 1]
    assert len({line["entity_id"] for page in pages for line in page}) == 3
    with pytest.raises(BadRequestError, match="month field is required"):
        sdk.settlement.report({"year": 2026})
