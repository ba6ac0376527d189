"""The ETag of a booking: who knows what would be answered is told so, and anything that differs is answered whole."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from adapters.postgres.booking_editions import BookingEditions
from adapters.postgres.database import Database, counting
from api.bookings.views import BookingViews
from tests.api.concurrent import PREFIX, Api, Json, bearer, is_refusal
from tests.api.people import unlike
from tests.api.test_counting import by_heart
from tests.api.visits import Visits


class Reader:
    """One booking of somebody new, read by one person in the app of this process."""

    def __init__(self, http: httpx.AsyncClient, api: Api, card: Json, number: int) -> None:
        self.http, self.api, self.card, self.number = http, api, card, number
        self.path = f"{PREFIX}/bookings/{number}"

    async def read(self, etag: str = "", card: Json | None = None) -> httpx.Response:
        headers = await self.api.token(card or self.card)
        return await self.http.get(self.path, headers={**headers, **({"If-None-Match": etag} if etag else {})})

    async def rows(self, statement: str, *given: Any) -> None:
        await self.api.rows.execute(statement, *given)


@pytest.fixture
async def reader(inside: tuple[httpx.AsyncClient, Database], api: Api, visits: Visits) -> Reader:
    http, _ = inside
    card = await api.newcomer()
    person = visits.customer(card)
    model = visits.shop.customers[0].cars()[0]["car_model_id"]
    car = person.add_car(f"KA07{card['phone'][-6:]}", model)["id"]
    booking = person.post("/bookings/", visits.wish(car, pickup_type="walk_in"))
    return Reader(http, api, card, booking["id"])


async def test_who_knows_a_booking_is_told_that_it_is_unchanged(reader: Reader, inside):
    first = await reader.read()
    assert first.status_code == 200
    assert first.headers["etag"].startswith('W/"')
    assert (first.headers["cache-control"], first.headers["vary"]) == ("private, no-cache", "Authorization")
    for named in (first.headers["etag"], first.headers["etag"][2:], f'"other", {first.headers["etag"]}', "*"):
        await by_heart(*inside, await reader.api.token(reader.card))
        with counting(inside[1]) as statements:
            again = await reader.read(named)
        assert (again.status_code, again.content, len(statements)) == (304, b"", 1)
        assert {name: again.headers[name] for name in ("etag", "cache-control", "vary")} == {
            name: first.headers[name] for name in ("etag", "cache-control", "vary")
        }
    for other in ('"other"', 'W/"other", "another"', "nonsense", '"'):
        assert (await reader.read(other)).content == first.content


async def moved(reader: Reader, _: FastAPI) -> Json:
    admin = reader.api.card("A")
    body = {"booking_id": reader.number, "notes": "received in the shop", "completed_service_ids": []}
    answer = await reader.api.ask("POST", "/bookings/mechanic/progress", admin, json=body)
    assert answer.status_code == 201, answer.text
    return reader.card


async def seen_in_another_role(reader: Reader, _: FastAPI) -> Json:
    return reader.api.card("A")


async def renamed(reader: Reader, _: FastAPI) -> Json:
    wish = {"name": "Nina Renamed", **unlike(), "current_password": reader.card["password"]}
    answer = await reader.api.ask("PUT", f"/customers/{reader.card['id']}", reader.card, json=wish)
    assert answer.status_code == 200, answer.text
    return reader.card


async def released(reader: Reader, app: FastAPI) -> Json:
    services = app.state.services
    editions = BookingEditions(app.state.resources.database, services.kind)
    app.state.services = replace(services, views=BookingViews(services.bookings, editions, "the next build"))
    return reader.card


async def written_again(reader: Reader, _: FastAPI) -> Json:
    """The same version by another transaction: what a worker that died had written is overwritten."""
    await reader.rows("UPDATE bookings SET updated_at = updated_at WHERE id = $1", reader.number)
    return reader.card


@pytest.mark.parametrize("change", [moved, seen_in_another_role, renamed, released, written_again])
async def test_one_change_alone_is_answered_whole(
    reader: Reader, app: FastAPI, change: Callable[[Reader, FastAPI], Awaitable[Json]]
):
    before = await reader.read()
    assert (await reader.read(before.headers["etag"])).status_code == 304
    services = app.state.services
    try:
        card = await change(reader, app)
        after = await reader.read(before.headers["etag"], card)
    finally:
        app.state.services = services
    assert after.status_code == 200
    assert after.headers["etag"] != before.headers["etag"]
    assert after.json()["version"] == before.json()["version"] + (change is moved)


async def test_what_is_wrong_with_a_workflow_reaches_an_admin_who_knows_the_booking(reader: Reader):
    admin = reader.api.card("A")
    before = await reader.read(card=admin)
    await reader.rows(
        "INSERT INTO workflow_problems (booking_id, kind, problem, detail)"
        " VALUES ($1, 'vehicle_service', 'failing', 'its tasks fail, says the test')",
        reader.number,
    )
    after = await reader.read(before.headers["etag"], admin)
    await reader.rows("DELETE FROM workflow_problems WHERE booking_id = $1", reader.number)
    assert after.status_code == 200
    assert "its tasks fail, says the test" in str(after.json()["attention"])


async def test_a_tag_opens_nothing(reader: Reader, visits: Visits):
    """Neither to a stranger, nor to an owner whose token was revoked a moment ago."""
    etag = (await reader.read()).headers["etag"]
    stranger = reader.api.card("C")
    for named in ("", etag, "*"):
        assert is_refusal(await reader.read(named, stranger), 404) == ""
        assert is_refusal(await reader.http.get(reader.path, headers={"If-None-Match": named}), 401) == ""
    token = bearer(await reader.api.log_in(reader.card))
    known = {**token, "If-None-Match": etag}
    assert (await reader.http.get(reader.path, headers=known)).status_code == 304
    assert (await reader.http.post(f"{PREFIX}/auth/logout", headers=token)).status_code == 200
    assert is_refusal(await reader.http.get(reader.path, headers=known), 401) == ""


async def test_who_does_not_take_part_any_more_is_not_told_that_a_booking_is_unchanged(reader: Reader):
    etag = (await reader.read()).headers["etag"]
    mine = "UPDATE booking_participants SET active = $2 WHERE booking_id = $1"
    await reader.rows(mine, reader.number, False)
    gone = await reader.read(etag)
    await reader.rows(mine, reader.number, True)
    assert is_refusal(gone, 404) == ""
    assert (await reader.read(etag)).status_code == 304


async def test_what_is_kept_of_bookings_has_a_size(reader: Reader, app: FastAPI):
    """Bookings for which there is no room are answered like all others."""
    services = app.state.services
    editions = BookingEditions(app.state.resources.database, services.kind)
    wanted = await reader.read()
    for room in (0, len(wanted.content), 2 * len(wanted.content)):
        views = BookingViews(services.bookings, editions, "build", room)
        app.state.services = replace(services, views=views)
        try:
            answers = [await reader.read(), await reader.read(card=reader.api.card("A")), await reader.read()]
        finally:
            app.state.services = services
        assert [answer.content for answer in answers[::2]] == [wanted.content] * 2
        assert sum(len(view.body) for view in views._kept.values()) == views._size <= room


async def test_the_fast_way_and_the_ordinary_one_answer_alike(reader: Reader):
    """A number with a zero in front, or a limit, is valid and not plain, so it goes the ordinary way."""
    plain = await reader.read()
    headers = await reader.api.token(reader.card)
    for fast, ordinary in (
        (reader.path, f"{PREFIX}/bookings/0{reader.number}"),
        (f"{PREFIX}/bookings/customer?limit=1", f"{PREFIX}/bookings/customer?limit=01"),
        (f"{PREFIX}/bookings/customer?order=oldest&offset=0", f"{PREFIX}/bookings/customer?order=oldest&offset=00"),
    ):
        one, other = [await reader.http.get(each, headers=headers) for each in (fast, ordinary)]
        assert (one.status_code, one.content) == (other.status_code, other.content)
        both = [{**answer.headers, "x-request-id": ""} for answer in (one, other)]
        assert both[0] == both[1]
    tag = {**headers, "If-None-Match": plain.headers["etag"]}
    assert (await reader.http.get(f"{PREFIX}/bookings/0{reader.number}", headers=tag)).status_code == 304
