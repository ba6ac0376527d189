"""How many statements reads, searches and commands of local services take."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from adapters.postgres.database import Database, counting
from api.app import create_app
from devstack.kinds.vehicle_service.people import new_key
from kinds.local_services.api import API
from settings import Settings
from tests.api.concurrent import until
from tests.api.conftest import surroundings
from tests.kinds.local_services.market import PREFIX, Market, Person, soon

__all__ = ["surroundings"]

AREA = {"label": "Pune", "lat": 18.5204, "lng": 73.8567, "radius_km": 15}
EVERYTHING = {
    "location": "18.53,73.85",
    "within_km": 10,
    "available_at": f"{soon(3 * 24 * 60):%Y-%m-%d}",
    "duration_hours": 2,
    "sort": "distance",
    "limit": 20,
}
"""Beside a category: what can be asked of a place and a time at once."""


@pytest.fixture(scope="module")
def made(market: Market) -> dict[str, Any]:
    """A seeker's booking of a provider's listing, and a thread about it."""
    provider, seeker = market.provider(), market.seeker()
    listing = market.listing(provider, coverage_area=AREA)
    where = {"address": "1 MG Road", "lat": 18.53, "lng": 73.85}
    booking = seeker.requests(listing, soon(3 * 24 * 60), location=where)["id"]
    wanted = {"receiver_id": provider.id, "booking_id": booking, "content": "two cats"}
    thread = seeker.does("POST", "/messages/threads", 201, json=wanted)["id"]
    return {"listing": listing, "booking": booking, "thread": thread, "seeker": seeker, "provider": provider}


@pytest.fixture(scope="module")
async def inside(surroundings: None) -> AsyncIterator[tuple[httpx.AsyncClient, Database]]:
    """The application in this process, asked without a network, and its database."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REVCARE_LOCAL_SERVICES_PHONE_VERIFICATION", "off")
        app = create_app(API, settings=Settings())
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=f"http://here{PREFIX}") as http,
    ):
        yield http, app.state.resources.database


async def known(inside: tuple[httpx.AsyncClient, Database], person: Person) -> dict[str, str]:
    """The head of a request by somebody whom the application knows by heart."""
    http, database = inside
    headers = {"Authorization": f"Bearer {person.token}"}

    async def is_known() -> bool:
        with counting(database) as statements:
            assert (await http.get("/auth/me", headers=headers)).status_code == 200
        return not len(statements)

    await until(is_known)
    return headers


@pytest.mark.parametrize("path", ["/services/listings", "/users/providers"])
@pytest.mark.parametrize("more", [{}, EVERYTHING], ids=["by category", "by category, place and free time"])
async def test_a_search_is_one_statement_whatever_is_asked_for(inside, market, made, path, more):
    http, database = inside
    known_there = more if path == "/services/listings" else {name: more[name] for name in ("location",) if name in more}
    with counting(database) as statements:
        answer = await http.get(path, params={"category": market.category, **known_there})
    assert (answer.status_code, len(answer.json()), len(statements)) == (200, 1, 1), (answer.text, statements.sent)


READS = (
    "/bookings/",
    "/bookings/{booking}",
    "/bookings/{booking}/cancellation",
    "/bookings/{booking}/timeline",
    "/messages/threads",
    "/notifications/",
    "/notifications/device-tokens",
    "/reviews/?user_id={provider_id}",
    "/services/categories",
    "/services/listings/{listing}",
    "/users/me",
)


@pytest.mark.parametrize("path", READS)
async def test_a_read_is_one_statement_and_authentication_costs_none(inside, made, path):
    http, database = inside
    headers = await known(inside, made["seeker"])
    with counting(database) as statements:
        answer = await http.get(path.format(**made, provider_id=made["provider"].id), headers=headers)
    assert (answer.status_code, len(statements)) == (200, 1), (answer.text, statements.sent)


async def test_somebody_else_is_two_statements_for_who_they_are_depends_on_bookings_of_both(inside, made):
    http, database = inside
    headers = await known(inside, made["seeker"])
    with counting(database) as statements:
        answer = await http.get(f"/users/{made['provider'].id}", headers=headers)
    assert (answer.status_code, len(statements)) == (200, 2), (answer.text, statements.sent)


async def test_a_move_is_as_many_statements_of_the_api_as_any_command(inside, market, made):
    """Whether it is theirs and was asked before, the booking as it stands then, the answer for who asks again."""
    http, database = inside
    provider = made["provider"]
    start = soon(3 * 24 * 60) + timedelta(hours=4)
    where = {"address": "1 MG Road", "lat": 18.53, "lng": 73.85}
    booking = made["seeker"].requests(made["listing"], start, location=where)["id"]
    headers = {**await known(inside, provider), "Idempotency-Key": new_key()}
    with counting(database) as statements:
        answer = await http.patch(f"/bookings/{booking}/status", json={"status": "CANCELLED"}, headers=headers)
    assert (answer.status_code, len(statements)) == (200, 3), (answer.text, statements.sent)


async def test_a_message_is_counted_stored_and_told_with_seven_statements(inside, made):
    """Who may be written to, how many that were in the minute; then the thread, the message, and both feeds."""
    http, database = inside
    headers, path = await known(inside, made["seeker"]), f"/messages/threads/{made['thread']}/messages"
    with counting(database) as statements:
        answer = await http.post(path, json={"content": "and a dog"}, headers=headers)
    assert (answer.status_code, len(statements) <= 7) == (201, True), (answer.text, statements.sent)
