import json
import re

import pytest

from domain.billing.records import Method
from domain.billing.views import when
from domain.views import summary, timeline_entry
from kinds.vehicle_service.domain.allowed_actions import allowed_actions
from kinds.vehicle_service.domain.kind import VEHICLE_SERVICE
from kinds.vehicle_service.domain.roles import Role
from kinds.vehicle_service.domain.views.detail import cash_to_collect
from tests.kinds.vehicle_service.bookings import (
    WALK_IN,
    analysed,
    booked,
    completed,
    estimate_ready,
    in_progress,
    out_for_delivery,
    received,
)
from tests.kinds.vehicle_service.people import ADMIN, ASHA, BRAKES, FILTER, LATA, MEENA, OIL, RAVI, actor
from tests.kinds.vehicle_service.seen import seen
from tests.kinds.vehicle_service.situations import SITUATIONS
from tests.of_every import of_every

CASH = Method.OFFLINE
VIEWERS = {Role.CUSTOMER: ASHA, Role.MECHANIC: actor(RAVI), Role.ADMIN: ADMIN}

# The promised shape, key by key.
DETAIL = {
    "id", "kind", "status", "version", "customer", "vehicle", "car", "pickup", "drop", "notes", "services", "analysis",
    "progress", "assignments", "totals", "payment", "checkout", "payments", "refunds", "invoice", "credit_notes",
    "cancellation", "waiting_for", "allowed_actions", "timeline", "created_at", "updated_at", "completed_at",
    "closed_at",
}  # fmt: skip
SUMMARY = {
    "id", "kind", "status", "version", "customer", "vehicle", "pickup", "drop", "totals", "waiting_for", "created_at",
    "updated_at",
}  # fmt: skip
VEHICLE = {"id", "registration_number", "manufacturer", "model", "fuel_type", "car_class"}
LEG = {"date", "timeslot", "address"}
TIMESLOT = {"id", "name", "start_time", "end_time"}
ADDRESS = {"id", "label", "line1", "line2", "area", "pincode"}
SERVICE = {"service_id", "title", "quantity", "origin", "estimate", "quote", "price", "state"}
ANALYSIS = {"id", "description", "recommendation", "images", "mechanic_id", "validated", "sent_back", "at"}
PROGRESS = {"id", "service_ids", "notes", "images", "status", "updated_by", "validated", "sent_back", "timestamp"}
ASSIGNMENT = {"id", "type", "mechanic", "active", "note", "at"}
TOTALS = {
    "subtotal", "gst_percent", "cgst", "sgst", "igst", "round_off", "total", "paid", "refunded", "due", "currency",
}  # fmt: skip
PAYMENT_SUMMARY = {"method", "status", "order_id", "expires_at"}
CHECKOUT = {"order_id", "amount", "currency", "key_id"}
PAYMENT = {
    "id", "booking_id", "leg", "method", "amount", "currency", "status", "order_id", "payment_id", "created_at",
    "captured_at",
}  # fmt: skip
REFUND = {
    "id", "booking_id", "payment_id", "amount", "status", "reason", "refund_id", "requested_at", "processed_at",
}  # fmt: skip
INVOICE = {"number", "issued_at", "total", "url"}
CREDIT_NOTE = {"number", "issued_at", "amount", "invoice_number", "url"}
FEE = {"fee", "gst_on_fee", "refund", "returns_car", "allowed", "reason"}
CANCELLATION = FEE | {"by", "at", "closed_at"}
WAITING = {"who", "what", "until", "then"}


def prices(shown):
    return {line["service_id"]: (line["estimate"], line["quote"], line["price"]) for line in shown["services"]}


# The shape


@of_every(SITUATIONS, VIEWERS)
def test_the_shape_is_as_promised_in_every_situation(situation, role):
    builder = SITUATIONS[situation]()
    shown = seen(builder, VIEWERS[role])
    extra = {Role.MECHANIC: {"cash_to_collect"}, Role.ADMIN: {"attention", "disputes"}}.get(role, set())
    assert set(shown) == DETAIL | extra
    assert set(shown["customer"]) - {"phone"} == {"id", "name"}
    assert set(shown["vehicle"]) == VEHICLE
    assert shown["car"] == shown["vehicle"]
    assert set(shown["pickup"]) == LEG | {"type"}
    assert set(shown["drop"]) == LEG
    for leg in (shown["pickup"], shown["drop"]):
        assert set(leg["timeslot"]) == TIMESLOT
        assert leg["address"] is None or set(leg["address"]) == ADDRESS
    for key, shape in {
        "services": SERVICE, "progress": PROGRESS, "assignments": ASSIGNMENT, "payments": PAYMENT, "refunds": REFUND,
        "credit_notes": CREDIT_NOTE,
    }.items():  # fmt: skip
        assert all(set(row) == shape for row in shown[key])
    for key, shape in {
        "analysis": ANALYSIS, "waiting_for": WAITING, "totals": TOTALS, "payment": PAYMENT_SUMMARY,
        "checkout": CHECKOUT, "invoice": INVOICE,
    }.items():  # fmt: skip
        assert shown[key] is None or set(shown[key]) == shape
    if shown["cancellation"] is not None and role != Role.MECHANIC:
        assert set(shown["cancellation"]) == CANCELLATION
    assert len(shown["timeline"]) == builder.booking.version


@of_every(SITUATIONS, VIEWERS)
def test_a_row_of_a_list_has_the_promised_keys(situation, role):
    row = json.loads(json.dumps(summary(VEHICLE_SERVICE, SITUATIONS[situation]().booking, role)))
    assert set(row) == SUMMARY | ({"cash_to_collect"} if role == Role.MECHANIC else set())
    assert row["totals"] is None if role == Role.MECHANIC else set(row["totals"]) == {"total", "due"}


def test_a_whole_sample():
    builder = analysed().estimate_validated().order_opened(BRAKES, order_id="order_1")
    shown = seen(builder, ASHA)
    assert (shown["id"], shown["kind"], shown["status"]) == (1021, "vehicle_service", "analysed")
    assert shown["customer"] == {"id": "CST000210", "name": "Asha Rao"}
    assert shown["pickup"]["timeslot"] == {"id": 1, "name": "Morning", "start_time": "08:00", "end_time": "12:00"}
    assert (shown["pickup"]["type"], shown["pickup"]["date"]) == ("doorstep", "2026-11-24")
    assert shown["services"][0] == {
        "service_id": BRAKES,
        "title": "Brake pads, front",
        "quantity": 1,
        "origin": "requested",
        "estimate": "1500.00",
        "quote": "1650.00",
        "price": None,
        "state": "quoted",
    }
    assert shown["totals"] == {
        "subtotal": "1650.00",
        "gst_percent": "18",
        "cgst": "148.50",
        "sgst": "148.50",
        "igst": "0.00",
        "round_off": "0.00",
        "total": "1947.00",
        "paid": "0.00",
        "refunded": "0.00",
        "due": "1947.00",
        "currency": "INR",
    }
    assert shown["checkout"] == {"order_id": "order_1", "amount": 194700, "currency": "INR", "key_id": "rzp_test_1"}
    assert shown["payment"] == {
        "method": "online",
        "status": "pending",
        "order_id": "order_1",
        "expires_at": when(builder.live_order.expires_at),
    }
    assert shown["waiting_for"]["until"] == shown["payment"]["expires_at"]
    assert shown["timeline"][0] == {
        "version": 1,
        "status": "booked",
        "action": "book",
        "by": {"role": "customer", "id": "CST000210", "name": "Asha Rao"},
        "at": "2026-11-23T05:30:00Z",
        "note": None,
    }


# What a customer sees


@pytest.mark.parametrize(
    "builder", [analysed, lambda: analysed().analysis_sent_back("SECRET"), lambda: analysed().cancelled()]
)
def test_a_customer_sees_no_quote_before_it_is_validated(builder):
    shown = seen(builder(), ASHA)
    assert shown["analysis"] is None
    assert prices(shown) == {BRAKES: ("1500.00", None, None), OIL: ("800.00", None, None)}
    assert {line["state"] for line in shown["services"]} == {"requested"}
    assert "1650" not in json.dumps(shown)
    assert "cabin" not in json.dumps(shown).lower()
    assert "SECRET" not in json.dumps(shown)


def test_a_row_of_the_customers_list_shows_no_unvalidated_quote():
    assert summary(VEHICLE_SERVICE, analysed().booking, Role.CUSTOMER)["totals"]["total"] == "2714.00"
    assert summary(VEHICLE_SERVICE, analysed().booking, Role.ADMIN)["totals"]["total"] == "3658.00"
    assert summary(VEHICLE_SERVICE, estimate_ready().booking, Role.CUSTOMER)["totals"]["total"] == "3658.00"


def test_a_validated_estimate_is_shown_whole():
    shown = seen(estimate_ready(), ASHA)
    assert prices(shown) == {
        BRAKES: ("1500.00", "1650.00", None),
        OIL: ("800.00", "850.00", None),
        FILTER: (None, "600.00", None),
    }
    assert shown["analysis"]["validated"]
    assert prices(seen(estimate_ready().cash_agreed(OIL), ASHA))[OIL] == ("800.00", "850.00", "850.00")


@pytest.mark.parametrize(
    "builder",
    [
        lambda: booked().pickup_assigned().collected("SECRET"),
        lambda: booked().pickup_assigned().collected("SECRET").report_sent_back("SECRET too"),
        lambda: in_progress().work_reported(OIL, notes="SECRET"),
        lambda: in_progress().work_reported(OIL, notes="SECRET").report_sent_back("SECRET too"),
    ],
)
def test_a_customer_sees_no_report_before_it_is_validated_and_no_reason_for_sending_back(builder):
    assert "SECRET" not in json.dumps(seen(builder(), ASHA))
    assert "SECRET" in json.dumps(seen(builder(), ADMIN))


def test_a_validated_report_is_shown_with_what_it_says():
    (report,) = seen(received(), ASHA)["progress"]
    assert (report["notes"], report["validated"], report["sent_back"]) == (
        "Collected, a scratch on the left door",
        True,
        None,
    )


def test_a_customer_knows_of_a_mechanic_the_name_and_the_photo():
    (assignment,) = seen(booked().pickup_assigned(), ASHA)["assignments"]
    assert assignment["mechanic"] == {"id": RAVI.id, "name": "Ravi", "photo": None}


def test_the_notes_of_alerts_are_for_admins():
    entry = {"action": "alert", "note": "the mechanic is late", "version": 2}
    assert timeline_entry(VEHICLE_SERVICE, entry, Role.CUSTOMER) == {"action": "alert", "note": None, "version": 2}
    assert timeline_entry(VEHICLE_SERVICE, entry, Role.ADMIN) == entry


# What a mechanic sees

AMOUNT = re.compile(r"\d+\.\d\d\b")


@of_every(SITUATIONS)
def test_a_mechanic_sees_no_money_but_the_cash_to_collect(situation):
    builder = SITUATIONS[situation]()
    at_work = builder.booking.active()
    viewer = actor(at_work.mechanic if at_work else LATA)
    shown = seen(builder, viewer)
    to_collect = shown.pop("cash_to_collect")
    row = summary(VEHICLE_SERVICE, builder.booking, Role.MECHANIC)
    assert row.pop("cash_to_collect") == to_collect
    assert set(AMOUNT.findall(json.dumps([shown, row]))) <= {to_collect}
    assert shown["totals"] is None
    assert (shown["payments"], shown["refunds"], shown["invoice"], shown["checkout"]) == ([], [], None, None)


def test_the_mechanic_on_site_knows_what_to_collect():
    assert cash_to_collect(completed(CASH).booking) is None
    assert cash_to_collect(out_for_delivery(CASH).booking) == "2950.00"
    assert cash_to_collect(out_for_delivery(CASH).cash_verified().booking) is None
    assert cash_to_collect(out_for_delivery().booking) is None
    assert cash_to_collect(estimate_ready().cancelled().drop_assigned().booking) == "118.00"


def test_the_phone_is_for_admins_and_for_the_mechanic_at_work():
    builder = booked().pickup_assigned(RAVI)
    assert seen(builder, ADMIN)["customer"]["phone"] == "+919841385379"
    assert seen(builder, actor(RAVI))["customer"]["phone"] == "+919841385379"
    assert "phone" not in seen(builder, actor(LATA))["customer"]
    assert "phone" not in seen(builder, ASHA)["customer"]


def test_only_the_mechanic_at_work_is_offered_something_to_do():
    builder = in_progress()
    assert seen(builder, actor(MEENA))["allowed_actions"] == ["submit-progress"]
    assert seen(builder, actor(RAVI))["allowed_actions"] == []


@of_every(SITUATIONS)
def test_customer_and_admin_are_offered_what_their_role_allows(situation):
    builder = SITUATIONS[situation]()
    for role in (Role.CUSTOMER, Role.ADMIN):
        assert seen(builder, VIEWERS[role])["allowed_actions"] == list(allowed_actions(builder.booking, role))


def test_a_walk_in_has_no_address():
    shown = seen(booked(WALK_IN), ASHA)
    assert (shown["pickup"]["type"], shown["pickup"]["address"]) == ("walk_in", None)
