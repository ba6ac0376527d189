"""Customers, mechanics and admins: who sees and changes whom."""

import pytest

from tests.api.concurrent import PREFIX, Api, Json, is_refusal
from tests.api.people import appointed, birthday, hired, login, unlike
from tests.api.visits import Visits

CARD = {"id", "name", "first_name", "last_name", "email", "phone", "role"}
SLY = {"id": "ADM000099", "role": "admin", "role_id": 1, "scopes": ["WRITE:ADMINS"], "password_hash": "x",
       "deleted_at": None, "customer_id": "CST000210", "open_jobs": 99, "score": 99}  # fmt: skip


async def test_a_customer_sees_and_changes_themselves(api: Api):
    nina = await api.newcomer()
    path = f"/customers/{nina['id']}"
    seen = (await api.ask("GET", path, nina)).json()
    assert seen.keys() >= CARD
    assert [seen] == (await api.ask("GET", "/customers/", nina)).json()
    new = unlike()
    proof = {"current_password": nina["password"]}
    answer = await api.ask("PUT", path, nina, json={"name": "Nina van Older", **new, **proof})
    changed = {**seen, "name": "Nina van Older", "last_name": "van Older", **new, "phone": f"+91{new['phone']}"}
    assert (answer.status_code, answer.json()) == (200, changed)
    assert (await api.ask("PUT", path, nina, json={})).json() == changed
    assert (await api.ask("PUT", path, nina, json={"last_name": None})).json()["name"] == "Nina"
    assert (await api.ask("PUT", path, nina, json={"last_name": "New"})).json()["name"] == "Nina New"
    assert await login(api, {**nina, **new}) == 200
    assert await login(api, nina) == 401


async def test_somebody_elses_page_is_refused_without_a_look_and_open_to_admins(api: Api):
    nina, other, mechanic = await api.newcomer(), await api.newcomer(), api.card("M")
    for who, path in (
        (other, f"/customers/{nina['id']}"),
        (other, "/customers/CST999999"),
        (mechanic, f"/customers/{nina['id']}"),
        (mechanic, f"/mechanics/{api.people['mechanics'][1]['id']}"),
        (mechanic, "/mechanics/MEC999999"),
    ):
        answer = await api.ask("GET", path, who)
        assert (answer.status_code, answer.json()["code"]) == (403, "NotYours"), path
    for method, path, who, body in (
        ("PUT", f"/customers/{nina['id']}", other, {"json": {"name": "Mine"}}),
        ("DELETE", f"/customers/{nina['id']}", other, {}),
        ("PUT", f"/mechanics/{api.people['mechanics'][1]['id']}", mechanic, {"json": {"name": "Mine"}}),
    ):
        answer = await api.ask(method, path, who, **body)
        assert (answer.status_code, answer.json()["code"]) == (403, "NotYours"), path
    assert (await api.ask("GET", f"/customers/{nina['id']}", api.card("A"))).json()["name"] == nina["name"]
    for path in ("/customers/CST999999", "/mechanics/MEC999999", "/admins/ADM999999"):
        assert is_refusal(await api.ask("GET", path, api.card("A")), 404) == ""
        assert is_refusal(await api.ask("PUT", path, api.card("A"), json={"name": "Nobody"}), 404) == ""
        assert is_refusal(await api.ask("DELETE", path, api.card("A")), 404) == ""


async def test_an_id_of_another_kind_of_person_is_nobody_here(api: Api):
    nina, admin = await api.newcomer(), api.card("A")
    for path in (f"/mechanics/{nina['id']}", f"/admins/{nina['id']}", f"/customers/{admin['id']}"):
        assert is_refusal(await api.ask("DELETE", path, admin), 422) == ""


async def test_nobody_makes_themselves_more_than_they_are(api: Api):
    nina, mechanic = await api.newcomer(), await hired(api, **SLY)
    assert mechanic["id"].startswith("MEC")
    assert (mechanic["role"], mechanic["open_jobs"], mechanic["score"]) == ("mechanic", 0, 0)
    for card, path in ((nina, f"/customers/{nina['id']}"), (mechanic, f"/mechanics/{mechanic['id']}")):
        before = (await api.ask("GET", "/auth/me", card)).json()
        answer = await api.ask("PUT", path, card, json=SLY)
        assert (answer.status_code, answer.json()["id"]) == (200, card["id"])
        assert (await api.ask("GET", "/auth/me", card)).json() == before


@pytest.mark.parametrize("taken", ["phone", "email"])
async def test_nobody_takes_the_phone_or_mail_address_of_another_role(api: Api, taken: str):
    mechanic, nina, admin = await hired(api), await api.newcomer(), api.card("A")
    value = mechanic[taken] if taken == "phone" else mechanic[taken].upper()
    proof = {"current_password": nina["password"]}
    refused = [
        await api.ask("PUT", f"/customers/{nina['id']}", nina, json={taken: value, **proof}),
        await api.ask("POST", "/admins/", admin, json={"name": "Adi", **unlike(), taken: value}),
        await api.ask("POST", "/mechanics/", admin, json={"name": "M", "dob": "1990-01-01", **unlike(), taken: value}),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in refused] == [(409, "Duplicate")] * 3


@pytest.mark.parametrize(
    "change",
    [{"name": None}, {"first_name": None}, {"phone": None}, {"email": None}, {"name": " "}, {"phone": "12345"}],
    ids=str,
)
async def test_what_everybody_has_cannot_be_emptied(api: Api, change: Json):
    nina = api.people["customers"][3]
    assert is_refusal(await api.ask("PUT", f"/customers/{nina['id']}", nina, json=change), 422) == ""


async def test_an_admin_finds_people_by_name_phone_and_mail_address(api: Api):
    admin, nina = api.card("A"), await api.newcomer()

    async def found(path: str, **params: object) -> list[str]:
        return [row["id"] for row in (await api.ask("GET", path, admin, params={"limit": 100, **params})).json()]

    assert await found("/customers/", q=nina["phone"]) == [nina["id"]]
    assert await found("/customers/", q=nina["email"].upper()) == [nina["id"]]
    assert (await found("/customers/", q="nina NEW", order="newest"))[0] == nina["id"]
    assert (await found("/customers/", order="newest"))[0] == nina["id"]
    assert await found("/customers/", q="' OR 1=1 --") == []
    drivers = await found("/mechanics/", pickup_drop=True, analysis=False)
    assert {"MEC000033", "MEC000036"} <= set(drivers)
    assert "MEC000031" not in drivers
    assert api.card("A")["id"] in await found("/admins/", q="meera")


async def test_customers_do_not_find_mechanics_by_what_they_may_not_see(api: Api):
    nina, mechanic = await api.newcomer(), await hired(api, name="Zubin Mehta")
    rows = (await api.ask("GET", "/mechanics/", nina, params={"q": "zubin"})).json()
    assert {"id": mechanic["id"], "name": "Zubin Mehta", "photo": None} in rows
    for secret in (mechanic["phone"], mechanic["email"]):
        assert (await api.ask("GET", "/mechanics/", nina, params={"q": secret})).json() == []
    filtered = await api.ask("GET", "/mechanics/", nina, params={"pickup_drop": False, "q": "zubin"})
    assert filtered.json() == rows
    one = await api.ask("GET", f"/mechanics/{mechanic['id']}", nina)
    assert one.json() == {"id": mechanic["id"], "name": "Zubin Mehta", "photo": None}
    assert is_refusal(await api.ask("GET", "/mechanics/MEC999999", nina), 404) == ""


async def test_a_mechanic_comes_with_qualifications_and_an_admin_changes_them(api: Api):
    admin = api.card("A")
    mechanic = await hired(api, service_categories=[2, 1], photo="https://images.revcare.example/m.jpg")
    path = f"/mechanics/{mechanic['id']}"
    seen = (await api.ask("GET", path, mechanic)).json()
    assert seen == (await api.ask("GET", path, admin)).json()
    assert [category["id"] for category in seen["service_categories"]] == [1, 2]
    assert all(category["name"] for category in seen["service_categories"])
    assert (seen["dob"], seen["photo"]) == ("1990-05-17", "https://images.revcare.example/m.jpg")
    change = {"service_categories": [2, 3], "analysis": False, "photo": None}
    changed = (await api.ask("PUT", path, admin, json=change)).json()
    assert [category["id"] for category in changed["service_categories"]] == [2, 3]
    assert (changed["analysis"], changed["pickup_drop"], changed["photo"]) == (False, True, None)
    assert (await api.ask("PUT", path, admin, json={"service_categories": []})).json()["service_categories"] == []
    for body in ({"service_categories": [1, 2**31 - 1]}, {"name": "Lost", "service_categories": [2**31 - 1]}):
        assert is_refusal(await api.ask("PUT", path, admin, json=body), 404) == ""
    assert (await api.ask("GET", path, admin)).json()["name"] == "Moti Lal"
    unknown = {"name": "M", "dob": "1990-01-01", "service_categories": [2**31 - 1], **unlike()}
    assert is_refusal(await api.ask("POST", "/mechanics/", admin, json=unknown), 404) == ""
    assert (await api.ask("GET", "/mechanics/", admin, params={"q": unknown["email"]})).json() == []


async def test_a_mechanic_changes_their_name_and_birthday_and_nothing_else(api: Api):
    mechanic = await hired(api)
    path = f"/mechanics/{mechanic['id']}"
    answer = await api.ask("PUT", path, mechanic, json={"name": "Moti Lal Jr", "dob": "1991-05-17"})
    assert (answer.status_code, answer.json()["name"], answer.json()["dob"]) == (200, "Moti Lal Jr", "1991-05-17")
    for reserved in ({"pickup_drop": False}, {"service_categories": [1]}, {"photo": None}, unlike()):
        refused = await api.ask("PUT", path, mechanic, json={"name": "Somebody", **reserved})
        assert is_refusal(refused, 403) == ""
        assert all(name in refused.json()["detail"] for name in reserved)
    assert (await api.ask("GET", path, mechanic)).json() == answer.json()


@pytest.mark.parametrize(
    ("born", "status"),
    [
        pytest.param(birthday(18), 201, id="18 today"),
        pytest.param(birthday(18, days=2), 400, id="18 the day after tomorrow"),
        pytest.param(birthday(60), 201, id="60 today"),
        pytest.param(birthday(61, days=2), 201, id="61 the day after tomorrow"),
        pytest.param(birthday(61, days=-1), 400, id="61 yesterday"),
        pytest.param(birthday(0, days=400), 400, id="not born yet"),
        ("0001-01-01", 400),
        ("9999-12-31", 400),
        ("1990-02-30", 422),
        (None, 422),
    ],
)
async def test_a_mechanic_is_18_to_60_years_old(api: Api, born: str | None, status: int):
    body = {"name": "Of Age", "dob": born, **unlike()}
    answer = await api.ask("POST", "/mechanics/", api.card("A"), json=body)
    assert answer.status_code == status, answer.text
    if status == 201:
        path = f"/mechanics/{answer.json()['id']}"
        assert is_refusal(await api.ask("PUT", path, api.card("A"), json={"dob": birthday(17)}), 400) == ""


async def test_without_a_password_nobody_gets_in_and_with_one_at_once(api: Api):
    admin, colleague = api.card("A"), await appointed(api)
    assert await login(api, colleague) == 200
    quiet = {"first_name": "Akhil", "last_name": "Joseph", **unlike()}
    made = await api.ask("POST", "/admins/", admin, json=quiet)
    assert (made.status_code, made.json()["name"], made.json()["role"]) == (201, "Akhil Joseph", "admin")
    assert not {"password", "password_hash"} & made.json().keys()
    assert await login(api, {**quiet, "password": "Secret-123"}) == 401
    weak = await api.ask("POST", "/admins/", admin, json={**quiet, **unlike(), "password": "weak"})
    assert is_refusal(weak, 422) == ""
    path = f"/admins/{made.json()['id']}"
    assert (await api.ask("PUT", path, colleague, json={"last_name": "Jacob"})).json()["name"] == "Akhil Jacob"
    assert (await api.ask("GET", path, colleague)).json()["last_name"] == "Jacob"
    for row in (made.json(), colleague):
        assert (await api.ask("DELETE", f"/admins/{row['id']}", admin)).status_code == 200


async def test_assignment_types_are_the_shops_but_for_those_that_the_lifecycle_needs(api: Api, visits: Visits):
    admin, path = api.card("A"), "/mechanics/assignment_type"
    made = await api.ask("POST", path, admin, json={"name": "Towing"})
    assert (made.status_code, made.json()["name"]) == (201, "Towing")
    own = f"{path}/{made.json()['id']}"
    assert made.json() in (await api.ask("GET", path, api.card("C"))).json()
    for name in ("towing", "Pickup"):
        again = await api.ask("POST", path, admin, json={"name": name})
        assert (again.status_code, again.json()["code"]) == (409, "Duplicate")
    assert (await api.ask("PUT", own, admin, json={"name": "TOWING"})).json()["name"] == "TOWING"
    assert (await api.ask("PUT", own, admin, json={})).json() == {**made.json(), "name": "TOWING"}
    assert is_refusal(await api.ask("PUT", own, admin, json={"name": None}), 422) == ""
    assert is_refusal(await api.ask("PUT", own, admin, json={"name": "drop"}), 409) == ""
    for job in ("pickup", "drop", "service", "analysis"):
        needed = f"{path}/{visits.shop.assignment_type(job)}"
        for answer in (
            await api.ask("PUT", needed, admin, json={"name": "another"}),
            await api.ask("DELETE", needed, admin),
        ):
            assert (answer.status_code, answer.json()["code"]) == (409, "InUse"), job
    body = {"booking_id": visits.booked()[1]["id"], "mechanic_id": api.card("M")["id"]}
    assign = {**body, "assignment_type_id": made.json()["id"]}
    assert is_refusal(await api.ask("POST", "/bookings/admin/assign", admin, json=assign), 400) == ""
    assert (await api.ask("DELETE", own, admin)).status_code == 200
    assert is_refusal(await api.ask("DELETE", own, admin), 404) == ""


async def test_the_printed_sample_of_an_admin_is_answered_as_printed(api: Api):
    sample = {"first_name": "Akhil", "last_name": "Joseph", "email": "akhil@revcare.in", "phone": "9000000001"}
    for row in (await api.ask("GET", "/admins/", api.card("A"), params={"q": sample["phone"]})).json():
        await api.ask("DELETE", f"/admins/{row['id']}", api.card("A"))
    made = await api.http.post(PREFIX + "/admins/", json=sample, headers=await api.token(api.card("A")))
    assert made.status_code == 201, made.text
    row = made.json()
    assert row["id"].startswith("ADM")
    assert {name: row[name] for name in ("first_name", "last_name", "email")} == {
        name: sample[name] for name in ("first_name", "last_name", "email")
    }
    assert (await api.ask("DELETE", f"/admins/{row['id']}", api.card("A"))).status_code == 200


async def test_a_refusal_names_the_field_that_stands_in_the_way(api: Api):
    nina, mira = await api.newcomer(), await api.newcomer()
    path = f"/customers/{nina['id']}"
    for field in ("phone", "email"):
        wish = {field: mira[field], "current_password": nina["password"]}
        taken = await api.ask("PUT", path, nina, json=wish)
        assert is_refusal(taken, 409) == ""
        assert taken.json()["detail"] == f"there is one with the same {field} already"
        assert mira[field] not in taken.text
    address = {"label": "Home", "line1": "1 Lane", "area_id": 99999}
    nowhere = await api.ask("POST", "/address/", nina, json=address)
    assert is_refusal(nowhere, 400) == ""
    assert nowhere.json()["detail"] == "area_id names a row that does not exist"
