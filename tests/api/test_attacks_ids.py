"""Ids of other people's things where no path shows them: in bodies, in queries, in headers that continue something."""

import asyncio
import base64
import json
import secrets
import uuid
from typing import Any

import pytest

from devstack.kinds.vehicle_service.people import Customer, new_key
from tests.addresses import new_address
from tests.api.access_table import fitting
from tests.api.concurrent import Api, Json, bearer, is_refusal
from tests.api.document import NOWHERE, Operation, operations
from tests.api.hostile_visits import HostileVisits
from tests.api.test_login import login
from tests.api.visits import API, Visits


def fields_of(operation: Operation, where: str) -> set[str]:
    """The names that a body or a query knows."""
    if where == "body":
        return {*(operation.body or {}).get("properties", {})}
    return {parameter["name"] for parameter in operation.parameters("query")}


FOR_CUSTOMERS = [each for each in operations() if "C" in fitting(str(each))]
NAMES_A_CUSTOMER = [
    (each, where) for each in FOR_CUSTOMERS for where in ("body", "query") if "customer_id" in fields_of(each, where)
]
NAMES_A_BOOKING = [each for each in operations() if each.takes_json and "booking_id" in fields_of(each, "body")]
OUTSIDE = ("/uploads/nothing.png", "http://127.0.0.1:1/x", "http://169.254.169.254/latest/meta-data/")
NO_PICTURES = (
    "file:///etc/passwd", "gopher://x/", "javascript:alert(1)", "data:text/html,x", "/uploads/../../etc/passwd",
    "//evil.example/x.png", "/etc/passwd", "http:///x", "ftp://x/y", "\\\\x\\y", "http://a b/", "/uploads/a/b",
)  # fmt: skip


@pytest.mark.parametrize(("operation", "where"), NAMES_A_CUSTOMER, ids=lambda value: str(value))
async def test_a_customer_acts_in_nobody_elses_name(api: Api, operation: Operation, where: str):
    card, other = api.people["customers"][:2]
    taken = {"registration_number": "MH12ZZ0003", "car_model_id": 1, "area_id": 1, "vehicle_id": other["car_ids"][0]}
    known = {**taken, "service_id": 45, "service_ids[]": 45, "rating": 5}
    body = operation.sample(known) if operation.takes_json else None
    named = {**body, "customer_id": other["id"]} if where == "body" else body
    params = {"customer_id": other["id"]} if where == "query" else {}
    answer = await api.ask(
        operation.method, operation.url({"service_id": 45}), card, params=params, **({"json": named} if body else {})
    )
    if operation.path.endswith("/bookings/customer"):  # whose it is, is not asked there
        assert (answer.status_code, {row["customer"]["id"] for row in answer.json()} - {card["id"]}) == (200, set())
        return
    assert is_refusal(answer, 403) == ""
    assert answer.json()["code"] == "NotYours"


def test_a_booking_takes_neither_the_car_nor_the_address_of_another(visits: Visits):
    """What is somebody else's is missing in the words for what is not there."""
    owner, vehicle = visits.car()
    other = visits.stranger(owner)
    car, address = other.cars()[0]["id"], other.get("/address/")[0]["id"]
    booking = owner.post("/bookings/", visits.wish(vehicle))
    for theirs, nothing in (
        ({"vehicle_id": car}, {"vehicle_id": NOWHERE}),
        ({"pickup_address_id": address}, {"pickup_address_id": NOWHERE}),
        ({"drop_address_id": address}, {"drop_address_id": NOWHERE}),
    ):
        answers = [
            owner.send("POST", "/bookings/", json=visits.wish(vehicle, **change)) for change in (theirs, nothing)
        ]
        (name,) = theirs
        assert _same(answers, theirs[name])
        if name != "vehicle_id":
            path = f"/bookings/{booking['id']}/reschedule"
            assert _same([owner.send("PUT", path, json=change) for change in (theirs, nothing)], theirs[name])
    assert owner.booking(booking["id"])["version"] == 1


def _same(answers: list[Any], theirs: int) -> bool:
    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(404, "NotFound")}
    return answers[0].json() == json.loads(answers[1].text.replace(str(NOWHERE), str(theirs)))


def test_an_admin_books_a_customers_own_car_only(visits: Visits):
    owner, vehicle = visits.car()
    wish = visits.wish(vehicle, customer_id=visits.stranger(owner).id)
    answer = visits.shop.admin.send("POST", "/bookings/", json=wish)
    assert (answer.status_code, answer.json()["code"]) == (404, "NotFound")


async def test_a_booking_named_in_a_body_is_there_for_its_mechanic_only(api: Api, visits: Visits):
    """Reports, analyses and cash of a booking that somebody else works on."""
    _, booking = visits.estimated()
    at_work = {job["mechanic"]["id"] for job in booking["assignments"]}
    idle = next(each.card for each in visits.shop.mechanics if each.id not in at_work)
    service = booking["services"][0]["service_id"]
    tried = [each for each in NAMES_A_BOOKING if "M" in fitting(str(each))]
    assert len(tried) >= 3
    for each in tried:
        known = {"price_quote": {str(service): "1650.00"}, "service_ids[]": service, "amount": "1947.00"}
        bodies = [each.sample({**known, "booking_id": number}) for number in (booking["id"], NOWHERE)]
        theirs, nothing = [await api.ask(each.method, each.url(), idle, json=body) for body in bodies]
        assert is_refusal(theirs, 404) == "", str(each)
        assert theirs.json() == json.loads(nothing.text.replace(str(NOWHERE), str(booking["id"]))), str(each)


def test_what_belongs_to_another_booking_does_not_count_for_this_one(visits: Visits):
    """Services, reports, mechanics: ids that exist, elsewhere."""
    owner, booking = visits.estimated()
    _, other = visits.booked()
    shop, number = visits.shop, booking["id"]
    other_work = shop.service("Wiper blades")
    paid = {"payment_method_id": shop.payment_method("offline")}
    admin, mechanic = shop.admin, shop.assign(other, "pickup")
    report = mechanic.report(other["id"], "collected")
    answers = [
        owner.send("PUT", f"/bookings/{number}/confirm-services", json={"service_ids": [other_work], **paid}),
        admin.send("PUT", f"/bookings/admin/analysis/{number}", json={"price_quote": {str(other_work): "1.00"}}),
        admin.send("POST", "/bookings/admin/assign", json=_job(shop, number, owner.id)),
        admin.send("POST", "/bookings/admin/assign", json=_job(shop, number, admin.id)),
        admin.send("POST", f"/bookings/admin/progress/{report['id'] + 100_000}/validate", json={}),
    ]
    assert {answer.status_code for answer in answers} <= {400, 404, 409, 422}
    now = owner.booking(number)
    assert (now["version"], now["status"], now["totals"]) == (booking["version"], booking["status"], booking["totals"])
    assert shop.admin.booking(other["id"])["progress"][0]["validated"] is False


def _job(shop: Any, number: int, person: str) -> Json:
    return {"booking_id": number, "mechanic_id": person, "assignment_type_id": shop.assignment_type("service")}


def test_a_key_of_another_person_brings_neither_their_answer_nor_their_action(visits: Visits):
    owner, vehicle = visits.car()
    other, key = visits.stranger(owner), new_key()
    wish = visits.wish(vehicle)
    made = owner.send("POST", "/bookings/", key, json=wish)
    path = f"/bookings/{made.json()['id']}/cancel"
    stolen = other.send("POST", "/bookings/", key, json=wish)
    assert (stolen.status_code, stolen.json()["code"]) == (404, "NotFound")
    assert owner.send("PUT", path, key, json={"reason": "x"}).status_code == 200
    cancelled = other.send("PUT", path, key, json={"reason": "x"})
    assert (cancelled.status_code, cancelled.json()["code"]) == (404, "NotFound")
    anonymous = visits.http.put(path, json={"reason": "x"}, headers={"Idempotency-Key": key})
    assert anonymous.status_code == 401


def test_a_key_that_looks_like_sql_or_another_key_is_only_a_key(visits: Visits):
    owner, vehicle = visits.car()
    first = owner.send("POST", "/bookings/", "' OR '1'='1", json=visits.wish(vehicle))
    for key in ("%", "' OR '1'='1' --", "_", owner.id, f"{owner.id} POST /api/v1/bookings ' OR '1'='1"):
        answer = owner.send("POST", "/bookings/", key, json=visits.wish(vehicle))
        assert (first.status_code, answer.json().get("code")) == (201, "VehicleBusy"), key


def test_a_stream_is_not_taken_up_by_somebody_else(visits: Visits):
    owner, booking = visits.booked()
    other: Customer = visits.stranger(owner)
    owner.cancel(booking["id"], "only a try")
    for headers, params in (({"Last-Event-ID": "1"}, {}), ({"Last-Event-ID": "2"}, {}), ({}, {"after": 1})):
        for number in (booking["id"], NOWHERE):
            path = f"{visits.shop.info['api']}{API}/bookings/{number}/events"
            answer = visits.http.get(path, headers={**other.login(), **headers}, params=params)
            assert (answer.status_code, answer.json()["code"]) == (404, "NotFound")
    for wrong in ("-1", "1.5", "x", "2147483648", "9" * 400, "1, 2", "' OR 1=1"):
        path = f"{visits.shop.info['api']}{API}/bookings/{booking['id']}/events"
        answer = visits.http.get(path, headers={**owner.login(), "Last-Event-ID": wrong})
        assert answer.status_code == 422, wrong


def test_documents_and_payments_are_not_found_by_their_numbers(visits: Visits, hostile: HostileVisits):
    """Numbers of invoices are easy to predict: they lead to nothing that is not one's own."""
    visit, owner = hostile.sly[0], hostile.owners[2]
    other = visits.shop.customers[0]
    number, payment = visit["invoice"]["number"], visit["payments"][0]["id"]
    assert owner.send("GET", f"/bookings/{visit['id']}/invoice").status_code == 200
    own = other.post("/bookings/", visits.wish(other.add_car(f"KA05{uuid.uuid4().hex[:6].upper()}", 1)["id"]))
    for path in (
        f"/bookings/{visit['id']}/invoice",
        f"/bookings/{visit['id']}/invoice.pdf",
        f"/bookings/{visit['id']}/credit-notes/{number}.pdf",
        f"/bookings/{own['id']}/credit-notes/{number}.pdf",
        f"/bookings/{own['id']}/invoice",
        f"/payment/{payment}",
    ):
        answer = other.send("GET", path)
        assert (answer.status_code, answer.json()["code"]) == (404, "NotFound"), path


async def test_a_picture_in_a_body_is_not_looked_for(api: Api):
    """A path of an upload that is not there, or an address inside: kept as text, neither opened nor fetched."""
    admin = api.card("A")
    model = {"manufacturer_id": 2, "fuel_type_id": 1, "car_class_id": 1, "year": 2024}
    for path in OUTSIDE:
        body = {**model, "model": f"M {uuid.uuid4().hex}", "img": path}
        made = await api.ask("POST", "/car/models", admin, json=body)
        assert (made.status_code, made.json()["img"]) == (201, path)
        assert (await api.ask("DELETE", f"/car/models/{made.json()['id']}", admin)).status_code == 200
    for path in NO_PICTURES:
        refused = await api.ask("POST", "/car/models", admin, json={**model, "model": "M", "img": path})
        assert is_refusal(refused, 422) == "", path


async def test_a_hundred_wrong_passwords_at_once_from_everywhere_open_nothing_and_keep_nobody_out(api: Api):
    card, somebody = await api.newcomer(), await api.newcomer()
    tries = [login(api, card["phone"], f"Wrong-password-{number}") for number in range(100)]
    answers = await asyncio.gather(*tries)
    assert {answer.status_code for answer in answers} <= {401, 429}
    assert (await login(api, card["phone"], card["password"])).status_code == 429
    assert (await login(api, somebody["phone"], somebody["password"])).status_code == 200


async def test_a_phone_that_nobody_has_is_answered_and_locked_like_one_that_somebody_has(api: Api):
    """Words, status, names of the headers, and the lock after five failures at one address."""
    phones, address = ((await api.newcomer())["phone"], f"60{secrets.randbelow(10**8):08}"), new_address()
    told = []
    for phone in phones:
        answers = [await login(api, phone, "Wrong-password-1", address) for _ in range(6)]
        told.append(
            [(each.status_code, each.text, sorted(each.headers), each.headers.get("retry-after")) for each in answers]
        )
    assert told[0] == told[1]
    assert [status for status, *_ in told[0]] == [401] * 5 + [429]


async def test_a_token_in_any_other_place_than_its_header_opens_nothing(api: Api):
    token = (await api.token(api.card("A")))["Authorization"].removeprefix("Bearer ")
    basic = base64.b64encode(f"{api.card('A')['phone']}:{api.card('A')['password']}".encode()).decode()
    tries: list[Json] = [
        {"params": {"access_token": token}},
        {"params": {"token": token}},
        {"headers": {"X-Authorization": f"Bearer {token}"}},
        {"headers": {"Proxy-Authorization": f"Bearer {token}"}},
        {"headers": {"Cookie": f"access_token={token}"}},
        {"headers": {"Authorization": f"Basic {basic}"}},
        {"headers": {"Authorization": token}},
        {"headers": bearer(f"{token}, x")},
    ]
    for tried in tries:
        assert is_refusal(await api.ask("GET", "/auth/me", **tried), 401) == ""
