"""Reviews: of work that was delivered, one per customer and service; read by everybody, moderated by admins."""

from typing import Any

import pytest

from tests.api.concurrent import Api, Json, is_refusal
from tests.api.visits import Visits

Visit = tuple[Json, int]


@pytest.fixture(scope="module")
def visit(visits: Visits) -> Visit:
    """A customer and the service that was done for them."""
    owner, booking = visits.delivered(recommended="Gear oil change")
    return owner.card, booking["services"][0]["service_id"]


@pytest.fixture
async def review(api: Api, visit: Visit):
    """Their review, gone afterwards."""
    customer, service = visit
    words = {"rating": 4, "review": "Quiet again.", "images": ["https://images.example/pads.jpg"]}
    answer = await api.ask("POST", "/services/review", customer, json={"service_id": service, **words})
    assert answer.status_code == 201, answer.text
    yield answer.json()
    await api.ask("DELETE", f"/services/review/{service}", customer)


async def shown(api: Api, service: int, card: Json | None = None) -> tuple[list[Json], str, str]:
    answer = await api.ask("GET", f"/services/review/{service}", card)
    assert answer.status_code == 200, answer.text
    return answer.json(), answer.headers["x-rating-average"], answer.headers["x-rating-count"]


async def test_everybody_reads_a_review_with_a_first_name_and_no_more_of_its_writer(api: Api, visit: Visit, review):
    customer, service = visit
    rows, average, count = await shown(api, service)
    assert (average, count) == ("4.00", "1")
    assert set(rows[0]) == {"service_id", "reviewer", "rating", "review", "images", "created_at"}
    assert (rows[0]["reviewer"], rows[0]["rating"]) == (customer["name"].split()[0], 4)
    for reader, knows in ((api.card("M"), False), (customer, True), (api.card("A"), True)):
        assert ("customer_id" in (await shown(api, service, reader))[0][0]) is knows
    row = (await api.ask("GET", f"/services/{service}")).json()
    assert (row["rating_average"], row["rating_count"]) == (4.0, 1)
    assert (await api.ask("GET", "/services/", params={"sort": "-rating", "limit": 1})).json()[0]["id"] == service


async def test_a_service_without_reviews_says_so_and_an_unknown_one_is_not_found(api: Api):
    assert await shown(api, 1) == ([], "0.00", "0")
    assert is_refusal(await api.ask("GET", "/services/review/2147483647"), 404) == ""


async def test_one_review_per_customer_and_service(api: Api, visit: Visit, review):
    customer, service = visit
    again = await api.ask("POST", "/services/review", customer, json={"service_id": service, "rating": 1})
    assert (again.status_code, again.json()["code"]) == (409, "Duplicate")
    assert (await shown(api, service))[0][0]["rating"] == 4


async def test_only_who_has_had_the_service_reviews_it(api: Api, visits: Visits, visit: Visit):
    customer, service = visit
    declined = visits.shop.service("Gear oil change")
    other = next(card for card in api.people["customers"] if card["id"] != customer["id"])
    visits.booked(services=[{"service_id": service}])
    newcomer = await api.newcomer()
    for card, about in ((newcomer, service), (customer, declined), (customer, 1)):
        answer = await api.ask("POST", "/services/review", card, json={"service_id": about, "rating": 5})
        assert (answer.status_code, answer.json()["code"]) == (409, "NotDelivered")
    named = {"service_id": service, "rating": 5, "customer_id": customer["id"]}
    assert (await api.ask("POST", "/services/review", other, json=named)).json()["code"] == "NotYours"
    assert (
        is_refusal(await api.ask("POST", "/services/review", api.card("A"), json={**named, "customer_id": None}), 400)
        == ""
    )
    missing = await api.ask("POST", "/services/review", customer, json={"service_id": 2**31 - 1, "rating": 5})
    assert is_refusal(missing, 404) == ""


async def test_a_review_changes_in_part_and_by_its_writer_alone(api: Api, visit: Visit, review):
    customer, service = visit
    path, other = f"/services/review/{service}", await api.newcomer()
    changed = (await api.ask("PUT", path, customer, json={"rating": 5, "customer_id": "CST000001"})).json()
    assert changed == {**review, "rating": 5}
    assert (await api.ask("PUT", path, customer, json={})).json() == changed
    assert (await api.ask("PUT", path, customer, json={"review": None, "images": None})).json()["review"] == ""
    assert is_refusal(await api.ask("PUT", path, customer, json={"rating": None}), 400) == ""
    for method in ("PUT", "DELETE"):
        body: dict[str, Any] = {"json": {"rating": 1}} if method == "PUT" else {}
        assert is_refusal(await api.ask(method, path, other, **body), 404) == ""
        params = {"customer_id": customer["id"]}
        theirs = await api.ask(method, path, other, params=params, **body)
        assert (theirs.status_code, theirs.json()["code"]) == (403, "NotYours")
    assert (await shown(api, service))[0][0]["rating"] == 5


async def test_an_admin_moderates_and_must_say_whose_review(api: Api, visit: Visit, review):
    customer, service = visit
    path, whose = f"/services/review/{service}", {"customer_id": customer["id"]}
    assert is_refusal(await api.ask("PUT", path, api.card("A"), json={"review": ""}), 400) == ""
    edited = await api.ask("PUT", path, api.card("A"), params=whose, json={"review": "(removed)", "images": []})
    assert edited.json() == {**review, "review": "(removed)", "images": []}
    assert (await api.ask("DELETE", path, api.card("A"), params=whose)).status_code == 200
    assert (await shown(api, service))[0] == []
    assert is_refusal(await api.ask("DELETE", path, api.card("A"), params=whose), 404) == ""
    written = {"service_id": service, "rating": 3, "review": "Said in the shop", **whose}
    answer = await api.ask("POST", "/services/review", api.card("A"), json=written)
    assert (answer.status_code, answer.json()["customer_id"]) == (201, customer["id"])
