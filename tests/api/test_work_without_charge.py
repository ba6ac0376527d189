"""Work at 0.00 over the interface: quoted, approved online, done, on the estimate and on the invoice (defect D4)."""

from devstack.kinds.vehicle_service.journey import Journey
from tests.api.visits import BRAKES, WASH, Visits


def test_a_service_without_charge_stands_on_estimate_and_invoice_beside_the_others(visits: Visits):
    owner, booking = visits.booked(pickup_type="walk_in", services=wanted(visits, BRAKES, WASH))
    number, [brakes, wash] = booking["id"], [visits.shop.service(title) for title in (BRAKES, WASH)]
    visits.shop.admin.report(number, "received in the workshop")
    visits.shop.assign(booking, "analysis").analyse(number, {brakes: "500.00", wash: "0.00"}, {}, "worn")
    visits.shop.admin.validate_analysis(number)
    estimate = owner.booking(number)
    assert {line["service_id"]: line["quote"] for line in estimate["services"]} == {brakes: "500.00", wash: "0.00"}
    assert estimate["totals"]["total"] == "590.00"
    order = owner.confirm(number, [brakes, wash], visits.shop.payment_method("online"))["order_id"]
    visits.shop.provider.pay(order)
    journey = journey_of(visits, owner, booking)
    journey.wait_for("the invoice", lambda now: now["invoice"])
    invoice = owner.get(f"/bookings/{number}/invoice")
    assert {line["description"]: line["total"] for line in invoice["lines"]} == {BRAKES: "590.00", WASH: "0.00"}
    assert invoice["total"] == "590.00"


def test_a_visit_that_costs_nothing_needs_neither_order_nor_cash_and_is_delivered(visits: Visits):
    owner, booking = visits.estimated(quote="0.00")
    [line] = booking["services"]
    answer = owner.confirm(booking["id"], [line["service_id"]], visits.shop.payment_method("online"))
    assert (answer["status"], answer.get("order_id"), answer.get("checkout")) == ("in-progress", None, None)
    journey = journey_of(visits, owner, booking)
    journey.work()
    journey.hand_over()
    delivered = journey.wait_for("the end", lambda now: now["closed_at"])
    assert (delivered["status"], delivered["totals"]["total"]) == ("delivered", "0.00")
    assert (delivered["payments"], delivered["invoice"]) == ([], None)


def wanted(visits: Visits, *titles: str) -> list[dict[str, int]]:
    return [{"service_id": visits.shop.service(title)} for title in titles]


def journey_of(visits: Visits, owner, booking: dict) -> Journey:
    journey = Journey("without charge", visits.shop)
    journey.customer, journey.booking = owner, booking
    return journey
