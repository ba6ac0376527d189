"""Access: a token on every route that is not open, the right role, and only what is one's own."""

import base64

from kinds.vehicle_service.domain.roles import SCOPES, Role
from tests.api.access_table import ACCESS, OPEN
from tests.api.concurrent import Api, bearer, is_refusal
from tests.api.document import operations
from tests.api.test_tokens import forged
from tests.api.visits import Visits

# A whole picture of one pixel.
SMALLEST_PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="
)


async def test_open_routes_ask_for_no_token(api: Api):
    wanted = [operation for operation in operations() if str(operation) in OPEN and operation.method == "GET"]
    picture = await api.ask("POST", "/utils/images", api.card("C"), files={"file": SMALLEST_PNG})
    known = {"service_id": 45, "content_id": "home_banner", "name": picture.json()["path"].rpartition("/")[2]}
    answers = await api.all(api.ask("GET", operation.url(known)) for operation in wanted)
    assert {answer.status_code for answer in answers} == {200}


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


async def test_another_persons_id_is_refused_without_a_look(api: Api):
    people = api.people["customers"]
    for path in ("/customers/", "/car/", "/address/"):
        for other in (people[1]["id"], "CST999999"):
            answer = await api.ask("GET", path, people[0], params={"customer_id": other})
            assert is_refusal(answer, 403) == ""


async def test_a_mechanic_on_customers_lists_sees_nothing(api: Api):
    for path in ("/customers/", "/car/", "/address/", "/bookings/customer", "/payment/"):
        answer = await api.ask("GET", path, api.card("M"))
        assert (answer.status_code, answer.json()) == (200, []), path


async def test_a_mechanic_who_is_replaced_no_longer_finds_the_booking(api: Api, visits: Visits):
    _, booking = visits.booked()
    number, shop = booking["id"], visits.shop
    first = shop.assign(booking, "pickup")
    assert (await api.ask("GET", f"/bookings/{number}", first.card)).status_code == 200
    job = {"booking_id": number, "assignment_type_id": shop.assignment_type("pickup")}
    for second in (each for each in shop.mechanics if each.id != first.id):
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


def test_the_scopes_of_the_access_table_exist():
    everything = frozenset().union(*SCOPES.values())
    assert {scope for scope, _ in ACCESS.values() if scope} <= everything
