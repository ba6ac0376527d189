"""A new customer: registers, logs in, adds a car and an address, books."""

import uuid

import pytest

from tests.api.concurrent import Api, Json, is_refusal


@pytest.fixture(scope="module")
async def nina(api: Api) -> Json:
    return await api.newcomer()


def plate() -> str:
    return f"KA{uuid.uuid4().int % 10**8:08}"


async def model(api: Api, fuel: str = "Petrol") -> int:
    rows = (await api.ask("GET", "/car/models", params={"limit": 100})).json()
    return next(row["id"] for row in rows if row["fuel_type"]["name"] == fuel)


async def add_car(api: Api, card: Json, **more: object) -> Json:
    body = {"registration_number": plate(), "car_model_id": await model(api), **more}
    answer = await api.ask("POST", "/car/", card, json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_from_registration_to_the_first_booking(api: Api, nina: Json):
    (me,) = (await api.ask("GET", "/customers/", nina)).json()
    assert (me["id"], me["name"], me["first_name"], me["last_name"]) == (nina["id"], "Nina New", "Nina", "New")
    car = await add_car(api, nina)
    assert (car["customer_id"], car["car_model"]["fuel_type"]["name"]) == (nina["id"], "Petrol")
    home = {"label": "Home", "line1": "1 New Street", "line2": None, "area_id": 1}
    address = (await api.ask("POST", "/address/", nina, json=home)).json()
    assert (address["customer_id"], address["area"]["id"]) == (nina["id"], 1)
    wish = {"vehicle_id": car["id"], "services": [{"service_id": 45}]}
    answer = await api.ask("POST", "/bookings/", nina, json=wish)
    booking = answer.json()
    assert answer.status_code == 201, answer.text
    assert (booking["customer"]["id"], booking["status"]) == (nina["id"], "booked")
    assert booking["pickup"]["address"]["line1"] == "1 New Street"
    refused = await api.ask("DELETE", f"/car/{car['id']}", nina)
    assert (refused.status_code, refused.json()["code"]) == (409, "InUse")
    assert (await api.ask("PUT", f"/bookings/{booking['id']}/cancel", nina, json={})).json()["status"] == "cancelled"


async def test_the_whole_way_of_a_newcomer_from_the_catalogue_over_the_cart_to_the_booking(api: Api):
    number = uuid.uuid4().int % 10**9
    body = {"first_name": "Omar", "last_name": "Whole", "phone": f"7{number:09}", "password": "Secret-123"}
    made = await api.ask("POST", "/customers/", json={**body, "email": f"omar{number}@example.com"})
    assert made.status_code == 201, made.text
    omar = {**body, "id": made.json()["id"]}  # logs in with the first request
    car = await add_car(api, omar)
    home = {"label": "Home", "line1": "3 Whole Way", "area_id": (await api.ask("GET", "/address/area")).json()[0]["id"]}
    assert (await api.ask("POST", "/address/", omar, json=home)).status_code == 201

    of_car = {"car_class_id": car["car_model"]["car_class"]["id"], "fuel_type_id": car["car_model"]["fuel_type"]["id"]}
    offered = (await api.ask("GET", "/services/", params={"q": "brake", **of_car})).json()
    prices = {row["id"]: row["price"] for row in offered[:2]}
    liked = next(iter(prices))
    assert (await api.ask("POST", f"/customers/favourite/{liked}", omar)).status_code == 201
    for service in prices:
        assert (await api.ask("POST", f"/customers/cart/{service}", omar)).status_code == 201
    cart = (await api.ask("GET", "/customers/cart", omar)).json()
    assert [row["service"]["id"] for row in cart] == list(prices)

    wish = {"vehicle_id": car["id"], "services": [{"service_id": row["service_id"], "quantity": 1} for row in cart]}
    booked = await api.ask("POST", "/bookings/", omar, json=wish)
    assert booked.status_code == 201, booked.text
    seen = (await api.ask("GET", f"/bookings/{booked.json()['id']}", omar)).json()
    assert (seen["status"], seen["customer"]["name"]) == ("booked", "Omar Whole")
    assert seen["pickup"]["address"]["line1"] == "3 Whole Way"
    assert {line["service_id"]: line["estimate"] for line in seen["services"]} == prices
    assert [row["id"] for row in (await api.ask("GET", "/bookings/customer", omar)).json()] == [seen["id"]]
    for service in prices:
        assert (await api.ask("DELETE", f"/customers/cart/{service}", omar)).status_code == 200
    assert (await api.ask("GET", "/customers/cart", omar)).json() == []
    assert [row["service_id"] for row in (await api.ask("GET", "/customers/favourite", omar)).json()] == [liked]


@pytest.mark.parametrize("taken", ["phone", "email"])
async def test_a_phone_or_mail_address_is_one_customers(api: Api, nina: Json, taken: str):
    fresh = {"first_name": "Other", "phone": f"8{uuid.uuid4().int % 10**9:09}", "password": "Secret-123"}
    fresh["email"] = f"{uuid.uuid4().hex}@example.com"
    again = {**fresh, taken: f"+91 {nina[taken]}" if taken == "phone" else nina[taken].upper()}
    answer = await api.ask("POST", "/customers/", json=again)
    assert is_refusal(answer, 409) == ""
    assert answer.json()["code"] == "Duplicate"


@pytest.mark.parametrize(
    "change",
    [
        {"phone": "5000000000"},
        {"phone": "98413853791"},
        {"phone": "९८४१३८५३७९"},
        {"email": "a@b"},
        {"email": "a@b.com\r\nBcc: c@d.com"},
        {"email": "nina example@example.com"},
        {"password": "Sh0rt"},
        {"password": "password123"},
        {"password": "QWERTYUIOP"},
        {"password": "zzzzzzzzzzzz"},
        {"name": "  "},
        {"name": None},
        {"name": "x" * 201},
    ],
    ids=str,
)
async def test_a_registration_that_cannot_be_is_refused(api: Api, change: Json):
    body = {"name": "Some Body", "phone": "6999999999", "email": "some@example.com", "password": "Secret-123", **change}
    assert is_refusal(await api.ask("POST", "/customers/", json=body), 422) == ""


async def test_nobody_registers_as_somebody_else(api: Api):
    number = uuid.uuid4().int % 10**9
    body = {"name": "Sly", "phone": f"6{number:09}", "email": f"sly{number}@example.com", "password": "Secret-123"}
    more = {"role": "admin", "role_id": 1, "id": "ADM000099", "password_hash": "x", "deleted_at": None}
    made = (await api.ask("POST", "/customers/", json={**body, **more})).json()
    assert made["id"].startswith("CST")
    assert made["role"] == "customer"
    assert not {"password", "password_hash"} & made.keys()


async def test_a_plate_is_the_same_in_any_spelling(api: Api, nina: Json):
    digits = f"{uuid.uuid4().int % 10**4:04}"
    car = await add_car(api, nina, registration_number=f"tn {digits[:2]}-zx {digits}")
    assert car["registration_number"] == f"TN{digits[:2]}ZX{digits}"
    another = await api.newcomer()
    for spelling in (car["registration_number"], f"tn{digits[:2]}zx{digits}", f" TN-{digits[:2]} ZX-{digits} "):
        body = {"reg_number": spelling, "car_id": await model(api)}
        answer = await api.ask("POST", "/car/", another, json=body)
        assert (answer.status_code, answer.json()["code"]) == (409, "Duplicate"), spelling
    assert (await api.ask("DELETE", f"/car/{car['id']}", nina)).status_code == 200
    assert (await api.ask("POST", "/car/", another, json=body)).status_code == 201


async def test_a_car_changes_in_part(api: Api, nina: Json):
    car = await add_car(api, nina)
    path, new = f"/car/{car['id']}", plate()
    changed = (await api.ask("PUT", path, nina, json={"registration_number": new, "customer_id": "CST000210"})).json()
    assert changed == {**car, "registration_number": new}
    assert (await api.ask("PUT", path, nina, json={})).json() == changed
    assert is_refusal(await api.ask("PUT", path, nina, json={"registration_number": None}), 400) == ""
    assert is_refusal(await api.ask("PUT", path, nina, json={"car_model_id": 2**31 - 1}), 400) == ""
    assert (await api.ask("GET", path, nina)).json() == changed


async def test_an_address_changes_in_part_and_null_clears_the_second_line(api: Api, nina: Json):
    body = {"label": "Work", "line1": "2 Mill Road", "line2": "Floor 3", "area_id": 2}
    address = (await api.ask("POST", "/address/", nina, json=body)).json()
    path = f"/address/{address['id']}"
    assert (await api.ask("PUT", path, nina, json={"label": "Office"})).json() == {**address, "label": "Office"}
    assert (await api.ask("PUT", path, nina, json={"line2": None})).json()["line2"] is None
    assert is_refusal(await api.ask("PUT", path, nina, json={"line1": None}), 400) == ""
    assert is_refusal(await api.ask("PUT", path, nina, json={"area_id": 2**31 - 1}), 400) == ""
    assert (await api.ask("DELETE", path, nina)).status_code == 200
    assert is_refusal(await api.ask("PUT", path, nina, json={"label": "Gone"}), 404) == ""


async def test_an_admin_adds_for_a_customer_and_must_say_for_whom(api: Api, nina: Json):
    admin = api.card("A")
    car = await add_car(api, admin, customer_id=nina["id"])
    assert car["customer_id"] == nina["id"]
    body = {"registration_number": plate(), "car_model_id": 1}
    assert is_refusal(await api.ask("POST", "/car/", admin, json=body), 400) == ""
    assert is_refusal(await api.ask("POST", "/car/", admin, json={**body, "customer_id": "CST999999"}), 404) == ""


async def test_ten_registrations_with_one_phone_at_once_make_one_customer(api: Api):
    number = uuid.uuid4().int % 10**9
    body = {"name": "Ten Times", "phone": f"9{number:09}", "password": "Secret-123"}
    answers = await api.all(
        api.ask("POST", "/customers/", json={**body, "email": f"ten{number}.{turn}@example.com"}) for turn in range(10)
    )
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 9
