"""Making, reading and changing bookings over HTTP."""

from datetime import datetime, timedelta

import pytest

from adapters.postgres.booking_queries import BookingQueries
from adapters.postgres.database import Database, counting
from devstack.kinds.vehicle_service.shop import SHOP_TIMEZONE
from devstack.stack import Stack
from domain.people import Actor
from kinds.vehicle_service.domain.kind import VEHICLE_SERVICE
from kinds.vehicle_service.domain.roles import Role
from kinds.vehicle_service.postgres.storage import STORAGE
from settings import Stores
from tests.api.visits import Visits

SAMPLE = {
    "customer_id": "CST000210",
    "vehicle_id": 88,
    "pickup_type": "doorstep",
    "timeslot_id": 12,
    "services": [{"service_id": 45, "quantity": 1}, {"service_id": 52, "quantity": 1}],
    "notes": "Need quick turnaround",
}


def test_the_printed_sample_makes_a_booking_priced_from_the_chart(visits: Visits):
    customer = next(one for one in visits.shop.customers if one.id == "CST000210")
    for row in customer.get("/bookings/customer"):
        if row["vehicle"]["id"] == 88 and row["waiting_for"]:
            customer.cancel(row["id"], "making room")
    answer = customer.send("POST", "/bookings/", json=SAMPLE)
    made = answer.json()
    assert answer.status_code == 201
    assert (made["status"], made["vehicle"]["registration_number"]) == ("booked", "TN01AB1234")
    # In the two hours before the slot an admin is alerted at once that no mechanic is assigned: a version of its own.
    assert [entry["action"] for entry in made["timeline"]] in (["book"], ["book", "alert"])
    assert made["version"] == len(made["timeline"])
    assert made["pickup"]["timeslot"]["name"] == "Night"
    assert [line["estimate"] for line in made["services"]] == ["1500.00", "800.00"]
    assert made["waiting_for"]["who"] == "admin"
    assert customer.booking(made["id"])["totals"]["subtotal"] == "2300.00"
    customer.cancel(made["id"], "only a try")


def test_a_price_from_the_client_is_ignored(visits: Visits):
    owner, vehicle = visits.car()
    wish = visits.wish(vehicle)
    wish["services"][0] |= {"estimate": "1.00", "price": "1.00"}
    made = owner.post("/bookings/", wish)
    assert made["services"][0]["estimate"] == "1500.00"
    assert made["services"][0]["price"] is None


def test_what_is_not_yours_is_not_there(visits: Visits):
    owner, booking = visits.booked()
    number = booking["id"]
    stranger, mechanic = visits.stranger(owner), visits.shop.mechanics[0]
    paths = [f"/bookings/{number}{rest}" for rest in ("", "/timeline", "/events", "/cancellation", "/invoice")]
    answers = [stranger.send("GET", path) for path in paths]
    answers.append(stranger.send("PUT", f"/bookings/{number}/cancel", json={}))
    answers.append(stranger.send("PUT", f"/bookings/{number}/reschedule", json={"pickup_date": "2030-01-01"}))
    answers.append(stranger.send("POST", f"/payment/cash-on-delivery/{number}"))
    answers.append(mechanic.send("GET", f"/bookings/{number}"))
    missing = stranger.send("GET", "/bookings/999999")
    assert {answer.status_code for answer in answers} == {404}
    assert {answer.json()["detail"] for answer in answers} == {f"there is no booking {number}"}
    assert missing.json() == {**answers[0].json(), "detail": "there is no booking 999999"}


def test_lists_for_another_role_are_refused_and_a_mechanic_has_no_bookings_as_a_customer(visits: Visits):
    customer, mechanic = visits.shop.customers[0], visits.shop.mechanics[0]
    for person in (customer, mechanic):
        for path in ("/bookings/", "/bookings/admin/dashboard"):
            answer = person.send("GET", path)
            assert (answer.status_code, answer.json()["code"]) == (403, "RoleRequired")
    assert customer.send("GET", "/bookings/mechanic/assignments").json()["code"] == "RoleRequired"
    assert mechanic.get("/bookings/customer") == []
    assert visits.http.get("/bookings/customer").status_code == 401


def test_the_own_list_is_newest_first_and_tells_how_long_it_is(visits: Visits):
    owner, vehicle = visits.car()
    numbers = []
    for _ in range(2):
        made = owner.post("/bookings/", visits.wish(vehicle))
        owner.cancel(made["id"], "only a try")
        numbers.append(made["id"])
    answer = owner.send("GET", "/bookings/customer", params={"limit": 1, "status": "cancelled"})
    assert [row["id"] for row in answer.json()] == [numbers[1]]
    assert int(answer.headers["X-Total-Count"]) >= 2
    assert 'rel="next"' in answer.headers["Link"]
    assert {"id", "status", "version", "vehicle", "pickup", "drop", "totals", "waiting_for"} <= set(answer.json()[0])


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({"services": []}, 422, "services"),
        ({"services": [{"service_id": 1}, {"service_id": 1}]}, 422, "each service once"),
        ({"services": [{"service_id": 1, "quantity": 100}]}, 422, "quantity"),
        ({"services": [{"service_id": 987654}]}, 404, "service 987654"),
        ({"vehicle_id": 987654}, 404, "vehicle 987654"),
        ({"vehicle_id": True}, 422, "vehicle_id"),
        ({"vehicle_id": 2**31}, 422, "vehicle_id"),
        ({"pickup_date": "2020-02-02"}, 400, "in the past"),
        ({"pickup_date": "9999-12-31"}, 400, "too far ahead"),
        ({"drop_date": "2020-02-02"}, 400, "in the past"),
        ({"pickup_timeslot_id": 987654}, 404, "timeslot 987654"),
        ({"pickup_address_id": 987654}, 404, "address 987654"),
        ({"pickup_address": {"line1": "Somewhere 1", "area_id": 987654}}, 404, "area 987654"),
        ({"notes": "x" * 2001}, 422, "notes"),
        ({"pickup_type": "drone"}, 422, "pickup_type"),
        ({"customer_id": "CST000999"}, 403, "themselves"),
    ],
)
def test_a_wish_that_cannot_be_is_refused_by_name_and_nothing_is_made(visits: Visits, change, status, words):
    owner, vehicle = visits.shop.customers[3], visits.shop.customers[3].cars()[0]["id"]
    before = owner.send("GET", "/bookings/customer").headers["X-Total-Count"]
    answer = owner.send("POST", "/bookings/", json={**visits.wish(vehicle), **change})
    assert (answer.status_code, answer.json()["status"]) == (status, status)
    assert words in answer.json()["detail"]
    assert owner.send("GET", "/bookings/customer").headers["X-Total-Count"] == before


def test_a_date_beyond_the_horizon_is_told_the_last_one_that_can_be_booked(visits: Visits):
    owner, vehicle = visits.car()
    last = datetime.now(SHOP_TIMEZONE).date() + timedelta(days=365)
    for field in ("pickup_date", "drop_date"):
        wish = {**visits.wish(vehicle), field: str(last + timedelta(days=1))}
        answer = owner.send("POST", "/bookings/", json=wish)
        assert (answer.status_code, answer.json()["last_date"]) == (400, str(last))
        assert answer.json()["detail"].endswith(f"is too far ahead; the last date that can be booked is {last}")


def test_too_little_time_between_the_dates_is_refused(visits: Visits):
    owner, vehicle = visits.car()
    wish = visits.wish(vehicle)
    answer = owner.send("POST", "/bookings/", json={**wish, "drop_date": wish["pickup_date"]})
    assert (answer.status_code, answer.json()["code"]) == (400, "Invalid")
    assert "working day" in answer.json()["detail"]


def test_a_vehicle_has_one_open_booking(visits: Visits):
    owner, booking = visits.booked()
    answer = owner.send("POST", "/bookings/", json=visits.wish(booking["vehicle"]["id"]))
    assert (answer.status_code, answer.json()["code"]) == (409, "VehicleBusy")


def test_an_admin_books_for_a_customer_and_must_say_for_whom(visits: Visits):
    owner, vehicle = visits.car()
    admin = visits.shop.admin
    assert admin.send("POST", "/bookings/", json=visits.wish(vehicle)).status_code == 400
    made = admin.post("/bookings/", visits.wish(vehicle, customer_id=owner.id))
    assert made["customer"]["id"] == owner.id
    assert made["timeline"][0]["by"]["role"] == "admin"
    assert visits.shop.mechanics[0].send("POST", "/bookings/", json={}).json()["code"] == "ScopeRequired"


def test_an_address_given_in_place_joins_the_customers_addresses(visits: Visits):
    here = {"label": "Office", "line1": "Tower 4, Hinjewadi", "line2": "", "area_id": 1}
    owner, booking = visits.booked(pickup_address=here)
    place = booking["pickup"]["address"]
    assert place["line1"] == booking["drop"]["address"]["line1"] == "Tower 4, Hinjewadi"
    assert place["id"] in {row["id"] for row in owner.get("/address/", limit=100)}


def test_a_pickup_that_moves_takes_a_drop_that_would_be_too_early_along(visits: Visits):
    owner, booking = visits.booked()
    later = visits.shop.times(after=booking["drop"]["date"])
    wish = {"pickup_date": later["pickup_date"], "pickup_timeslot_id": later["pickup_timeslot_id"]}
    moved = owner.reschedule(booking["id"], **wish)
    assert moved["pickup"]["date"] == later["pickup_date"]
    assert moved["drop"]["date"] > moved["pickup"]["date"]
    assert owner.send("PUT", f"/bookings/{booking['id']}/reschedule", json={}).status_code == 400


def test_the_preview_and_the_cancellation_agree(visits: Visits):
    owner, booking = visits.estimated()
    preview = owner.price_of_cancelling(booking["id"])
    assert preview == {
        "fee": "100.00",
        "gst_on_fee": "18.00",
        "refund": "0.00",
        "returns_car": True,
        "allowed": True,
        "reason": None,
    }
    done = owner.cancel(booking["id"], "too dear")["cancellation"]
    assert {key: done[key] for key in ("fee", "gst_on_fee", "refund")} == {
        key: preview[key] for key in ("fee", "gst_on_fee", "refund")
    }
    assert done["reason"] == "too dear"


def test_a_mechanic_sees_no_money_and_a_replaced_one_sees_nothing(visits: Visits):
    _, booking = visits.booked()
    first, second = (one for one in visits.shop.mechanics if one.id in ("MEC000031", "MEC000033"))
    pickup = visits.shop.assignment_type("pickup")
    visits.shop.admin.assign(booking["id"], first.id, pickup)
    seen = first.booking(booking["id"])
    assert seen["totals"] is None
    assert seen["customer"]["phone"]
    visits.shop.admin.assign(booking["id"], second.id, pickup)
    assert second.booking(booking["id"])["status"] == "pickup"
    assert first.send("GET", f"/bookings/{booking['id']}").status_code == 404
    rows = [row for row in first.get("/bookings/mechanic/assignments", limit=100) if row["id"] == booking["id"]]
    assert [row["assignment"]["active"] for row in rows] == [False]


def test_the_dashboard_counts_every_state_and_shows_what_is_asked_for(visits: Visits):
    _, booking = visits.booked()
    board = visits.shop.admin.get("/bookings/admin/dashboard", status_id=1, action_required="assign", limit=100)
    assert set(board["counts"]) >= {"booked", "in-progress", "delivered", "cancelled"}
    row = next(row for row in board["bookings"] if row["id"] == booking["id"])
    assert (row["action_required"], row["status"]) == ("assign", "booked")
    assert row["deadline"]
    assert row["age_seconds"] >= 0
    refused = visits.shop.admin.send("GET", "/bookings/admin/dashboard", params={"status_id": 77})
    assert refused.status_code == 422


async def test_a_detail_is_one_statement(visits: Visits, stack: Stack):
    owner, booking = visits.booked()
    database = Database(Stores(postgresql_url=stack.info["postgres"]), STORAGE.schema)
    reads = BookingQueries(database, VEHICLE_SERVICE)
    with counting(database) as statements:
        seen = await reads.detail(booking["id"], Actor(Role.CUSTOMER, owner.id))
    await database.close()
    assert len(statements) == 1
    assert [entry["version"] for entry in seen.timeline] == [1]


def test_a_registered_business_of_another_state_is_charged_the_one_tax(visits: Visits):
    _, ours = visits.booked()
    _, theirs = visits.booked(gstin=" 29aagcb7383j1z4", billed_as="Acme Traders LLP")
    tax = ("cgst", "sgst", "igst")
    assert [ours["totals"][name] for name in tax] == ["135.00", "135.00", "0.00"]
    assert [theirs["totals"][name] for name in tax] == ["0.00", "0.00", "270.00"]
    owner, vehicle = visits.car()
    refused = owner.send("POST", "/bookings/", json=visits.wish(vehicle, gstin="29AAGCB7383J1Z5"))
    assert refused.status_code == 422
    assert "gstin" in refused.text
