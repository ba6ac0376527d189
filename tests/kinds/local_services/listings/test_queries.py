"""What a search is narrowed to, by its address alone."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import Depends, FastAPI

from api import errors
from domain.errors import TooMany
from kinds.local_services.api.queries import Free, ListingSearch, ProviderSearch
from kinds.local_services.api.search_limit import Searches, count_search
from kinds.local_services.settings import LocalServicesSettings
from tests.addresses import new_address


@pytest.fixture(scope="module")
def app() -> FastAPI:
    app = FastAPI()
    app.state.policy = LocalServicesSettings(searches_per_minute=20)
    errors.install(app)

    @app.get("/listings", dependencies=[Depends(count_search)])
    async def listings(search: ListingSearch, free: Free) -> dict[str, Any]:
        return {"at": free and free.at.isoformat(), "duration": free and free.duration, **search.given()}

    @app.get("/providers")
    async def providers(search: ProviderSearch) -> dict[str, Any]:
        return search.given()

    return app


@pytest.fixture
async def http(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody at an address of their own: searches are counted."""
    transport = httpx.ASGITransport(app, client=(new_address(), 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://market") as client:
        yield client


@pytest.mark.parametrize(
    "query", ["rating>=4", "rating%3E=4", "rating%3E%3D4", "rating%3E%3D=4", "min_rating=4", "rating>=4&min_rating=3"]
)
async def test_a_least_rating_is_read_in_each_of_its_spellings(http: httpx.AsyncClient, query: str):
    for path in ("/providers", "/listings"):
        assert (await http.get(f"{path}?{query}")).json()["rating"] == 4


@pytest.mark.parametrize("number", ["5.1", "-1", "nan", "inf", "four", "%3D4"])
@pytest.mark.parametrize("name", ["rating>=", "rating%3E%3D", "min_rating="])
async def test_what_is_no_rating_is_refused_in_each_spelling(http: httpx.AsyncClient, name: str, number: str):
    answer = await http.get(f"/providers?{name}{number}")
    assert (answer.status_code, answer.json()["code"]) == (422, "ShapeMismatch")


async def test_parameters_without_a_value_are_not_asked_for(http: httpx.AsyncClient):
    assert (await http.get("/providers?category=&location=&rating>=")).json() == {}
    assert (await http.get("/listings?q=&min_price=&available_at=%20&pricing_unit=")).json() == {
        "at": None,
        "duration": None,
    }


async def test_two_numbers_are_a_point_and_anything_else_is_a_label(http: httpx.AsyncClient):
    for said in ("18.5204,73.8567", " 18.5204 , +73.8567 "):
        assert (await http.get("/providers", params={"location": said})).json() == {"lat": 18.5204, "lng": 73.8567}
    for said in ("Pune", "18.5", "18.5,73.8,1", "nan,nan"):
        assert (await http.get("/providers", params={"location": said})).json() == {"label": said}


@pytest.mark.parametrize("location", ["91,0", "0,180.5", "-90.01,0", "1000,1000"])
async def test_a_point_outside_the_globe_is_refused(http: httpx.AsyncClient, location: str):
    assert (await http.get("/providers", params={"location": location})).status_code == 422


@pytest.mark.parametrize(
    ("said", "at"),
    [
        ("2026-12-12", "2026-12-12"),
        ("2026-12-12T09:00:00+05:30", "2026-12-12T03:30:00+00:00"),
        ("2026-12-12T03:30:00Z", "2026-12-12T03:30:00+00:00"),
    ],
)
async def test_free_time_is_asked_for_by_a_date_or_a_time_with_zone(http: httpx.AsyncClient, said: str, at: str):
    for address in (f"/listings?available_at={said}", httpx.URL("/listings", params={"available_at": said})):
        answer = (await http.get(address)).json()
        assert (answer["at"], answer["duration"]) == (at, "PT1H")


@pytest.mark.parametrize(
    "query",
    [
        {"available_at": "2026-12-12T09:00:00"},
        {"available_at": "0001-01-01"},
        {"available_at": "9999-12-31T23:59:59-12:00"},
        {"available_at": "2026-02-30"},
        {"available_at": "tomorrow"},
        {"available_at": "2026-12-12", "duration_hours": "0.25"},
        {"available_at": "2026-12-12", "duration_hours": "1.1"},
        {"available_at": "2026-12-12", "duration_hours": "25"},
        {"min_price": "-1"},
        {"min_price": "1e3"},
        {"within_km": "0"},
        {"within_km": "inf"},
        {"pricing_unit": "DAY"},
        {"q": "w" * 201},
    ],
)
async def test_what_cannot_be_meant_is_refused(http: httpx.AsyncClient, query: dict[str, str]):
    assert (await http.get("/listings", params=query)).status_code == 422


async def test_an_address_searches_so_often_in_a_minute(http: httpx.AsyncClient):
    answers = [await http.get("/listings") for _ in range(21)]
    assert [answer.status_code for answer in answers] == [200] * 20 + [429]
    assert 55 <= int(answers[-1].headers["Retry-After"]) <= 60


def test_a_minute_of_searches_begins_with_the_first_and_others_are_counted_apart():
    searches = Searches()
    for at in (0.0, 10.0):
        searches.count("one", 2, at)
    searches.count("other", 2, 10.0)
    with pytest.raises(TooMany) as refused:
        searches.count("one", 2, 30.0)
    assert refused.value.data["retry_after"] == timedelta(seconds=30).seconds
    searches.count("one", 2, 60.0)
