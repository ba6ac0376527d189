"""The service history of a car, as its owner reads it."""

import re
from datetime import date

import pytest

from tests.api.concurrent import Api, Json, is_refusal
from tests.api.visits import Visits

Visit = tuple[Json, Json]


@pytest.fixture(scope="module")
def visit(visits: Visits) -> Visit:
    """A customer and a visit that is over; what was recommended is declined."""
    owner, booking = visits.delivered(recommended="Gear oil change")
    return owner.card, booking


async def history(api: Api, car: int, card: Json, **params: int) -> list[Json]:
    answer = await api.ask("GET", f"/car/{car}/history", card, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_an_owner_reads_what_was_done_by_whom_for_how_much_and_until_when_it_is_warranted(api: Api, visit: Visit):
    owner, booking = visit
    (entry,) = await history(api, booking["vehicle"]["id"], owner)
    assert (entry["booking_id"], entry["status"]) == (booking["id"], "delivered")
    assert entry["delivered_at"] == booking["completed_at"]
    (done,) = entry["services"]
    (line, *_) = booking["services"]
    assert (done["title"], done["price"], done["amount"]) == (line["title"], line["price"], line["price"])
    assert done["works"] == ["Pads replaced", "Pins greased", "Bedded in"]
    day, until = (date.fromisoformat(text) for text in (entry["date"], done["warranty_until"]))
    assert (until.year * 12 + until.month) - (day.year * 12 + day.month) == 6
    assert [each["title"] for each in entry["not_done"]] == ["Gear oil change"]
    assert entry["recommendation"] == "Do the recommended work within a month."
    jobs = {each["id"]: each["jobs"] for each in entry["mechanics"]}
    assert sorted(job for each in jobs.values() for job in each) == ["analysis", "service"]
    assert all(set(each) == {"id", "name", "photo", "jobs"} for each in entry["mechanics"])
    assert entry["total"] == booking["totals"]["total"] == entry["invoice"]["total"]
    assert {name: entry["invoice"][name] for name in ("number", "url")} == {
        name: booking["invoice"][name] for name in ("number", "url")
    }
    printed = await api.ask("GET", entry["invoice"]["url"], owner)
    assert printed.headers["content-type"] == "application/pdf"


async def test_a_later_name_of_a_service_does_not_rewrite_the_history(api: Api, visit: Visit):
    owner, booking = visit
    path = f"/services/{booking['services'][0]['service_id']}"
    before = (await api.ask("GET", path)).json()["title"]
    await api.ask("PUT", path, api.card("A"), json={"title": "Another name"})
    try:
        (entry,) = await history(api, booking["vehicle"]["id"], owner)
    finally:
        await api.ask("PUT", path, api.card("A"), json={"title": before})
    assert entry["services"][0]["title"] == before


async def test_what_is_not_done_yet_is_no_history_and_the_newest_visit_comes_first(
    api: Api, visits: Visits, visit: Visit
):
    owner, booking = visit
    car = booking["vehicle"]["id"]
    customer = next(each for each in visits.shop.customers if each.id == owner["id"])
    open_one = customer.post("/bookings/", visits.wish(car))
    assert [entry["booking_id"] for entry in await history(api, car, owner)] == [booking["id"]]
    customer.cancel(open_one["id"], "changed my mind")
    assert [entry["booking_id"] for entry in await history(api, car, owner)] == [booking["id"]]
    second = visits.delivered(of=(customer, car))[1]
    assert [entry["booking_id"] for entry in await history(api, car, owner)] == [second["id"], booking["id"]]
    answer = await api.ask("GET", f"/car/{car}/history", owner, params={"limit": 1, "offset": 1})
    assert [entry["booking_id"] for entry in answer.json()] == [booking["id"]]
    assert answer.headers["x-total-count"] == "2"
    assert re.search(r'offset=0>; rel="prev"', answer.headers["link"])


async def test_nobody_but_the_owner_and_admins_reads_it(api: Api, visits: Visits, visit: Visit):
    owner, booking = visit
    car = booking["vehicle"]["id"]
    mechanic = next(
        each.card for each in visits.shop.mechanics if each.id == booking["assignments"][0]["mechanic"]["id"]
    )
    other = next(card for card in api.people["customers"] if card["id"] != owner["id"])
    for card in (other, mechanic):
        theirs = await api.ask("GET", f"/car/{car}/history", card)
        missing = await api.ask("GET", "/car/2147483647/history", card)
        assert is_refusal(theirs, 404) == ""
        assert theirs.text == missing.text.replace("2147483647", str(car))
    assert await history(api, car, api.card("A")) == await history(api, car, owner)


async def test_a_car_that_never_was_here_has_an_empty_history(api: Api, visits: Visits):
    owner, car = visits.car()
    assert await history(api, car, owner.card) == []
