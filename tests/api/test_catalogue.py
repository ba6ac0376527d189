"""Services: found by anybody, kept by admins; bookings keep what they were made with."""

import uuid
from typing import Any

import pytest

from tests.api.concurrent import Api, Json, is_refusal
from tests.api.visits import BRAKES, Visits


def title() -> str:
    return f"Zz service {uuid.uuid4().hex[:8]}"


def body(**more: Any) -> Json:
    return {"title": title(), "category_id": 11, "time_hrs": 1.5, "difficulty": 2, **more}


async def made(api: Api, **more: Any) -> Json:
    answer = await api.ask("POST", "/services/", api.card("A"), json=body(**more))
    assert answer.status_code == 201, answer.text
    return answer.json()


async def change(api: Api, service: Json, **fields: Any) -> Json:
    answer = await api.ask("PUT", f"/services/{service['id']}", api.card("A"), json=fields)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def found(api: Api, **params: Any) -> list[str]:
    answer = await api.ask("GET", "/services/", params={"limit": 100, **params})
    assert answer.status_code == 200, answer.text
    return [row["title"] for row in answer.json()]


async def test_a_service_is_added_with_everything_and_read_by_anybody(api: Api):
    whole = body(
        description="Pads and shoes.",
        works=["Pads", "Shoes"],
        warranty_kms=10_000,
        warranty_months=6,
        time_hrs="2.25",
        images=["https://images.example/brakes.jpg"],
        sac="998729",
        price_chart=[{"car_class_id": 2, "price": "1725.50"}, {"car_class_id": 1, "price": 1500}],
        fuel_type_ids=[3, 1],
    )
    made = (await api.ask("POST", "/services/", api.card("A"), json={**whole, "id": 1, "rating_count": 9})).json()
    read = (await api.ask("GET", f"/services/{made['id']}", params={"car_class_id": 2})).json()
    assert read == {**made, "price": "1725.50"}
    assert {name: read[name] for name in whole} == {
        **whole,
        "time_hrs": 2.25,
        "price_chart": [
            {"car_class_id": 1, "car_class": "Hatchback", "price": "1500.00"},
            {"car_class_id": 2, "car_class": "Sedan", "price": "1725.50"},
        ],
        "fuel_type_ids": [1, 3],
    }
    assert (read["category"], read["rating_count"], read["rating_average"]) == ({"id": 11, "name": "Brakes"}, 0, None)
    assert (await api.ask("DELETE", f"/services/{made['id']}", api.card("A"))).status_code == 200
    assert is_refusal(await api.ask("GET", f"/services/{made['id']}"), 404) == ""


async def test_a_service_changes_in_part_and_a_list_as_a_whole(api: Api):
    service = await made(api, works=["One", "Two"], price_chart=[{"car_class_id": 1, "price": "10.00"}])
    assert service["fuel_type_ids"] == [1, 2, 3, 4, 5]
    assert await change(api, service) == service
    assert await change(api, service, difficulty=5) == {**service, "difficulty": 5}
    changed = await change(
        api, service, works=["Three"], price_chart=[{"car_class_id": 4, "price": "7.00"}], fuel_type_ids=None
    )
    assert (changed["works"], changed["fuel_type_ids"], changed["difficulty"]) == (["Three"], [], 5)
    assert changed["price_chart"] == [{"car_class_id": 4, "car_class": "SUV", "price": "7.00"}]
    assert (await change(api, service, description=None, works=None))["works"] == []
    for wrong in ({"title": None}, {"category_id": 2**31 - 1}, {"fuel_type_ids": [2**31 - 1]}, {"time_hrs": None}):
        answer = await api.ask("PUT", f"/services/{service['id']}", api.card("A"), json={"difficulty": 1, **wrong})
        assert is_refusal(answer, 400) == "", wrong
    unknown_class = {"title": title(), "price_chart": [{"car_class_id": 2**31 - 1, "price": 1}]}
    refused = await api.ask("PUT", f"/services/{service['id']}", api.card("A"), json=unknown_class)
    assert is_refusal(refused, 400) == ""
    now = (await api.ask("GET", f"/services/{service['id']}")).json()
    assert (now["title"], now["difficulty"], now["price_chart"]) == (service["title"], 5, changed["price_chart"])
    await api.ask("DELETE", f"/services/{service['id']}", api.card("A"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"difficulty": 0},
        {"difficulty": 6},
        {"time_hrs": 0},
        {"time_hrs": 200.5},
        {"time_hrs": "1.005"},
        {"sac": "99-87"},
        {"warranty_kms": -1},
        {"price_chart": [{"car_class_id": 1, "price": "-1"}]},
        {"price_chart": [{"car_class_id": 1, "price": "1"}, {"car_class_id": 1, "price": "2"}]},
        {"fuel_type_ids": [1, 1]},
        {"images": ["javascript:alert(1)"]},
        {"images": [f"https://images.example/{number}.jpg" for number in range(6)]},
    ],
    ids=str,
)
async def test_a_service_that_cannot_be_is_refused(api: Api, wrong: Json):
    assert is_refusal(await api.ask("POST", "/services/", api.card("A"), json=body(**wrong)), 422) == ""


async def test_a_title_is_one_services_in_any_spelling(api: Api):
    service = await made(api)
    for spelling in (service["title"], service["title"].upper()):
        answer = await api.ask("POST", "/services/", api.card("A"), json=body(title=spelling))
        assert (answer.status_code, answer.json()["code"]) == (409, "Duplicate")
    answer = await api.ask("PUT", "/services/45", api.card("A"), json={"title": service["title"]})
    assert (answer.status_code, answer.json()["code"]) == (409, "Duplicate")
    await api.ask("DELETE", f"/services/{service['id']}", api.card("A"))


async def test_a_price_chart_asks_for_its_own_scope(api: Api):
    roles = (await api.ask("GET", "/rbac/roles", api.card("A"))).json()
    admin = next(role for role in roles if role["name"] == "admin")
    left = sorted(set(admin["scopes"]) - {"WRITE:PRICE_CHART", "UPDATE:PRICE_CHART"})
    # By the API and not in the rows: it answers when every process has heard of it.
    await api.ask("PUT", f"/rbac/roles/{admin['id']}/scopes", api.card("A"), json={"scopes": left})
    try:
        priced = {"price_chart": [{"car_class_id": 1, "price": "1.00"}]}
        refused = [
            await api.ask("POST", "/services/", api.card("A"), json=body(**priced)),
            await api.ask("PUT", "/services/45", api.card("A"), json=priced),
            await api.ask("PUT", "/services/45", api.card("A"), json={"price_chart": []}),
        ]
        service = await made(api)
        await change(api, service, difficulty=3)
        await api.ask("DELETE", f"/services/{service['id']}", api.card("A"))
    finally:
        everything = {"scopes": admin["scopes"]}
        await api.ask("PUT", f"/rbac/roles/{admin['id']}/scopes", api.card("A"), json=everything)
    assert [is_refusal(answer, 403) for answer in refused] == ["", "", ""]
    assert [answer.json()["scope"].split(":")[0] for answer in refused] == ["WRITE", "UPDATE", "UPDATE"]


async def test_a_booking_keeps_its_prices_and_title_whatever_the_chart_says_later(api: Api, visits: Visits):
    service = await made(api, price_chart=[{"car_class_id": number, "price": "900.00"} for number in range(1, 7)])
    wanted = [{"service_id": service["id"]}]
    owner, booking = visits.booked(services=wanted)
    new = [{"car_class_id": number, "price": "1234.00"} for number in range(1, 7)]
    await change(api, service, title=title(), price_chart=new)
    kept = owner.booking(booking["id"])["services"][0]
    assert (kept["title"], kept["estimate"]) == (service["title"], "900.00")
    _, vehicle = visits.car()
    another = {**visits.wish(vehicle, services=wanted), "customer_id": await _owner_of(api, vehicle)}
    made_now = (await api.ask("POST", "/bookings/", api.card("A"), json=another)).json()
    assert made_now["services"][0]["estimate"] == "1234.00"
    refused = await api.ask("DELETE", f"/services/{service['id']}", api.card("A"))
    assert (refused.status_code, refused.json()["code"]) == (409, "InUse")
    assert "price_chart" in refused.json()["detail"]
    await change(api, service, price_chart=[])
    _, third = visits.car()
    withdrawn = {**visits.wish(third, services=wanted), "customer_id": await _owner_of(api, third)}
    assert is_refusal(await api.ask("POST", "/bookings/", api.card("A"), json=withdrawn), 400) == ""
    await change(api, service, price_chart=new)


async def _owner_of(api: Api, vehicle: int) -> str:
    return str(await api.rows.fetchval("SELECT customer_id FROM customer_cars WHERE id = $1", vehicle))


async def test_a_search_finds_all_words_in_any_order_in_title_or_description(api: Api):
    both = await made(api, description="Xylophone tuned; zebra crossing")
    one = await made(api, description="Xylophone only")
    assert set(await found(api, q="xylophone")) == {both["title"], one["title"]}
    for query in ("zebra xylophone", "XYLO  zebra", f"{both['title']} crossing", " zebra "):
        assert await found(api, q=query) == [both["title"]], query
    assert await found(api, q="xylophone giraffe") == []
    for service in (both, one):
        await api.ask("DELETE", f"/services/{service['id']}", api.card("A"))


async def test_a_search_with_a_combining_accent_finds_the_composed_character(api: Api):
    cafe = await made(api, description="Caf\u00e9 racer conversion")
    assert await found(api, q="cafe\u0301") == [cafe["title"]]
    await api.ask("DELETE", f"/services/{cafe['id']}", api.card("A"))


async def test_wildcards_and_quotes_in_a_search_mean_themselves(api: Api):
    everything = len(await found(api))
    odd = await made(api, description=r"100% under_score back\slash 'quoted' [a-z]+")
    for query in ("%", "_", "\\", "'", "[a-z]+", "100%", "under_score"):
        assert await found(api, q=query) == [odd["title"]], query
    for query in ("%%", "u_der", "1%0", ".*", "' OR 1=1 --"):
        assert await found(api, q=query) == [], query
    assert len(await found(api, q="")) == everything + 1
    await api.ask("DELETE", f"/services/{odd['id']}", api.card("A"))


async def test_services_are_sorted_by_title_and_price(api: Api):
    titles = await found(api, sort="title")
    assert titles == sorted(titles, key=str.lower)
    for sort, dear_first in (("price", False), ("-price", True)):
        params = {"sort": sort, "car_class_id": 2, "limit": 100}
        rows = (await api.ask("GET", "/services/", params=params)).json()
        prices = [float(row["price"]) for row in rows if row["price"]]
        assert prices == sorted(prices, reverse=dear_first)
        assert [row["price"] for row in rows if row["price"]] == [row["price"] for row in rows[: len(prices)]]
    assert is_refusal(await api.ask("GET", "/services/", params={"sort": "id; DROP TABLE services"}), 422) == ""


async def test_the_demo_service_is_the_one_of_the_documents(api: Api):
    assert (await api.ask("GET", "/services/45")).json()["title"] == BRAKES
