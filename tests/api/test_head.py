"""HEAD: what GET would say, without saying it."""

import asyncio

import httpx
import pytest

from tests.api.access_table import fitting
from tests.api.concurrent import Api
from tests.api.document import Operation, operations
from tests.api.visits import Visits

READS = [each for each in operations() if each.method == "GET"]
VARYING = {"x-request-id", "date", "content-length"}  # the length is compared where the answer does not change


@pytest.fixture(scope="module")
def booking(visits: Visits):
    return visits.ordered()


async def both(api: Api, operation: Operation, visit) -> tuple[str, httpx.Response, httpx.Response]:
    owner, made = visit
    role = fitting(str(operation))[-1] if operation.path.startswith("/api/v1") else None
    cards = {"C": owner.card, "M": api.card("M"), "A": api.card("A")}
    headers = await api.token(cards[role]) if role in cards else {}
    url = operation.url({"booking_id": made["id"], "payment_id": made["payments"][0]["id"], "service_id": 45})
    get, head = [await api.http.request(method, url, headers=headers) for method in ("GET", "HEAD")]
    return str(operation), get, head


async def test_every_read_answers_head_with_the_status_and_the_headers_of_get(api: Api, booking):
    asked = [each for each in READS if not each.path.endswith("/events")]
    for name, get, head in await asyncio.gather(*(both(api, each, booking) for each in asked)):
        assert (head.status_code, head.content) == (get.status_code, b""), name
        assert set(head.headers) - VARYING == set(get.headers) - VARYING, name
        assert head.headers["content-type"] == get.headers["content-type"], name


async def test_the_length_is_that_of_the_body_that_get_would_send(api: Api):
    get, head = [await api.http.request(method, "/health/live") for method in ("GET", "HEAD")]
    assert head.headers["content-length"] == str(len(get.content))


async def test_the_head_of_a_stream_ends(api: Api, booking):
    owner, made = booking
    stream = f"/api/v1/bookings/{made['id']}/events"
    head = await api.http.head(stream, headers=await api.token(owner.card))
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"].startswith("text/event-stream")


async def test_head_is_refused_where_get_is(api: Api):
    refused = await api.http.head("/api/v1/auth/login")
    assert (refused.status_code, refused.content) == (405, b"")
    assert (await api.http.head("/api/v1/bookings/1")).status_code == 401
