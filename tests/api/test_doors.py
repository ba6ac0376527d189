"""Who comes in: a token on every route that is not open, the right role, and only what is one's own."""

import base64
import json
from typing import Any

import pytest

from domain.people import SCOPES, Role
from tests.api.asking import Api, bearer, is_refusal
from tests.api.document import NOWHERE, Operation, operations
from tests.api.doors import DOORS, OPEN, refusal_for
from tests.api.test_tokens import forged
from tests.api.visits import Visits

# A whole picture of one pixel.
SMALLEST_PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="
)
GUARDED = [operation for operation in operations() if str(operation) not in OPEN]


@pytest.mark.parametrize("operation", GUARDED, ids=str)
async def test_nobody_gets_in_without_a_token(api: Api, operation: Operation):
    answer = await api.ask(operation.method, operation.url())
    assert is_refusal(answer, 401) == ""
    assert answer.json()["code"] == "Unauthenticated"


async def test_open_routes_ask_for_no_token(api: Api):
    wanted = [operation for operation in operations() if str(operation) in OPEN and operation.method == "GET"]
    picture = await api.ask("POST", "/utils/images", api.card("C"), files={"file": SMALLEST_PNG})
    known = {"service_id": 45, "content_id": "home_banner", "name": picture.json()["path"].rpartition("/")[2]}
    answers = await api.all(api.ask("GET", operation.url(known)) for operation in wanted)
    assert {answer.status_code for answer in answers} == {200}


@pytest.mark.parametrize(("operation", "letter"), [(each, letter) for each in GUARDED for letter in "AMC"], ids=str)
async def test_a_role_gets_as_far_as_the_table_lets_it(api: Api, operation: Operation, letter: str):
    card, expected = api.card(letter), refusal_for(str(operation), letter)
    if expected is None:
        # About nothing, and without a body: whoever may is told so by 2xx, 404 or 422, never by 401 or a scope.
        token = bearer(await api.log_in(card)) if operation.path.endswith("/logout") else await api.token(card)
        answer = await api.ask(operation.method, operation.url(), headers=token)
        assert answer.status_code < 500
        if answer.status_code == 403:  # a person's id is not looked up
            assert (answer.json()["code"], "{" in operation.path) == ("NotYours", True), answer.text
        assert answer.status_code != 401, answer.text
        return
    known = {"booking_id": NOWHERE, "mechanic_id": "MEC000031", "payment_method_id": 1}
    body = {"json": operation.sample(known)} if operation.takes_json else {}
    answer = await api.ask(operation.method, operation.url(), card, params=_needed(operation), **body)
    assert is_refusal(answer, 403) == ""
    assert (answer.json()["code"], answer.json()["detail"] if expected[1] else "") == expected


def _needed(operation: Operation) -> dict[str, Any]:
    return {each["name"]: 18 for each in operation.parameters("query") if each.get("required")}


async def test_the_role_that_a_token_claims_does_not_count(api: Api):
    customer = api.card("C")
    token = forged(api, role="admin", sub=customer["id"])
    me = (await api.ask("GET", "/auth/me", headers=bearer(token))).json()
    assert (me["role"], me["user"]["id"], set(me["scopes"])) == ("customer", customer["id"], SCOPES[Role.CUSTOMER])
    refused = await api.ask("GET", "/bookings/", headers=bearer(token))
    assert refused.json()["code"] == "RoleRequired"


async def test_the_refresh_cookie_does_not_open_routes(api: Api):
    card = api.card("C")
    form = {"username": card["phone"], "password": card["password"]}
    token = (await api.ask("POST", "/auth/login", data=form)).cookies["refresh_token"]
    api.http.cookies.clear()
    assert is_refusal(await api.ask("GET", "/auth/me", headers=bearer(token)), 401) == ""


async def test_what_is_somebody_elses_is_missing_in_the_same_words(api: Api, visits: Visits):
    owner, booking = visits.ordered()
    card = visits.stranger(owner).card
    theirs = {
        "booking_id": booking["id"],
        "payment_id": booking["payments"][0]["id"],
        "car_id": owner.cars()[0]["id"],
        "address_id": owner.get("/address/")[0]["id"],
    }
    wanted = [each for each in GUARDED if {p["name"] for p in each.parameters("path")} & theirs.keys()]
    wanted = [each for each in wanted if refusal_for(str(each), "C") is None]
    assert len(wanted) >= 15
    for operation in wanted:
        (name,) = {parameter["name"] for parameter in operation.parameters("path")} & theirs.keys()
        body = {"json": operation.sample({"payment_method_id": 1})} if operation.takes_json else {}
        values = {name: theirs[name], "number": "CN-2627-000001"}
        not_theirs = await api.ask(operation.method, operation.url(values), card, **body)
        not_there = await api.ask(operation.method, operation.url({**values, name: NOWHERE}), card, **body)
        assert is_refusal(not_theirs, 404) == "", f"{operation}: {not_theirs.text[:200]}"
        assert not_theirs.json() == json.loads(not_there.text.replace(str(NOWHERE), str(theirs[name]))), str(operation)
        assert not_theirs.json()["code"] == "NotFound"


async def test_another_persons_id_is_refused_without_a_look(api: Api):
    people = api.people["customers"]
    for path in ("/customers/", "/car/", "/address/"):
        for other in (people[1]["id"], "CST999999"):
            answer = await api.ask("GET", path, people[0], params={"customer_id": other})
            assert is_refusal(answer, 403) == ""
    answer = await api.ask("POST", "/car/", people[0], json=_car_for(people[1]["id"]))
    assert answer.json()["code"] == "NotYours"


def _car_for(customer_id: str) -> dict[str, Any]:
    return {"registration_number": "MH12ZZ0002", "car_model_id": 1, "customer_id": customer_id}


async def test_a_mechanic_on_customers_lists_sees_nothing(api: Api):
    for path in ("/customers/", "/car/", "/address/", "/bookings/customer", "/payment/"):
        answer = await api.ask("GET", path, api.card("M"))
        assert (answer.status_code, answer.json()) == (200, []), path


async def test_a_mechanic_who_is_replaced_no_longer_finds_the_booking(api: Api, visits: Visits):
    _, booking = visits.booked()
    number, garage = booking["id"], visits.garage
    first = garage.assign(booking, "pickup")
    assert (await api.ask("GET", f"/bookings/{number}", first.card)).status_code == 200
    job = {"booking_id": number, "assignment_type_id": garage.assignment_type("pickup")}
    for second in (each for each in garage.mechanics if each.id != first.id):
        body = {**job, "mechanic_id": second.id}
        if (await api.ask("POST", "/bookings/admin/assign", api.card("A"), json=body)).is_success:
            break
    gone = await api.ask("GET", f"/bookings/{number}", first.card)
    report = {"booking_id": number, "notes": "collected"}
    late = await api.ask("POST", "/bookings/mechanic/progress", first.card, json=report)
    assert [is_refusal(answer, 404) for answer in (gone, late)] == ["", ""]
    rows = (await api.ask("GET", "/bookings/mechanic/assignments", first.card)).json()
    assert [row["assignment"]["active"] for row in rows if row["id"] == number] == [False]
    assert (await api.ask("GET", f"/bookings/{number}", second.card)).status_code == 200


async def test_a_customer_sees_only_name_and_photo_of_mechanics(api: Api):
    rows = (await api.ask("GET", "/mechanics/", api.card("C"))).json()
    assert {frozenset(row) for row in rows} == {frozenset({"id", "name", "photo"})}
    (own,) = (await api.ask("GET", "/mechanics/", api.card("M"))).json()
    assert own["id"] == api.card("M")["id"]


def test_the_scopes_of_the_doors_exist():
    everything = frozenset().union(*SCOPES.values())
    assert {scope for scope, _ in DOORS.values() if scope} <= everything
