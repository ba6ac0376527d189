"""Notifications and devices over HTTP: one's own, and nobody else's."""

from datetime import timedelta
from typing import Any

import pytest

from adapters.postgres.push_outbox import DeviceRows, PushOutboxRows
from domain.pushes import Push
from kinds.local_services.postgres.notices import NOTICES, tell_person
from tests.kinds.local_services.people.house import People, refusal


async def told(people: People, who: dict[str, Any], kind: str = "account.security", key: str = "1") -> int | None:
    """Have somebody told something."""
    async with people.app.state.resources.database.write.begin() as connection:
        payload = {"what": "login elsewhere"}
        return await tell_person(connection, who["user"]["id"], kind, payload, key, after=timedelta(hours=1))


@pytest.fixture(scope="module")
async def asha(people: People) -> dict[str, Any]:
    return await people.registered()


@pytest.fixture(scope="module")
async def ravi(people: People) -> dict[str, Any]:
    return await people.registered()


async def test_somebody_reads_what_they_were_told_the_newest_first(people: People):
    person = await people.registered()
    first, second = await told(people, person), await told(people, person, "message.received", "2")
    assert await told(people, person) is None
    listed = await people.ask("GET", "/notifications/", person)
    assert (listed.status_code, listed.headers["X-Unread-Count"]) == (200, "2")
    assert [each["id"] for each in listed.json()] == [second, first]
    newest = listed.json()[0]
    assert set(newest) == {"id", "user_id", "type", "payload", "is_read", "created_at"}
    assert (newest["type"], newest["payload"]) == ("message.received", {"what": "login elsewhere"})
    assert newest["is_read"] is False
    for _ in range(2):
        read = await people.ask("PATCH", f"/notifications/{second}/read", person)
        assert (read.status_code, read.json()) == (200, newest | {"is_read": True})
    unread = await people.ask("GET", "/notifications/?is_read=false", person)
    assert ([each["id"] for each in unread.json()], unread.headers["X-Unread-Count"]) == ([first], "1")
    of_type = await people.ask("GET", "/notifications/?type=message.received", person)
    assert [each["id"] for each in of_type.json()] == [second]
    assert (await people.ask("POST", "/notifications/read-all", person)).json() == {"updated": 1}
    assert (await people.ask("POST", "/notifications/read-all", person)).json() == {"updated": 0}


async def test_what_others_were_told_is_not_there_and_nobody_reads_without_a_login(
    people: People, asha: dict[str, Any], ravi: dict[str, Any]
):
    theirs = await told(people, asha, key="theirs")
    assert refusal(await people.ask("PATCH", f"/notifications/{theirs}/read", ravi)) == (404, "NotFound")
    assert (await people.ask("GET", "/notifications/", ravi)).json() == []
    for method, path in (
        *(("GET", "/notifications/"), ("POST", "/notifications/read-all"), ("GET", "/notifications/device-tokens")),
        *(("PATCH", f"/notifications/{theirs}/read"), ("DELETE", "/notifications/device-tokens/1")),
    ):
        assert (await people.ask(method, path)).status_code == 401


async def test_what_is_told_stands_in_the_feed_of_its_reader_once(people: People):
    person = await people.registered()
    number = await told(people, person)
    await told(people, person)
    query = "SELECT type, data FROM feed_events WHERE user_id = :id ORDER BY id"
    [event] = await people.rows(query, id=person["user"]["id"])
    [shown] = (await people.ask("GET", "/notifications/", person)).json()
    assert (event["type"], event["data"]) == ("notification", shown)
    assert shown["id"] == number


async def device(people: People, who: dict[str, Any], token: str, platform: str = "android") -> dict[str, Any]:
    answer = await people.ask("POST", "/notifications/device-tokens", who, json={"token": token, "platform": platform})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def devices(people: People, who: dict[str, Any]) -> list[int]:
    return [each["id"] for each in (await people.ask("GET", "/notifications/device-tokens", who)).json()]


async def test_a_device_is_of_whom_registered_it_last_and_no_token_is_shown(
    people: People, asha: dict[str, Any], ravi: dict[str, Any]
):
    made = await device(people, asha, "one-phone:APA91b", "ios")
    assert set(made) == {"id", "platform", "created_at"}
    assert await devices(people, asha) == [made["id"]]
    again = await device(people, asha, "one-phone:APA91b", "ios")
    assert await devices(people, asha) == [again["id"]]
    taken = await device(people, ravi, "one-phone:APA91b")
    assert (await devices(people, asha), await devices(people, ravi)) == ([], [taken["id"]])
    path = f"/notifications/device-tokens/{taken['id']}"
    assert refusal(await people.ask("DELETE", path, asha)) == (404, "NotFound")
    assert (await people.ask("DELETE", path, ravi)).status_code == 200
    assert refusal(await people.ask("DELETE", path, ravi)) == (404, "NotFound")


async def test_of_more_than_ten_devices_the_oldest_go(people: People):
    person = await people.registered()
    made = [(await device(people, person, f"many-{number}"))["id"] for number in range(12)]
    assert await devices(people, person) == made[:1:-1]


@pytest.mark.parametrize(
    "wrong",
    [
        *({}, {"token": "t"}, {"token": 7, "platform": "web"}, {"token": "t", "platform": "fridge"}),
        *({"token": token, "platform": "web"} for token in ("", "a b", "t" * 1025)),
    ],
    ids=lambda wrong: str(wrong)[:40],
)
async def test_a_device_that_cannot_be_is_refused(people: People, asha: dict[str, Any], wrong: dict[str, Any]):
    answer = await people.ask("POST", "/notifications/device-tokens", asha, json=wrong)
    assert refusal(answer) == (422, "ShapeMismatch")


async def test_what_is_switched_off_goes_to_no_device(people: People):
    person = await people.registered()
    database = people.app.state.resources.database
    await device(people, person, "phone-of-who-wants-less")
    number = await told(people, person, "review.received", "less") or 0
    rows, push = DeviceRows(database, NOTICES), Push(number, "review.received", "Reviewed", "")
    assert len(await rows.devices(person["user"]["id"], push)) == 1
    for wanted, reached in (({"email": False}, 1), ({"push": False}, 0), ({"push": True}, 1)):
        change = {"notification_preferences": {"review.received": wanted}}
        assert (await people.ask("PATCH", "/users/me", person, json=change)).status_code == 200
        assert len(await rows.devices(person["user"]["id"], push)) == reached
    waiting = [each for each in await PushOutboxRows(database).due(1000) if each.notification_id == number]
    assert waiting == []  # it was asked to wait an hour


async def test_who_leaves_takes_notifications_and_devices_along(people: People):
    person = await people.registered()
    await told(people, person)
    await device(people, person, "phone-of-who-leaves")
    assert (await people.ask("DELETE", "/users/me", person)).status_code in (200, 204)
    for table in ("user_notifications", "device_tokens"):
        assert await people.rows(f"SELECT 1 FROM {table} WHERE user_id = :id", id=person["user"]["id"]) == []
    assert await people.rows("SELECT 1 FROM push_outbox WHERE person_id = :id", id=person["user"]["id"]) == []
