"""Registering, which is open to everybody: how often, and what it tells of others."""

import asyncio
import uuid
from collections import Counter
from typing import Any

import httpx
from fastapi import FastAPI

from domain.errors import TooMany
from tests.addresses import new_address
from tests.api.concurrent import PREFIX, Api, Json, is_refusal
from tests.api.people import unlike


def somebody(**known: str) -> Json:
    """Somebody new, but for what is known of them."""
    return {"name": "Sunil New", "password": f"Secret-{uuid.uuid4().hex[:8]}", **unlike(), **known}


class Asked:
    """The app in this process, with the limits of a production, asked from addresses of one's own."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    async def register(self, body: Json, address: str = "") -> httpx.Response:
        return await self._post("/customers/", address, json=body)

    async def log_in(self, card: Json, device: str = "") -> httpx.Response:
        form = {"username": card["phone"], "password": card["password"]}
        return await self._post("/auth/login", "", device, data=form)

    async def _post(self, path: str, address: str, device: str = "", **content: Json) -> httpx.Response:
        somewhere = address or new_address()
        transport = httpx.ASGITransport(self._app, client=(somewhere, 4711))
        cookies = {"known_device": device} if device else {}
        async with httpx.AsyncClient(transport=transport, base_url="http://here", timeout=60, cookies=cookies) as http:
            return await http.post(PREFIX + path, **content)


async def test_who_registers_with_something_that_is_known_is_not_told_what(api: Api):
    card = await api.newcomer()
    known = (
        {"phone": card["phone"]},
        {"email": card["email"].upper()},
        {"phone": card["phone"], "email": card["email"]},
    )
    answers = [await api.ask("POST", "/customers/", json=somebody(**part)) for part in known]
    assert [is_refusal(answer, 409) for answer in answers] == ["", "", ""]
    assert len({answer.text for answer in answers}) == 1
    assert "there is an account" in answers[0].json()["detail"]


async def test_of_registrations_at_once_with_one_phone_none_is_told_more(api: Api):
    one = somebody()
    answers = await asyncio.gather(
        *(api.ask("POST", "/customers/", json=somebody(phone=one["phone"])) for _ in range(6))
    )
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 5}
    refused = {answer.json()["detail"] for answer in answers if answer.status_code == 409}
    assert refused == {"there is an account with this phone or mail address already: log in, or set a new password"}


async def test_an_address_registers_sixty_times_in_an_hour(api: Api, app: FastAPI):
    card, asked, here = await api.newcomer(), Asked(app), new_address()
    before = "INSERT INTO login_attempts VALUES ($1, 58, now())"
    await api.rows.execute(before, f"registration from {here}")
    for _ in range(2):
        assert (await asked.register(somebody(phone=card["phone"]), here)).status_code == 409
    refused = await asked.register(somebody(), here)
    assert is_refusal(refused, 429) == ""
    assert 0 < int(refused.headers["retry-after"]) <= 3600
    assert (await asked.register(somebody())).status_code == 201
    hour = "UPDATE login_attempts SET since = since - interval '1 hour' WHERE subject = $1"
    await api.rows.execute(hour, f"registration from {here}")
    assert (await asked.register(somebody(), here)).status_code == 201


async def test_there_is_a_limit_for_all_who_register_and_it_tells_nothing_of_others(api: Api, app: FastAPI):
    card, asked = await api.newcomer(), Asked(app)
    counted = "INSERT INTO login_attempts VALUES ('registrations', 2000, now())"
    await api.rows.execute(f"{counted} ON CONFLICT (subject) DO UPDATE SET failures = 2000, since = now()")
    try:
        refused = await asked.register(somebody())
        assert is_refusal(refused, 429) == ""
        assert (await asked.register(somebody(phone=card["phone"]))).status_code == 409
        assert (await asked.log_in(card)).status_code == 200
    finally:
        await api.rows.execute("DELETE FROM login_attempts WHERE subject = 'registrations'")


async def refused(crowd: list[asyncio.Task[Any]]) -> bool:
    """Whether some were too many; whoever still waits gives up."""
    for each in crowd:
        each.cancel()
    return any(isinstance(each, TooMany) for each in await asyncio.gather(*crowd, return_exceptions=True))


async def test_however_many_choose_a_password_at_once_people_log_in(api: Api, app: FastAPI):
    card, asked = await api.newcomer(), Asked(app)
    passwords = app.state.resources.passwords
    crowd = [asyncio.create_task(passwords.hash(f"Secret-{turn}")) for turn in range(100)]
    log_in, known, new = asked.log_in(card), asked.register(somebody(phone=card["phone"])), asked.register(somebody())
    answers = await asyncio.gather(log_in, known, new)
    assert [answer.status_code for answer in answers[:2]] == [200, 409]
    assert answers[2].status_code in (201, 429), "refused while the queue is full"
    assert type(await crowd[0]) is str
    assert await refused(crowd), "their queue was full"


async def test_however_many_strangers_try_to_log_in_a_known_device_does(api: Api, app: FastAPI):
    card, asked, passwords = await api.newcomer(), Asked(app), app.state.resources.passwords
    device = (await asked.log_in(card)).cookies["known_device"]
    crowd = [asyncio.create_task(passwords.matches(f"Secret-{turn}", None)) for turn in range(100)]
    assert (await asked.log_in(card, device)).status_code == 200
    assert await refused(crowd), "their queue was full"
    own = (passwords.matches("Secret-1", None, card["id"]) for _ in range(10))
    tried = await asyncio.gather(*own, return_exceptions=True)
    assert Counter(type(each) for each in tried) == {bool: 2, TooMany: 8}, "one person has two places"
