"""Reference rows: an admin keeps them, everybody reads them, what is used stays."""

import uuid
from datetime import datetime, timedelta

import pytest

from devstack.kinds.vehicle_service.shop import SHOP_TIMEZONE
from tests.api.concurrent import Api, Json
from tests.api.visits import Visits

MORNING = 2
SIMPLE = ["/car/class", "/car/fuel", "/car/manufacturer", "/utils/status", "/utils/payment-method"]
BODIES: dict[str, Json] = {
    **{path: {} for path in SIMPLE},
    "/services/category": {"description": "What plays."},
    "/address/area": {"pincode": "411060"},
    "/utils/timeslot": {"start_time": "04:00", "end_time": "05:30", "capacity": 2},
}


def name() -> str:
    return f"Zz {uuid.uuid4().hex[:8]}"


async def made(api: Api, path: str, **body: object) -> Json:
    answer = await api.ask("POST", path, api.card("A"), json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def listed(api: Api, path: str) -> dict[int, Json]:
    """Every row of a list, by its id."""
    rows, more = [], True
    while more:
        params = {"limit": 100, "offset": len(rows)}
        part = (await api.ask("GET", path, api.card("A"), params=params)).json()
        rows, more = rows + part, len(part) == 100
    return {row["id"]: row for row in rows}


async def code(api: Api, method: str, path: str, **content: object) -> tuple[int, str]:
    answer = await api.ask(method, path, api.card("A"), **content)
    return answer.status_code, answer.json().get("code", "")


@pytest.mark.parametrize("path", BODIES)
async def test_a_row_is_added_changed_and_removed(api: Api, path: str):
    first, second = name(), name()
    row = await made(api, path, name=f"  {first} ", **BODIES[path])
    assert row == {"id": row["id"], "name": first, **BODIES[path]}
    assert (await listed(api, path))[row["id"]] == row
    changed = await api.ask("PUT", f"{path}/{row['id']}", api.card("A"), json={"name": second, "id": 1})
    assert (changed.status_code, changed.json()) == (200, {**row, "name": second})
    assert (await listed(api, path))[row["id"]] == changed.json()
    assert (await api.ask("PUT", f"{path}/{row['id']}", api.card("A"), json={})).json() == changed.json()
    gone = await api.ask("DELETE", f"{path}/{row['id']}", api.card("A"))
    assert (gone.status_code, list(gone.json())) == (200, ["message"])
    assert row["id"] not in await listed(api, path)
    for method in ("PUT", "DELETE"):
        assert await code(api, method, f"{path}/{row['id']}", json={"name": first}) == (404, "NotFound")


@pytest.mark.parametrize("path", BODIES)
async def test_a_second_row_of_that_name_is_refused_in_any_spelling(api: Api, path: str):
    taken = await made(api, path, name=name(), **BODIES[path])
    other = await made(api, path, name=name(), **BODIES[path])
    for spelling in (taken["name"], taken["name"].upper(), f" {taken['name'].lower()} "):
        body = {**BODIES[path], "name": spelling}
        assert await code(api, "POST", path, json=body) == (409, "Duplicate")
        assert await code(api, "PUT", f"{path}/{other['id']}", json=body) == (409, "Duplicate")
    respelt = {"name": taken["name"].upper()}
    assert await code(api, "PUT", f"{path}/{taken['id']}", json=respelt) == (200, "")
    assert await code(api, "PUT", f"{path}/{taken['id']}", json={"name": None}) == (400, "Invalid")
    for row in (taken, other):
        assert await code(api, "DELETE", f"{path}/{row['id']}") == (200, "")


async def test_the_older_names_of_fields_are_understood(api: Api):
    for path, field in (("/car/class", "class"), ("/car/class", "class_"), ("/car/fuel", "fuel_name")):
        row = await made(api, path, **{field: name()})
        changed = await api.ask("PUT", f"{path}/{row['id']}", api.card("A"), json={field: (new := name())})
        assert changed.json() == {"id": row["id"], "name": new}
        await api.ask("DELETE", f"{path}/{row['id']}", api.card("A"))


async def test_a_model_belongs_to_a_maker_a_fuel_and_a_class_that_exist(api: Api):
    body = {"model": name(), "manufacturer_id": 2, "fuel_type_id": 1, "car_class_id": 1, "year": 2024}
    row = await made(api, "/car/models", **body, img="https://images.example/a.jpg")
    assert (row["name"], row["manufacturer"], row["img"]) == (
        f"Hyundai {body['model']}",
        {"id": 2, "name": "Hyundai"},
        "https://images.example/a.jpg",
    )
    assert await code(api, "POST", "/car/models", json={**body, "model": body["model"].upper()}) == (409, "Duplicate")
    another_year = await made(api, "/car/models", **{**body, "year": 2025})
    path = f"/car/models/{row['id']}"
    changed = (await api.ask("PUT", path, api.card("A"), json={"fuel_type_id": 3, "img": None})).json()
    assert (changed["fuel_type"]["name"], changed["img"], changed["model"]) == ("Electric", None, body["model"])
    for wrong in ({"manufacturer_id": 2**31 - 1}, {"year": None}):
        assert await code(api, "PUT", path, json=wrong) == (400, "Invalid")
    assert await code(api, "PUT", path, json={"year": 1949}) == (422, "ShapeMismatch")
    only = (await api.ask("GET", "/car/models", params={"manufacturer_id": 2, "fuel_type_id": 3, "limit": 100})).json()
    assert {(each["manufacturer_id"], each["fuel_type_id"]) for each in only} == {(2, 3)}
    assert row["id"] in {each["id"] for each in only}
    for each in (row, another_year):
        assert await code(api, "DELETE", f"/car/models/{each['id']}") == (200, "")


@pytest.mark.parametrize(
    ("path", "used"),
    [
        ("/car/class", "SELECT car_class_id FROM cars LIMIT 1"),
        ("/car/fuel", "SELECT fuel_type_id FROM service_fuel_types LIMIT 1"),
        ("/car/manufacturer", "SELECT manufacturer_id FROM cars LIMIT 1"),
        ("/car/models", "SELECT car_id FROM customer_cars LIMIT 1"),
        ("/address/area", "SELECT area_id FROM addresses LIMIT 1"),
        ("/services/category", "SELECT category_id FROM mechanic_service_categories LIMIT 1"),
    ],
)
async def test_a_row_that_is_used_is_not_removed(api: Api, path: str, used: str):
    row = await api.rows.fetchval(used)
    assert await code(api, "DELETE", f"{path}/{row}") == (409, "InUse")
    assert row in await listed(api, path)


async def test_an_area_goes_when_only_removed_addresses_are_in_it(api: Api):
    area, nina = await made(api, "/address/area", name=name(), pincode="411061"), await api.newcomer()
    home = {"label": "home", "line1": "1 Tank Road", "area_id": area["id"]}
    address = (await api.ask("POST", "/address/", nina, json=home)).json()
    path = f"/address/area/{area['id']}"
    assert await code(api, "DELETE", path) == (409, "InUse")
    assert (await api.ask("DELETE", f"/address/{address['id']}", nina)).status_code == 200
    assert await code(api, "DELETE", path) == (200, "")


async def test_what_the_life_of_a_booking_is_made_of_keeps_its_name(api: Api):
    for path, number in (("/utils/status", 10), ("/utils/payment-method", 2)):
        rows = await listed(api, path)
        assert len(rows) >= number
        for row in list(rows.values())[:number]:
            assert await code(api, "PUT", f"{path}/{row['id']}", json={"name": name()}) == (409, "InUse")
            assert await code(api, "DELETE", f"{path}/{row['id']}") == (409, "InUse")
            assert await code(api, "PUT", f"{path}/{row['id']}", json={"name": row["name"]}) == (200, "")
        assert await listed(api, path) == rows


async def test_a_timeslot_ends_after_it_starts_and_has_the_shops_capacity(api: Api):
    body = {"name": name(), "start_time": "04:00", "end_time": "05:30"}
    row = await made(api, "/utils/timeslot", **body)
    assert row == {"id": row["id"], **body, "capacity": 10}
    path = f"/utils/timeslot/{row['id']}"
    assert await code(api, "POST", "/utils/timeslot", json={**body, "name": name(), "end_time": "04:00"}) == (
        400,
        "Invalid",
    )
    assert await code(api, "PUT", path, json={"start_time": "05:30"}) == (400, "Invalid")
    for wrong in ("8:00", "24:00", "12:60", "noon", "08:00:00", "08:00Z"):
        assert await code(api, "PUT", path, json={"start_time": wrong}) == (422, "ShapeMismatch"), wrong
    assert (await api.ask("PUT", path, api.card("A"), json={"start_time": "05:00"})).json()["start_time"] == "05:00"
    assert await code(api, "DELETE", path) == (200, "")


async def test_a_slot_may_end_at_midnight_and_be_booked(api: Api, visits: Visits):
    slot = await made(api, "/utils/timeslot", name=name(), start_time="21:30", end_time="00:00", capacity=1)
    day = datetime.now(SHOP_TIMEZONE).date() + timedelta(days=50)
    offered = (await api.ask("GET", "/utils/timeslot", params={"date": str(day)})).json()
    assert {row["id"]: row["free"] for row in offered}[slot["id"]] == 1
    times = {"pickup_date": str(day), "drop_date": str(day + timedelta(days=1)), "drop_timeslot_id": MORNING}
    owner, booking = visits.booked(**{**times, "pickup_timeslot_id": slot["id"]})
    assert owner.booking(booking["id"])["pickup"]["timeslot"]["end_time"] == "00:00"
    whole_day = {"name": name(), "start_time": "00:00", "end_time": "00:00"}
    assert await code(api, "POST", "/utils/timeslot", json=whole_day) == (400, "Invalid")
    owner.reschedule(booking["id"], pickup_timeslot_id=MORNING)
    gone = await code(api, "DELETE", f"/utils/timeslot/{slot['id']}")
    assert gone == (200, ""), "else a booking of another test takes it for its drop"


async def test_a_booking_keeps_its_slot_and_the_times_that_it_was_made_with(api: Api, visits: Visits):
    slot = await made(api, "/utils/timeslot", name=name(), start_time="04:00", end_time="05:30", capacity=1)
    path, day = f"/utils/timeslot/{slot['id']}", datetime.now(SHOP_TIMEZONE).date() + timedelta(days=60)
    times = {"pickup_date": str(day), "drop_date": str(day + timedelta(days=1)), "drop_timeslot_id": MORNING}
    owner, booking = visits.booked(**{**times, "pickup_timeslot_id": slot["id"]})
    assert await code(api, "PUT", path, json={"start_time": "06:00", "end_time": "07:00", "name": name()}) == (200, "")
    kept = {field: slot[field] for field in ("id", "name", "start_time", "end_time")}
    assert owner.booking(booking["id"])["pickup"]["timeslot"] == kept
    on_the_day = (await api.ask("GET", "/utils/timeslot", params={"date": times["pickup_date"]})).json()
    assert {row["id"]: row["free"] for row in on_the_day}[slot["id"]] == 0
    refused = await api.ask("DELETE", path, api.card("A"))
    assert (refused.status_code, refused.json()["code"]) == (409, "InUse")
    assert "a capacity of 0 stops offering it" in refused.json()["detail"]
    owner.reschedule(booking["id"], pickup_timeslot_id=MORNING)
    assert await code(api, "DELETE", path) == (200, "")
    assert owner.booking(booking["id"])["pickup"]["timeslot"]["name"] == "Morning"


async def test_a_slot_without_capacity_is_not_offered(api: Api, visits: Visits):
    slot = await made(api, "/utils/timeslot", name=name(), start_time="04:00", end_time="05:30", capacity=0)
    owner, vehicle = visits.car()
    wish = {**visits.wish(vehicle), "pickup_timeslot_id": slot["id"]}
    answer = await api.ask("POST", "/bookings/", owner.card, json=wish)
    assert (answer.status_code, answer.json()["code"]) == (409, "SlotTaken")
    assert slot["id"] not in {row["timeslot_id"] for row in answer.json()["next_free_slots"]}
    assert await code(api, "DELETE", f"/utils/timeslot/{slot['id']}") == (200, "")


@pytest.mark.parametrize("pincode", ["41100", "4110044", "011004", "41100a", "４１１００４", " 411004", 411004])
async def test_a_pincode_has_six_digits_and_no_zero_in_front(api: Api, pincode: object):
    body = {"name": name(), "pincode": pincode}
    assert await code(api, "POST", "/address/area", json=body) == (422, "ShapeMismatch")


async def test_areas_of_a_pincode_and_two_areas_may_share_it(api: Api):
    rows = (await api.ask("GET", "/address/area", params={"pincode": "411057"})).json()
    assert [row["name"] for row in rows] == ["Wakad", "Hinjawadi"]


async def test_ten_admins_who_add_the_same_name_make_one_row(api: Api):
    body = {"name": name()}
    answers = await api.all(api.ask("POST", "/car/manufacturer", api.card("A"), json=body) for _ in range(10))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 9
    (row,) = [row for row in (await listed(api, "/car/manufacturer")).values() if row["name"] == body["name"]]
    assert await code(api, "DELETE", f"/car/manufacturer/{row['id']}") == (200, "")
