"""Text messages cost the shop money: how many are sent in an hour to everybody together."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import structlog

from tests.kinds.local_services.people.house import PASSWORD, People, forgotten, refusal

UNCONFIRMED, CONFIRMED = "texts to unconfirmed phones", "texts to confirmed phones"
_SENT = (
    "INSERT INTO login_attempts VALUES (:subject, :sent, now()) ON CONFLICT (subject) DO UPDATE SET failures = :sent"
)
Used = Callable[[str, int], Awaitable[None]]


@pytest.fixture
async def used(people: People) -> AsyncIterator[Used]:
    """Leaves so many texts of one share."""

    async def leave(subject: str, texts: int) -> None:
        await people.rows(_SENT, subject=subject, sent=people.app.state.policy.texts_in_all - texts)

    yield leave
    await people.rows("DELETE FROM login_attempts WHERE subject IN (:one, :other)", one=UNCONFIRMED, other=CONFIRMED)


async def texts_to(people: People, person: dict[str, Any]) -> int:
    """How many codes were made for somebody, each of which is sent."""
    (row,) = await people.rows("SELECT count(*) AS made FROM codes WHERE user_id = :id", id=person["user"]["id"])
    return row["made"]


async def test_strangers_with_ever_other_phones_and_addresses_are_sent_so_many_texts_an_hour(
    people: People, used: Used
):
    mover = await people.verified()
    await used(UNCONFIRMED, 2)
    waiting, body = await people.registered(), people.new()
    await people.registered()
    refused = await people.ask("POST", "/auth/register", json=body)
    assert (refusal(refused), refused.headers["Retry-After"]) == ((429, "TooMany"), "3600")
    assert refused.json()["detail"] == "too many codes are being sent; try again later"
    again = await people.ask("POST", "/auth/verify/request", waiting, json={"channel": "sms"})
    change = {"phone": people.phone(), "current_password": PASSWORD}
    moved = await people.ask("POST", "/auth/phone/change", mover, json=change)
    assert [refusal(each) for each in (again, moved)] == [(429, "TooMany")] * 2
    assert [await texts_to(people, each) for each in (waiting, mover)] == [1, 1]
    await people.rows("UPDATE login_attempts SET since = since - interval '1 hour' WHERE subject = :it", it=UNCONFIRMED)
    assert (await people.ask("POST", "/auth/register", json=body)).status_code == 201, "nobody was made before"


async def test_who_has_confirmed_a_phone_gets_codes_for_a_new_password_whatever_strangers_use_up(
    people: People, used: Used
):
    known, stranger = await people.verified(), await people.registered()
    await used(UNCONFIRMED, 0)

    async def is_sent(person: dict[str, Any]) -> bool:
        return await people.texts().reset_code(forgotten(person["phone"])) is not None

    assert [await is_sent(known), await is_sent(stranger)] == [True, False]
    assert [await texts_to(people, known), await texts_to(people, stranger)] == [2, 1]
    await used(CONFIRMED, 0)
    assert [await is_sent(known), await texts_to(people, known)] == [False, 2]
    asked = [
        await people.ask("POST", "/auth/password/reset/request", json={"phone": phone})
        for phone in (known["phone"], stranger["phone"], people.phone())
    ]
    assert {(each.status_code, each.text) for each in asked} == {(202, asked[0].text)}, "a refusal would tell who"


async def test_what_sends_no_text_uses_none_up_and_the_operator_is_told_once_that_none_is_left(
    people: People, used: Used
):
    known = await people.registered(email=f"t{people.phone()}@example.com")
    await used(UNCONFIRMED, 1)
    with structlog.testing.capture_logs() as lines:
        await people.ask("POST", "/auth/register", json=people.new(phone=known["phone"]))
        assert await people.texts().reset_code(forgotten(people.phone())) is None
        await people.ask("POST", "/auth/verify/request", known, json={"channel": "email"})
        assert await people.registered()
        for _ in range(3):
            assert refusal(await people.ask("POST", "/auth/register", json=people.new())) == (429, "TooMany")
    limit = people.app.state.policy.texts_in_all
    told = [(line["log_level"], line.get("phones"), line.get("limit")) for line in lines if "SMS" in line["event"]]
    assert told == [("warning", "unconfirmed", limit)]
