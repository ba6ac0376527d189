"""Every scenario of the demo, over HTTP: it ends as expected, with the right mails, money and documents."""

from collections.abc import Callable
from decimal import Decimal
from functools import cache

import pytest

from devstack.demo.calls import Refused, until
from devstack.demo.externals import kind_of
from devstack.kinds.vehicle_service.journey import Journey
from devstack.kinds.vehicle_service.scenarios import ALIGNMENT, BY_NAME, FILTER, FLUID, PADS, SCENARIOS, WASH, WIPERS
from devstack.kinds.vehicle_service.verification import verify

HOME = ["completed", "out-for-delivery", "delivered"]
WORKSHOP = ["received", "analysis", "analysed", "in-progress"]
PATHS = {
    "online": ["booked", "pickup", *WORKSHOP, *HOME],
    "cash": ["booked", "pickup", *WORKSHOP, *HOME],
    "walk-in": ["booked", *WORKSHOP, "completed", "delivered"],
    "choice": ["booked", "pickup", *WORKSHOP, *HOME],
    "cancelled": ["booked", "pickup", *WORKSHOP, "cancelled"],
    "moved": ["booked", "pickup", "booked", "cancelled"],
}


@pytest.fixture(scope="module")
def ended(shop) -> Callable[[str], Journey]:
    """A scenario, driven to its end once for all the tests that look at it."""

    @cache
    def driven(name: str) -> Journey:
        journey = Journey(name, shop, timeout=45)
        BY_NAME[name].drive(journey)
        journey.end()
        return journey

    return driven


CRASHED = ("cash", "cancelled")
"""In `make test` they are driven to the same end over a crash (test_crashes.py); without one in `make test-long`."""
EACH = [pytest.param(each, id=each.name, marks=pytest.mark.long if each.name in CRASHED else ()) for each in SCENARIOS]


@pytest.mark.parametrize("scenario", EACH)
def test_a_scenario_ends_as_expected_and_nothing_happened_twice(scenario, shop, ended, path):
    journey = ended(scenario.name)
    booking = journey.booking
    assert path(booking) == PATHS[scenario.name]
    assert len(list(verify(shop, scenario, journey.customer, booking))) >= 4
    assert booking["allowed_actions"] == []


def test_a_delivered_booking_lets_the_vehicle_be_booked_again_but_an_open_one_does_not(shop, journey):
    journey.book(WASH)
    vehicle = journey.booking["vehicle"]["id"]
    again = [shop.service(WIPERS)]
    with pytest.raises(Refused) as refusal:
        journey.customer.book(vehicle, again, **shop.times())
    assert (refusal.value.status, refusal.value.code) == (409, "VehicleBusy")
    journey.cancel("a mistake")
    journey.end()
    second = journey.customer.book(vehicle, again, **shop.times())
    journey.customer.cancel(second["id"], "a mistake")


def test_declined_lines_cost_nothing_and_recommended_ones_are_done(ended):
    booking = ended("choice").booking
    lines = {line["title"]: line for line in booking["services"]}
    assert lines[FILTER]["state"] == "declined"
    assert lines[FILTER]["price"] is None
    assert (lines[ALIGNMENT]["origin"], lines[ALIGNMENT]["state"], lines[ALIGNMENT]["price"]) == (
        "recommended",
        "done",
        "800.00",
    )
    assert lines[PADS]["price"] == lines[PADS]["quote"] != lines[PADS]["estimate"]
    subtotal = Decimal(lines[PADS]["price"]) + 800
    assert Decimal(booking["totals"]["subtotal"]) == subtotal
    assert booking["totals"]["total"] == booking["totals"]["paid"] == f"{subtotal * 118 / 100:.2f}"


def test_a_cancellation_in_the_middle_costs_what_was_done_and_gives_back_the_rest(shop, journey):
    journey.book(PADS, FLUID)
    journey.fetch_the_car()
    journey.analyse()
    journey.pay_online()
    journey.work(FLUID)
    paid = Decimal(journey.now()["totals"]["paid"])
    done = next(line for line in journey.booking["services"] if line["title"] == FLUID)
    price = journey.cancel("sold")
    assert price["allowed"]
    assert price["returns_car"]
    assert price["fee"] == done["price"]
    kept = Decimal(price["fee"]) + Decimal(price["gst_on_fee"])
    assert Decimal(price["refund"]) == paid - kept
    cancelled = journey.now()
    assert cancelled["waiting_for"] is not None, "the car is still with us"
    assert cancelled["cancellation"]["closed_at"] is None
    assert not any(assignment["active"] for assignment in cancelled["assignments"])
    journey.bring_back()
    booking = journey.end()
    assert {name: booking["cancellation"][name] for name in ("fee", "gst_on_fee", "refund")} == {
        name: price[name] for name in ("fee", "gst_on_fee", "refund")
    }
    assert booking["cancellation"]["closed_at"] is not None
    assert [(refund["amount"], refund["status"]) for refund in booking["refunds"]] == [(price["refund"], "processed")]
    assert [note["amount"] for note in booking["credit_notes"]] == [price["refund"]]
    assert Decimal(booking["totals"]["total"]) == kept
    credit_note = journey.customer.file(booking["credit_notes"][0]["url"])
    assert credit_note.startswith(b"%PDF")


def test_work_that_is_sent_back_returns_to_the_mechanic_and_only_the_good_work_is_mailed(shop, journey):
    journey.book(WASH)
    journey.fetch_the_car()
    mechanic = shop.assign(journey.now(), "analysis")
    quote = {shop.service(WASH): "500.00"}
    mechanic.analyse(journey.id, quote, {}, "A dirty car.")
    shop.admin.send_back_analysis(journey.id, "say where it is dirty")
    assert journey.now()["status"] == "analysis"
    mechanic.analyse(journey.id, quote, {}, "A car that is dirty inside.")
    shop.admin.validate_analysis(journey.id)
    journey.quoted = quote
    journey.agree_on_cash()
    journey.work()
    journey.bring_back()
    booking = journey.end()

    def mails() -> list[str]:
        return [kind_of(mail) for mail in shop.mailbox.of(booking, journey.customer.email)]

    until("the last mail", lambda: "invoice" in mails(), 60.0)
    assert mails().count("estimate-ready") == 1
    assert [entry["action"] for entry in booking["timeline"]].count("send-back-analysis") == 1
    seen_by_the_customer = journey.customer.booking(journey.id)
    assert "say where it is dirty" not in str(seen_by_the_customer)


@pytest.mark.long  # tests/workflows look at it without servers
def test_an_open_order_can_be_changed_for_cash_and_its_late_money_goes_back_whole(shop, journey):
    journey.book(WASH)
    journey.fetch_the_car()
    journey.analyse()
    order = journey.choose("online")["checkout"]
    journey.customer.choose_cash(journey.id)
    assert journey.now()["status"] == "in-progress"
    assert journey.booking["checkout"] is None
    shop.provider.pay(order["order_id"], capture=True)
    journey.wait_for(
        "the refund of the superseded order",
        lambda now: [refund["status"] for refund in now["refunds"]] == ["processed"],
    )
    journey.work()
    journey.bring_back()
    booking = journey.end()
    assert [refund["amount"] for refund in shop.provider.refunds(booking)] == [order["amount"]]
    assert booking["totals"]["due"] == "0.00"
    cash = [payment for payment in booking["payments"] if payment["method"] == "offline"]
    assert [(payment["status"], payment["amount"]) for payment in cash] == [("success", booking["totals"]["total"])]


@pytest.mark.long  # tests/workflows look at it without servers
def test_money_for_a_superseded_order_is_never_taken_while_it_is_only_authorised(shop, journey):
    journey.book(WASH)
    journey.fetch_the_car()
    journey.analyse()
    order = journey.choose("online")["checkout"]
    journey.customer.choose_cash(journey.id)
    shop.provider.pay(order["order_id"])
    journey.work()
    journey.bring_back()
    booking = journey.end()
    assert shop.provider.captured(booking) == []
    assert booking["refunds"] == []


def test_cash_is_taken_to_the_paisa_and_the_car_is_not_handed_over_before(shop, journey):
    journey.book(WASH)
    journey.fetch_the_car()
    journey.analyse()
    journey.agree_on_cash()
    journey.work()
    mechanic = shop.assign(journey.now(), "drop")
    with pytest.raises(Refused) as early:
        mechanic.report(journey.id, "Brought home.")
    assert early.value.status == 409
    due = Decimal(journey.now()["totals"]["due"])
    with pytest.raises(Refused) as short:
        mechanic.verify_cash(journey.id, f"{due - 1:.2f}")
    assert (short.value.status, short.value.code) == (400, "AmountMismatch")
    assert mechanic.booking(journey.id)["cash_to_collect"] == f"{due:.2f}"
    mechanic.verify_cash(journey.id, f"{due:.2f}")
    mechanic.report(journey.id, "Brought home.")
    assert journey.end()["status"] == "delivered"
