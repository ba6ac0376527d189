"""Refunds and disputes: money goes back once, whatever becomes of the answers. The scenarios run side by side.

Those that tests/workflows and tests/adapters/razorpay look at without servers are in `make test-long`.
"""

from decimal import Decimal

import pytest

from devstack.demo.calls import until
from tests.journeys.payment_scenarios import Visit, concurrent_scenario


def moved(visit: Visit) -> Decimal:
    """What the ledger has of the booking; the provider's fees are booked by a comparison, which may run meanwhile."""
    entries = visit.shop.admin.get("/payment/ledger", booking_id=visit.id)
    return sum((Decimal(entry["amount"]) for entry in entries if entry["kind"] != "fee"), Decimal(0))


@concurrent_scenario
def test_money_that_comes_after_the_end_of_a_cancelled_booking_goes_back_once(visit: Visit) -> None:
    order = visit.ended_unpaid()
    payment = visit.provider.pays(order, capture=True)["payment"]["id"]
    [refund] = visit.refunds_are("processed")
    visit.gets("refund-processed")
    for name in ("payment.captured", "order.paid"):
        for event in until(name, lambda name=name: visit.provider.events_of(payment, name)):
            visit.provider.replays(event, new_id=True)
    now = visit.end()
    assert (now["status"], refund["payment_id"]) == ("cancelled", payment)
    assert [row["amount"] for row in visit.provider.refunds_of(payment)] == [int(Decimal(refund["amount"]) * 100)]
    asked = visit.provider.asked("POST", f"/v1/payments/{payment}/refund")
    assert {call["idempotency_key"] for call in asked} == {f"late-{payment}"}


@pytest.mark.long
@concurrent_scenario
def test_a_refund_whose_answer_was_lost_is_made_once(visit: Visit) -> None:
    payment = visit.paid()
    path = f"POST /v1/payments/{payment}/refund"
    visit.provider.misbehaves({"match": path, "times": 2, "drop_after_commit": True})
    visit.cancel("changed my mind")
    visit.refunds_are("processed")
    assert len(visit.provider.refunds_of(payment)) == 1
    assert len({call["idempotency_key"] for call in visit.provider.asked("POST", path.removeprefix("POST "))}) == 1


@pytest.mark.long
@concurrent_scenario
def test_a_refund_whose_key_is_busy_is_tried_again(visit: Visit) -> None:
    payment = visit.paid()
    busy = {"status": 409, "description": "Another request with the same idempotency key is still in progress."}
    visit.provider.misbehaves({"match": f"POST /v1/payments/{payment}/refund", "times": 1, "http": busy})
    visit.cancel("changed my mind")
    visit.refunds_are("processed")
    assert len(visit.provider.refunds_of(payment)) == 1


@pytest.mark.long
@concurrent_scenario
def test_a_refund_whose_key_was_used_for_something_else_stops_and_asks_for_the_admin(visit: Visit) -> None:
    payment = visit.paid()
    used = {
        "status": 409,
        "description": "Different request with the same idempotency key has already been processed.",
    }
    visit.provider.misbehaves({"match": f"POST /v1/payments/{payment}/refund", "http": used, "times": 1})
    visit.cancel("changed my mind")
    now = visit.asks_for_the_admin()
    assert [refund["status"] for refund in now["refunds"]] == ["failed"]
    assert len(visit.provider.asked("POST", f"/v1/payments/{payment}/refund")) == 1
    visit.shop.admin.post(f"/payment/refunds/{now['refunds'][0]['id']}/retry")
    visit.refunds_are("failed", "processed")
    assert len(visit.provider.refunds_of(payment)) == 1


@pytest.mark.long
@concurrent_scenario
def test_a_refund_that_fails_after_it_was_processed_is_made_again_and_the_customer_is_told(visit: Visit) -> None:
    payment = visit.paid()
    visit.cancel("changed my mind")
    [refund] = visit.refunds_are("processed")
    visit.provider.settles(refund["refund_id"], "failed")
    visit.refunds_are("failed", "processed")
    visit.gets("refund-delayed")
    visit.gets("refund-processed", 2)
    made = visit.provider.refunds_of(payment)
    assert [row["status"] for row in made] == ["failed", "processed"]
    assert len({row["amount"] for row in made}) == 1


@pytest.mark.long
@concurrent_scenario
def test_a_refund_for_which_our_balance_is_too_low_waits_until_an_admin_pushes_it(visit: Visit) -> None:
    payment = visit.paid()
    path = f"POST /v1/payments/{payment}/refund"
    visit.provider.misbehaves({"match": path, "times": 1, "insufficient_balance": True})
    visit.cancel("changed my mind")
    now = visit.asks_for_the_admin()
    assert [refund["status"] for refund in now["refunds"]] == ["pending"]
    visit.shop.admin.post(f"/payment/refunds/{now['refunds'][0]['id']}/retry")
    visit.refunds_are("processed")


@concurrent_scenario
def test_a_refund_in_the_dashboard_is_entered_keeps_the_status_and_asks_for_the_admin(visit: Visit) -> None:
    payment = visit.paid()
    refund = {"amount": 20000, "speed": "normal"}
    visit.provider.call("POST", f"/v1/payments/{payment}/refund", json=refund)
    now = visit.asks_for_the_admin()
    assert (now["status"], now["totals"]["refunded"]) == ("in-progress", "200.00")
    assert [(row["amount"], row["status"]) for row in now["refunds"]] == [("200.00", "processed")]
    assert moved(visit) == Decimal(now["totals"]["paid"]) - 200
    visit.shop.admin.post(f"/bookings/admin/attention/{visit.id}", {"note": "for the delay"})
    assert visit.action_required() != "attention"
    visit.cancel("no longer needed")
    now = visit.wait_for("both refunds", lambda now: [r["status"] for r in now["refunds"]] == ["processed"] * 2)
    kept = Decimal(now["cancellation"]["fee"]) + Decimal(now["cancellation"]["gst_on_fee"])
    given = sum(row["amount"] for row in visit.provider.refunds_of(payment))
    assert Decimal(given) / 100 == Decimal(now["totals"]["paid"]) - kept


@concurrent_scenario
def test_a_dispute_freezes_the_refund_shows_to_the_admin_and_lets_go_when_it_is_won(visit: Visit) -> None:
    payment = visit.paid()
    dispute = visit.provider.call("POST", "/sandbox/disputes", json={"payment_id": payment})["id"]
    now = visit.asks_for_the_admin()
    assert [(row["dispute_id"], row["status"]) for row in now["disputes"]] == [(dispute, "open")]
    assert now["status"] == "in-progress"
    assert "disputes" not in visit.customer.booking(visit.id)
    visit.cancel("changed my mind")
    visit.bring_back()
    assert visit.provider.refunds_of(payment) == []
    visit.provider.call("POST", f"/sandbox/disputes/{dispute}/transition", json={"status": "won"})
    visit.refunds_are("processed")
    assert visit.end()["status"] == "cancelled"


@pytest.mark.long
@concurrent_scenario
def test_a_dispute_lost_after_the_end_is_in_the_ledger_and_asks_for_the_admin(visit: Visit) -> None:
    payment = visit.paid()
    visit.work()
    visit.bring_back()
    visit.end()
    dispute = visit.provider.call("POST", "/sandbox/disputes", json={"payment_id": payment})["id"]
    visit.asks_for_the_admin()
    visit.provider.call("POST", f"/sandbox/disputes/{dispute}/transition", json={"status": "lost"})
    now = visit.wait_for("the dispute's end", lambda now: [d["status"] for d in now["disputes"]] == ["lost"])
    assert (now["status"], now["waiting_for"]) == ("delivered", None)
    assert moved(visit) == 0
    visit.shop.admin.post(f"/bookings/admin/attention/{visit.id}")
    assert visit.action_required() == "none"
