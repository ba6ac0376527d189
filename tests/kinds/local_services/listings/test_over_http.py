"""Categories, listings, pictures and free time over HTTP, with the windows as they are shipped."""

import io
import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from PIL import Image

from devstack.stack import Stack
from tests.api_beside import api_beside
from tests.kinds.local_services.listings.over_http import AS_USUAL, Person, Town

PUNE = {"label": "Pune", "lat": 18.5204, "lng": 73.8567, "radius_km": 15}
LISTING = {"title": "Deep clean", "pricing_unit": "HOUR", "base_price": "450.00"}


@pytest.fixture(scope="module")
def market(stack: Stack) -> Iterator[Town]:
    with api_beside(stack, AS_USUAL) as url:
        town = Town(stack, url)
        yield town
        town.http.close()


@pytest.fixture(scope="module")
def provider(market: Town) -> Person:
    return market.provider()


@pytest.fixture(scope="module")
def seeker(market: Town) -> Person:
    return market.person("SERVICE_SEEKER")


@pytest.fixture
def category(market: Town) -> dict[str, Any]:
    return market.admin.does("POST", "/services/categories", 201, json={"name": f"Category {uuid.uuid4().hex[:8]}"})


def _offered(provider: Person, category: dict[str, Any], **given: Any) -> dict[str, Any]:
    return provider.does("POST", "/services/listings", 201, json={**LISTING, "category_id": category["id"], **given})


def _refusals(person: Person, method: str, path: str, bodies: list[Any]) -> list[tuple[int, str]]:
    answers = [person.ask(method, path, json=body) for body in bodies]
    return [(answer.status_code, answer.json()["code"]) for answer in answers]


def _found(market: Town, **query: Any) -> list[int]:
    return [row["id"] for row in market.http.get("/services/listings", params=query).json()]


def test_categories_are_kept_by_admins_and_read_by_everybody(market: Town, provider: Person, category: dict[str, Any]):
    defaults = {"description": "", "icon": None, "sac": "999799", "platform_pays_gst": False}
    assert category == {"id": category["id"], "name": category["name"], **defaults}
    assert category in market.http.get("/services/categories", params={"limit": 100}).json()
    again = {"name": category["name"].upper()}
    bodies = [again, {"name": ""}, {"name": "x", "icon": "No Icon"}, {"name": "x", "sac": "12"}, {}]
    refused = _refusals(market.admin, "POST", "/services/categories", bodies)
    assert refused == [(409, "Duplicate"), *[(422, "ShapeMismatch")] * 4]
    path = f"/services/categories/{category['id']}"
    changed = market.admin.does("PATCH", path, json={"icon": "wrench", "platform_pays_gst": True})
    assert changed == {**category, "icon": "wrench", "platform_pays_gst": True}
    assert _refusals(market.admin, "PATCH", path, [{"name": None}, {"sac": None}]) == [(422, "ShapeMismatch")] * 2
    for method in ("PATCH", "DELETE"):
        assert provider.ask(method, path, json={}).status_code == 403
    assert provider.ask("POST", "/services/categories", json={"name": "Mine"}).status_code == 403
    listing = _offered(provider, category)
    assert market.admin.ask("DELETE", path).json()["code"] == "InUse"
    assert listing["category"] == {"id": category["id"], "name": category["name"], "icon": "wrench"}
    other = market.admin.does("POST", "/services/categories", 201, json={"name": f"Other {uuid.uuid4().hex[:8]}"})
    market.admin.does("DELETE", f"/services/categories/{other['id']}")
    assert market.admin.ask("DELETE", f"/services/categories/{other['id']}").status_code == 404


def test_a_listing_needs_a_category_a_title_a_unit_and_its_price(market: Town, provider: Person, category):
    made = _offered(provider, category)
    defaults = {"description": "", "pricing_options": [], "coverage_area": None, "is_active": True, "min_hours": None}
    assert {name: made[name] for name in defaults} == defaults
    assert (made["provider_id"], made["base_price"], made["cover_image_url"]) == (provider.id, "450.00", None)
    assert market.http.get(f"/services/listings/{made['id']}").json() == made
    whole = {**LISTING, "category_id": category["id"]}
    wrong = [
        *({**whole, **part} for part in ({"title": "ab"}, {"base_price": "0.99"}, {"base_price": "1000000.01"})),
        *({**whole, **part} for part in ({"pricing_unit": "QUOTE"}, {"base_price": None}, {"pricing_unit": "DAY"})),
        *({**whole, **part} for part in ({"min_hours": 0.3}, {"min_hours": 25}, {"description": "d" * 5001})),
        *({**whole, "coverage_area": {**PUNE, **part}} for part in ({"lat": 91}, {"radius_km": 0.4}, {"lng": "73"})),
        {**whole, "pricing_unit": "FIXED", "min_hours": 2},
        {**whole, "pricing_options": [{"name": "Windows", "price": "1.00"}] * 11},
        {**whole, "cover_image_url": "https://elsewhere.example/a.jpg"},
        {name: value for name, value in whole.items() if name != "title"},
    ]
    assert _refusals(provider, "POST", "/services/listings", wrong) == [(422, "ShapeMismatch")] * len(wrong)
    unknown = {**whole, "category_id": 2_000_000_000}
    assert _refusals(provider, "POST", "/services/listings", [unknown]) == [(404, "NotFound")]


def test_numbers_that_json_does_not_know_are_refused(market: Town, provider: Person, category):
    body = f'{{"category_id": {category["id"]}, "title": "Deep clean", "pricing_unit": "QUOTE", "coverage_area":'
    body += ' {"label": "x", "lat": NaN, "lng": Infinity, "radius_km": 5}}'
    headers = {"Content-Type": "application/json"}
    assert provider.ask("POST", "/services/listings", content=body, headers=headers).status_code in (400, 422)


def test_a_listing_changes_in_part_and_what_its_unit_has_not_goes(market: Town, provider: Person, category):
    options = [{"name": "Windows", "price": "200.00"}, {"name": "Balcony", "price": "50.5"}]
    made = _offered(provider, category, min_hours=2, pricing_options=options, coverage_area=PUNE)
    assert made["pricing_options"] == [
        {"id": 1, "name": "Windows", "price": "200.00"},
        {"id": 2, "name": "Balcony", "price": "50.50"},
    ]
    path = f"/services/listings/{made['id']}"
    changed = provider.does("PATCH", path, json={"title": "Deeper clean"})
    assert changed == {**made, "title": "Deeper clean", "updated_at": changed["updated_at"]}
    kept = [{**made["pricing_options"][1]}, {"name": "Fridge", "price": "99.00"}]
    changed = provider.does("PATCH", path, json={"pricing_options": kept, "pricing_unit": "FIXED"})
    assert [each["id"] for each in changed["pricing_options"]] == [2, 3]
    assert (changed["min_hours"], changed["base_price"]) == (None, "450.00")
    changed = provider.does("PATCH", path, json={"pricing_unit": "QUOTE", "coverage_area": None})
    assert (changed["base_price"], changed["coverage_area"]) == (None, None)
    wrong = [{"pricing_unit": "HOUR"}, {"base_price": "1.00"}, {"min_hours": 1}, {"title": None}, {"is_active": None}]
    assert _refusals(provider, "PATCH", path, wrong) == [(422, "ShapeMismatch")] * len(wrong)


def test_only_its_provider_and_admins_write_a_listing(market: Town, provider: Person, seeker: Person, category):
    path = f"/services/listings/{_offered(provider, category)['id']}"
    other = market.provider()
    for method in ("PATCH", "DELETE"):
        assert other.ask(method, path, json={"title": "Mine now"}).status_code == 404
        assert seeker.ask(method, path, json={"title": "Mine now"}).status_code == 403
        assert market.http.request(method, path, json={"title": "Mine now"}).status_code == 401
    body = {**LISTING, "category_id": category["id"]}
    assert _refusals(market.admin, "POST", "/services/listings", [body]) == [(422, "ShapeMismatch")]
    nobody = {**body, "provider_id": seeker.id}
    assert _refusals(market.admin, "POST", "/services/listings", [nobody]) == [(404, "NotFound")]
    made = market.admin.does("POST", "/services/listings", 201, json={**body, "provider_id": provider.id})
    assert made["provider_id"] == provider.id
    assert market.admin.does("PATCH", path, json={"title": "By the house"})["title"] == "By the house"


def test_who_has_not_verified_the_phone_offers_nothing(market: Town, category):
    newcomer = market.provider(verified=False)
    refused = newcomer.ask("POST", "/services/listings", json={**LISTING, "category_id": category["id"]})
    assert (refused.status_code, refused.json()["code"]) == (403, "PhoneNotVerified")


def test_a_listing_that_takes_no_requests_is_seen_by_its_provider_and_a_deleted_one_by_admins(
    market: Town, provider: Person, seeker: Person, category
):
    number = _offered(provider, category, is_active=False)["id"]
    path = f"/services/listings/{number}"
    assert [who.ask("GET", path).status_code for who in (provider, market.admin, seeker)] == [200, 200, 404]
    assert market.http.get(path).status_code == 404
    query = {"category": category["name"].lower(), "is_active": "false"}
    assert _found(market, category=category["id"]) == []
    assert [row["id"] for row in provider.does("GET", "/services/listings", params=query)] == [number]
    assert seeker.does("GET", "/services/listings", params=query) == []
    assert market.http.get("/services/listings", params=query).status_code == 401
    provider.does("DELETE", path)
    assert [who.ask("GET", path).status_code for who in (provider, market.admin, seeker)] == [404, 200, 404]
    assert provider.ask("PATCH", path, json={"title": "Again"}).status_code == 404


def test_a_provider_has_fifty_listings(market: Town, category):
    provider = market.provider()
    more = "INSERT INTO listings (provider_id, category_id, title, pricing_unit, base_price)"
    market.sql(
        f"{more} SELECT $1, $2, 'Deep clean', 'HOUR', 45000 FROM generate_series(1, 49)", provider.id, category["id"]
    )
    last = _offered(provider, category)["id"]
    refused = provider.ask("POST", "/services/listings", json={**LISTING, "category_id": category["id"]})
    assert (refused.status_code, refused.json()["code"]) == (409, "TooManyListings")
    provider.does("DELETE", f"/services/listings/{last}")
    _offered(provider, category)
    page = market.http.get("/services/listings", params={"category": category["id"], "limit": 20})
    assert (len(page.json()), page.headers["X-Total-Count"]) == (20, "50")
    following = market.http.get(page.links["next"]["url"].replace("/api/v1", "")).json()
    assert not {row["id"] for row in page.json()} & {row["id"] for row in following}


def _picture(colour: str = "red") -> dict[str, Any]:
    content = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(content, "JPEG")
    return {"file": ("me.jpg", content.getvalue(), "image/jpeg")}


def test_pictures_of_a_listing_are_kept_and_the_first_one_is_its_cover(market: Town, provider: Person, category):
    number = _offered(provider, category)["id"]
    media = f"/services/listings/{number}/media"
    first, second = (provider.does("POST", media, 201, files=_picture(colour)) for colour in ("red", "blue"))
    assert (first["listing_id"], first["media_type"]) == (number, "image/jpeg")
    shown = market.http.get(httpx.URL(str(market.http.base_url)).join(first["media_url"]))
    assert (shown.status_code, shown.headers["Content-Type"]) == (200, "image/jpeg")
    path = f"/services/listings/{number}"
    listing = market.http.get(path).json()
    assert (listing["cover_image_url"], listing["media"]) == (first["media_url"], [first, second])
    chosen = provider.does("PATCH", path, json={"cover_image_url": second["media_url"]})
    assert chosen["cover_image_url"] == second["media_url"]
    provider.does("DELETE", f"{media}/{second['id']}")
    assert provider.ask("DELETE", f"{media}/{second['id']}").status_code == 404
    assert market.http.get(path).json()["cover_image_url"] == first["media_url"]
    text = {"file": ("me.jpg", b"no picture", "image/jpeg")}
    assert provider.ask("POST", media, files=text).status_code == 415
    gone = {"cover_image_url": f"/uploads/{uuid.uuid4().hex}.jpg"}
    assert provider.ask("PATCH", path, json=gone).status_code == 400


def test_a_listing_has_ten_pictures_of_its_own_provider(market: Town, provider: Person, category):
    number = _offered(provider, category)["id"]
    media = f"/services/listings/{number}/media"
    nine = "INSERT INTO listing_media (listing_id, media_url, media_type) SELECT $1, '/uploads/a.jpg', 'image/jpeg'"
    market.sql(f"{nine} FROM generate_series(1, 9)", number)
    provider.does("POST", media, 201, files=_picture())
    refused = provider.ask("POST", media, files=_picture())
    assert (refused.status_code, refused.json()["code"]) == (409, "TooManyMedia")
    other = market.provider()
    assert other.ask("POST", media, files=_picture()).status_code == 404


def test_a_search_by_point_sorts_by_distance_and_one_without_a_point_cannot(market: Town, provider: Person, category):
    near, far = (_offered(provider, category, coverage_area={**PUNE, "lat": lat})["id"] for lat in (18.53, 18.6))
    anywhere, away = (
        _offered(provider, category)["id"],
        _offered(provider, category, coverage_area={**PUNE, "lat": 12})["id"],
    )
    query = {"category": category["id"], "sort": "distance"}
    found = market.http.get("/services/listings", params={**query, "location": "18.5204,73.8567"}).json()
    assert [row["id"] for row in found] == [near, far, anywhere]
    assert [row["distance_km"] for row in found] == [1.067, 8.851, None]
    assert away in _found(market, category=category["id"], location="pune")
    assert market.http.get("/services/listings", params=query).status_code == 422
    offering = market.http.get("/users/providers", params={**query, "location": "18.5204,73.8567"}).json()
    assert [(row["id"], row["distance_km"], row["from_price"]) for row in offering] == [(provider.id, 1.067, "450.00")]
    assert market.http.get("/users/providers", params={"category": category["id"], "rating>": 4}).json() == []


def _next_monday() -> datetime:
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return today + timedelta(days=7 + (7 - today.weekday()) % 7)


def test_a_schedule_is_replaced_whole_and_says_what_is_free(market: Town, seeker: Person, category):
    provider = market.provider()
    mine = "/users/me/availability"
    usual = provider.does("GET", mine)
    assert (usual["timezone"], len(usual["weekly"]), usual["min_notice_hours"]) == ("Asia/Kolkata", 7, 2)
    monday = _next_monday()
    schedule = {
        "timezone": "Europe/Berlin",
        "weekly": [{"weekday": 1, "start": "09:00", "end": "11:00"}],
        "exceptions": [{"date": f"{monday + timedelta(days=7):%Y-%m-%d}", "closed": True}],
    }
    stored = provider.does("PUT", mine, json=schedule)
    assert stored == {**schedule, "min_notice_hours": 2, "buffer_minutes": 30, "horizon_days": 60}
    assert provider.does("GET", mine) == stored
    number = _offered(provider, category, min_hours=1.5)["id"]
    path = f"/services/listings/{number}/availability"
    first, last = (f"{monday + timedelta(days=days):%Y-%m-%d}" for days in (0, 13))
    free = market.http.get(path, params={"from": first, "to": last}).json()
    assert free["timezone"] == "Europe/Berlin"
    assert len(free["slots"]) == 3, "09:00, 09:15 and 09:30 of one Monday"
    length = datetime.fromisoformat(free["slots"][0]["end"]) - datetime.fromisoformat(free["slots"][0]["start"])
    assert length == timedelta(minutes=90)
    assert len(market.http.get(path, params={"from": first, "to": last, "duration_hours": 2}).json()["slots"]) == 1
    assert _found(market, category=category["id"], available_at=first, duration_hours=2) == [number]
    assert _found(market, category=category["id"], available_at=last, duration_hours=2) == []
    wrong = [
        {**schedule, "timezone": "Europe/Atlantis"},
        {**schedule, "weekly": schedule["weekly"] * 2},
        {**schedule, "exceptions": [{"date": first, "closed": True, "start": "09:00", "end": "10:00"}]},
        {**schedule, "min_notice_hours": 169},
        {**schedule, "buffer_minutes": 241},
        {**schedule, "horizon_days": 0},
        {"timezone": "Europe/Berlin"},
    ]
    assert _refusals(provider, "PUT", mine, wrong) == [(422, "ShapeMismatch")] * len(wrong)
    assert seeker.ask("GET", mine).json()["code"] == "RoleRequired"
    assert seeker.ask("PUT", mine, json=schedule).json()["code"] == "RoleRequired"


@pytest.mark.parametrize(
    "query",
    [
        {"from": "2026-12-01", "to": "2027-01-01"},
        {"from": "2026-12-02", "to": "2026-12-01"},
        {"from": "2026-12-01T09:00:00"},
        {"from": "yesterday"},
        {"duration_hours": "0.1"},
    ],
)
def test_free_times_are_asked_for_by_at_most_31_days(market: Town, provider: Person, category, query):
    path = f"/services/listings/{_offered(provider, category)['id']}/availability"
    assert market.http.get(path, params=query).status_code == 422
    assert market.http.get(path, params={"from": "2026-12-01", "to": "2026-12-31"}).status_code == 200


def test_each_act_on_categories_and_listings_is_in_the_log(market: Town, provider: Person, category):
    number = _offered(provider, category)["id"]
    provider.does("PATCH", f"/services/listings/{number}", json={"base_price": "500.00"})
    market.admin.does("DELETE", f"/services/listings/{number}")
    entries = "SELECT * FROM audit_log WHERE target_type = $1 AND target_id = $2 ORDER BY id DESC"
    log = market.sql(entries, "listing", str(number))
    assert [(entry["action"], entry["actor_id"]) for entry in log] == [
        ("listing-hide", market.admin.id),
        ("listing-change", provider.id),
        ("listing-create", provider.id),
    ]
    assert json.loads(log[1]["metadata"])["base_price"] == [450_00, 500_00]
    (created,) = market.sql(entries, "category", str(category["id"]))
    assert (created["action"], json.loads(created["metadata"])["name"]) == ("category-create", category["name"])
