"""Payments on their way in: whatever the provider, the network or the customer does, each is counted once.

The scenarios run side by side, on the real stack with the sandbox. Those that tests/workflows and
tests/adapters/razorpay look at without servers are in `make test-long`.
"""

from decimal import Decimal

import pytest

from devstack.demo.calls import Refused, until
from tests.journeys.payment_scenarios import Visit, concurrent_scenario


@pytest.mark.long
@concurrent_scenario
def test_a_tab_closed_after_paying_changes_nothing(visit: Visit) -> None:
    visit.counts_once(visit.paid())


@concurrent_scenario
def test_the_same_event_again_and_again_beside_the_callback_counts_once(visit: Visit) -> None:
    order = visit.ordered()
    said = visit.provider.pays(order)
    payment = said["payment"]["id"]
    visit.customer.bring_callback(said)
    visit.is_confirmed()
    for name in ("payment.authorized", "payment.captured", "order.paid"):
        for event in until(name, lambda name=name: visit.provider.events_of(payment, name)):
            visit.provider.replays(event, 3)
            visit.provider.replays(event, 2, new_id=True)
    visit.customer.bring_callback(said)
    visit.counts_once(payment)


@pytest.mark.long
@concurrent_scenario
def test_order_paid_before_captured_and_a_refund_before_captured_end_the_same(visit: Visit) -> None:
    payment = visit.paid()
    visit.counts_once(payment)
    visit.cancel("changed my mind")
    visit.refunds_are("processed")
    for event in visit.provider.events_of(payment, "payment.captured"):
        visit.provider.replays(event, new_id=True)
    visit.bring_back()
    now = visit.end()
    assert [refund["status"] for refund in now["refunds"]] == ["processed"]
    assert len(visit.provider.refunds_of(payment)) == 1


@pytest.mark.long
@concurrent_scenario
def test_a_failed_payment_that_is_captured_after_all_confirms_and_was_only_an_attempt(visit: Visit) -> None:
    order = visit.ordered()
    payment = visit.provider.pays(order, outcome="failed")["payment"]["id"]
    visit.gets("payment-failed")
    assert visit.now()["payment"]["status"] == "pending"
    visit.provider.authorises(payment)
    visit.is_confirmed()
    visit.counts_once(payment)


@concurrent_scenario
def test_money_of_another_amount_is_never_counted_goes_back_and_is_looked_at(visit: Visit) -> None:
    order = visit.ordered()
    payment = visit.provider.pays(order, amount=10000, capture=True)["payment"]["id"]
    [refund] = visit.refunds_are("processed")
    assert (refund["amount"], refund["payment_id"]) == ("100.00", payment)
    now = visit.asks_for_the_admin()
    assert (now["status"], now["totals"]["paid"]) == ("analysed", "100.00")
    assert now["totals"]["due"] == now["totals"]["total"]
    assert any(payment in reason for reason in now["attention"])


@pytest.mark.long
@concurrent_scenario
def test_money_of_another_currency_is_never_captured_and_is_looked_at(visit: Visit) -> None:
    order = visit.ordered()
    visit.provider.pays(order, currency="USD")
    now = visit.asks_for_the_admin()
    assert now["status"] == "analysed"
    assert not any(row["captured"] for row in visit.provider.payments_of(order))


@concurrent_scenario
def test_the_callback_of_a_cheap_order_does_not_pay_a_dear_booking(visit: Visit) -> None:
    dear = visit.ordered()
    cheap = visit.provider.call("POST", "/v1/orders", json={"amount": 100, "currency": "INR"})["id"]
    said = visit.provider.pays(cheap, capture=True)
    with pytest.raises(Refused) as refusal:
        visit.customer.bring_callback({**said, "razorpay_order_id": dear})
    assert (refusal.value.status, refusal.value.code) == (400, "BadSignature")
    with pytest.raises(Refused) as unknown:
        visit.customer.bring_callback(said)
    assert unknown.value.status == 404
    assert visit.now()["payment"]["status"] == "pending"


@pytest.mark.long
@concurrent_scenario
def test_a_capture_that_timed_out_or_was_done_already_is_a_success(visit: Visit) -> None:
    payment = visit.provider.pending(visit.ordered())
    path = f"POST /v1/payments/{payment}/capture"
    visit.provider.misbehaves({"match": path, "times": 1, "drop_after_commit": True})
    visit.provider.authorises(payment)
    visit.is_confirmed()
    visit.counts_once(payment)


@pytest.mark.long
@concurrent_scenario
def test_a_capture_that_is_answered_with_already_captured_is_a_success(visit: Visit) -> None:
    payment = visit.provider.pending(visit.ordered())
    path = f"POST /v1/payments/{payment}/capture"
    visit.provider.misbehaves({"match": path, "times": 1, "capture_conflict": True})
    visit.provider.authorises(payment)
    visit.is_confirmed()
    visit.counts_once(payment)


@concurrent_scenario
def test_errors_pages_and_throttling_of_the_provider_only_delay(visit: Visit) -> None:
    order = visit.ordered()
    facts = f"GET /v1/orders/{order}"
    visit.provider.misbehaves(
        {"match": facts, "times": 1, "http": {"status": 500}},
        {"match": facts, "times": 1, "http": {"status": 502, "html": True}},
        {"match": f"{facts}/payments", "times": 1, "http": {"status": 429}},
    )
    payment = visit.provider.pays(order)["payment"]["id"]
    visit.is_confirmed()
    visit.counts_once(payment)


@concurrent_scenario
def test_two_tabs_that_pay_one_order_pay_once(visit: Visit) -> None:
    order = visit.ordered()
    first = visit.provider.pays(order, capture=True)["payment"]["id"]
    visit.is_confirmed()
    second = visit.provider.pays(order, force=True, capture=True)["payment"]["id"]
    [refund] = visit.refunds_are("processed")
    assert (refund["payment_id"], refund["amount"]) == (second, visit.booking["totals"]["total"])
    assert visit.provider.refunds_of(first) == []
    assert [len(visit.provider.refunds_of(second)), visit.booking["status"]] == [1, "in-progress"]
    visit.gets("payment-received")


@pytest.mark.long
@concurrent_scenario
def test_a_hold_that_is_lost_while_authorised_is_not_captured_and_the_customer_is_told(visit: Visit) -> None:
    order = visit.ordered()
    visit.customer.choose_cash(visit.id)
    payment = visit.provider.pays(order)["payment"]["id"]
    visit.gets("payment-failed")
    visit.provider.call("POST", f"/sandbox/payments/{payment}/auto-refund")
    now = visit.now()
    assert not any(row["captured"] for row in visit.provider.payments_of(order))
    assert (now["refunds"], now["totals"]["paid"]) == ([], "0.00")


@pytest.mark.long
@concurrent_scenario
def test_cash_that_is_refused_on_site_is_paid_with_a_fresh_order(visit: Visit) -> None:
    visit.ordered()
    visit.customer.choose_cash(visit.id)
    visit.work()
    mechanic = visit.shop.assign(visit.now(), "drop")
    mechanic.post("/payment/verify-cod", _no_cash(visit.id))
    now = visit.asks_for_the_admin()
    assert now["waiting_for"]["who"] == "admin"
    mechanic.open_collection(visit.id)
    order = visit.customer.booking(visit.id)["checkout"]
    assert order["amount"] == int(Decimal(now["totals"]["due"]) * 100)
    visit.provider.pays(order["order_id"])
    visit.wait_for("the money at the door", lambda now: now["totals"]["due"] == "0.00")
    mechanic.report(visit.id, "Brought home.")
    now = visit.end()
    assert (now["status"], now["payment"]["method"]) == ("delivered", "online")
    assert visit.action_required() == "none"


def _no_cash(booking_id: int) -> dict:
    return {"booking_id": booking_id, "amount": "0.00", "refused": True, "reason": "has no cash"}
