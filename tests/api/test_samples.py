"""The samples of the product's documents, asked as printed: what is printed as an answer comes.

Only what cannot be as printed is another: the password, which is made anew for every stack, the number of a booking,
and the time slot.
"""

import re
from typing import Any

import httpx
import pytest

from tests.api import samples
from tests.api.concurrent import Api, bearer
from tests.api.samples import Sample
from tests.api.visits import Visits

Json = dict[str, Any]
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
INSTANT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)"


def as_printed(sample: Sample, answer: httpx.Response) -> Json:
    """Its body, which has every printed field, the facts among them with their printed value."""
    assert answer.status_code == sample.status, answer.text
    body: Json = answer.json()
    has_fields(body, sample.answer, sample.facts)
    return body


def has_fields(body: Json, printed: Json, facts: tuple[str, ...]) -> None:
    assert body.keys() >= printed.keys()
    assert {name: body[name] for name in facts} == {name: printed[name] for name in facts}
    assert {name: type(body[name]) for name in printed} == {name: type(value) for name, value in printed.items()}
    times = [body[name] for name in printed if name.endswith("_at") or name == "timestamp"]
    assert [time for time in times if not re.fullmatch(INSTANT, time)] == []


async def _in(api: Api, sample: Sample, password: str) -> httpx.Response:
    """A login as printed, but for the password."""
    form = sample.form.rpartition("=")[0] + "=" + password
    return await api.ask(sample.method, sample.path, content=form, headers=FORM)


@pytest.mark.parametrize("sample", [samples.LOGIN, samples.LOGIN_BY_CURL], ids=["documentation", "readme"])
async def test_a_login_its_refresh_and_the_logout(api: Api, sample: Sample):
    answer = await _in(api, sample, api.people["admin"]["password"])
    body = as_printed(sample, answer)
    assert body["access_token"].startswith("eyJhbGciOiJIUzI1NiIs")
    cookie = answer.headers["set-cookie"]
    assert re.match(r"refresh_token=[^;]+;.*HttpOnly", cookie, re.IGNORECASE)
    headers = {"Cookie": cookie.partition(";")[0]}
    api.http.cookies.clear()
    fresh = as_printed(samples.REFRESH, await api.ask("POST", samples.REFRESH.path, headers=headers))
    api.http.cookies.clear()
    token = bearer(fresh["access_token"])
    ended = await api.ask("POST", samples.LOGOUT.path, headers=token)
    assert as_printed(samples.LOGOUT, ended) == samples.LOGOUT.answer
    assert (await api.ask("GET", "/auth/me", headers=token)).status_code == 401


async def test_the_login_with_the_printed_password_is_refused(api: Api):
    answer = await api.ask("POST", samples.LOGIN.path, content=samples.LOGIN.form, headers=FORM)
    assert (answer.status_code, answer.json()["message"]) == (401, "Unauthorized")


async def test_a_new_admin(api: Api):
    admin, sample = api.card("A"), samples.NEW_ADMIN
    body = as_printed(sample, await api.ask(sample.method, sample.path, admin, json=sample.body))
    assert re.fullmatch(r"ADM\d{6}", body["id"])
    assert (await api.ask("GET", f"/admins/{body['id']}", admin)).json()["first_name"] == "Akhil"
    again = await api.ask(sample.method, sample.path, admin, json=sample.body)
    assert again.status_code == 409
    assert (await api.ask("DELETE", f"/admins/{body['id']}", admin)).status_code == 200


async def test_another_gst_percent(api: Api):
    body = as_printed(samples.GST, await api.ask("PUT", samples.GST.path, api.card("A")))
    assert body["percent"] in ("18", "18%")
    has_fields((await api.ask("GET", "/gst/")).json(), samples.GST.answer, ())


async def test_a_query_and_its_answer(api: Api):
    asked = {name: samples.QUERY[name] for name in ("customer_email", "query")}
    query = (await api.ask("POST", "/queries/", json=asked)).json()
    has_fields(query, asked, ("customer_email", "query"))
    assert query["response"] is None
    word = {"response": samples.QUERY["response"]}
    answered = await api.ask("PUT", f"/queries/{query['id']}/respond", api.card("A"), json=word)
    has_fields(answered.json(), samples.QUERY, ("customer_email", "query", "response", "responded_by"))


async def test_a_text_of_the_app(api: Api):
    content = {samples.CONTENT["content_id"]: samples.CONTENT["data"]}
    before = (await api.ask("GET", "/content/home_banner")).json()
    assert (await api.ask("PUT", "/content/", api.card("A"), json=content)).status_code == 200
    body = (await api.ask("GET", "/content/home_banner")).json()
    has_fields(body, samples.CONTENT, ("content_id", "data", "updated_by"))
    await api.ask("PUT", "/content/", api.card("A"), json={"home_banner": before["data"]})


async def test_a_role_without_the_scope(api: Api):
    sample = samples.FORBIDDEN
    as_printed(sample, await api.ask(sample.method, sample.path, api.card("M"), json=sample.body))


async def test_every_error_has_the_printed_detail_and_roles_their_printed_ids(api: Api):
    answers = [
        await api.ask("GET", "/bookings/1"),
        await api.ask("GET", "/bookings/", api.card("C")),
        await api.ask("GET", "/nope"),
    ]
    for answer in answers:
        assert isinstance(answer.json()["detail"], str)
        assert answer.status_code in samples.STATUSES
    rows = (await api.ask("GET", "/rbac/roles", api.card("A"))).json()
    assert {row["id"]: row["name"] for row in rows} == samples.ROLE_IDS


async def test_a_booking_and_the_progress_of_its_work(api: Api, visits: Visits):
    sample, card = samples.BOOKING, next(each for each in api.people["customers"] if each["id"] == "CST000210")
    slots = (await api.ask("GET", "/utils/timeslot")).json()
    booking = as_printed(
        sample, await api.ask("POST", sample.path, card, json={**sample.body, "timeslot_id": slots[0]["id"]})
    )
    assert booking["notes"] == sample.body["notes"]
    assert [(line["service_id"], line["quantity"]) for line in booking["services"]] == [(45, 1), (52, 1)]
    listed = await api.ask("GET", samples.OWN_BOOKINGS.path, card)
    assert booking["id"] in [row["id"] for row in listed.json()]

    anita = _at_work(visits, booking["id"])
    body = {**samples.PROGRESS.body, "booking_id": booking["id"]}
    report = as_printed(samples.PROGRESS, await api.ask("POST", samples.PROGRESS.path, anita, json=body))
    assert report["booking_id"] == booking["id"]
    assert (await api.ask("PUT", f"/bookings/{booking['id']}/cancel", card, json={})).status_code == 200


def _at_work(visits: Visits, number: int) -> Json:
    """The booking's services are confirmed and hers; the card of the mechanic who is printed."""
    shop = visits.shop
    anita = next(each for each in shop.mechanics if each.id == samples.PROGRESS.answer["updated_by"])

    def hand(job: str) -> None:
        shop.admin.assign(number, anita.id, shop.assignment_type(job))

    hand("pickup")
    shop.admin.validate_report(anita.report(number, "collected")["id"])
    hand("analysis")
    anita.analyse(number, {45: "1650.00", 52: "800.00"}, {}, "worn")
    shop.admin.validate_analysis(number)
    owner = next(each for each in shop.customers if each.id == samples.BOOKING.body["customer_id"])
    owner.confirm(number, [45, 52], shop.payment_method("offline"))
    hand("service")
    return anita.card
