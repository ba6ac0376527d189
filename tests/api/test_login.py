"""Coming in and going out."""

import asyncio
import time
from dataclasses import replace
from datetime import timedelta
from random import randrange

import httpx
from fastapi import FastAPI

from tests.addresses import new_address
from tests.api.concurrent import PREFIX, Api, Json, bearer, is_refusal
from tests.api.test_registrations import Asked, somebody

COOKIE = "refresh_token"


async def login(api: Api, phone: str, password: str, address: str = "", device: str = "") -> httpx.Response:
    """A login as it comes through a proxy on this machine: its failure counts for that address, not for this one."""
    form, somewhere = {"username": phone, "password": password}, new_address()
    headers = {"X-Forwarded-For": address or somewhere, **({"Cookie": f"known_device={device}"} if device else {})}
    answer = await api.ask("POST", "/auth/login", data=form, headers=headers)
    api.http.cookies.clear()
    return answer


async def refresh(api: Api, token: str) -> httpx.Response:
    answer = await api.ask("POST", "/auth/refresh", headers={"Cookie": f"{COOKIE}={token}"})
    api.http.cookies.clear()
    return answer


async def used_long_ago(api: Api, card: Json) -> None:
    """What they have refreshed until now is further back than two tabs of one browser are apart."""
    age = "UPDATE refresh_tokens SET used_at = used_at - interval '11 seconds' WHERE user_id = $1"
    await api.rows.execute(age, card["id"])


async def me(api: Api, access: str) -> int:
    return (await api.ask("GET", "/auth/me", headers=bearer(access))).status_code


async def session(api: Api, card: Json) -> tuple[str, str]:
    answer = await login(api, card["phone"], card["password"])
    assert answer.status_code == 200, answer.text
    return answer.json()["access_token"], answer.cookies[COOKIE]


async def test_the_right_password_opens_and_the_answer_is_as_printed(api: Api):
    card = api.card("A")
    answer = await login(api, card["phone"], card["password"])
    assert answer.json().keys() == {"access_token", "token_type"}
    assert answer.json()["token_type"] == "bearer"
    cookie = answer.headers["set-cookie"].lower()
    assert all(flag in cookie for flag in ("httponly", "samesite=lax", f"path={PREFIX}/auth"))
    who = (await api.ask("GET", "/auth/me", headers=bearer(answer.json()["access_token"]))).json()
    assert (who["user"]["id"], who["role"], who["user"]["phone"]) == (card["id"], "admin", f"+91{card['phone']}")
    assert "password" not in str(who)


async def test_a_phone_may_be_written_as_people_write_it(api: Api):
    card = await api.newcomer()
    number = card["phone"]
    for spelling in (f"+91{number}", f"+91 {number[:5]} {number[5:]}", f" {number[:5]}-{number[5:]} "):
        assert (await login(api, spelling, card["password"])).status_code == 200, spelling


async def test_a_wrong_password_and_an_unknown_phone_get_the_same_answer_in_the_same_time(app: FastAPI):
    """Where passwords are hashed as in production; in this process, so its own time tells it on a busy machine too."""
    asked, card, words, seconds = Asked(app), somebody(), set(), {}
    assert (await asked.register(card)).status_code == 201
    phones = (card["phone"], f"60{randrange(10**8):08}")
    for phone in phones * 3:
        since = time.process_time()
        answer = await asked.log_in({"phone": phone, "password": "Wrong-password-1"})
        seconds[phone] = min(seconds.get(phone, 9.0), time.process_time() - since)
        assert is_refusal(answer, 401) == ""
        words.add(answer.text)
    assert len(words) == 1
    # Each pays for one Argon2 hash; without it the answer would be there in a tenth of that.
    assert 0.3 < seconds[phones[0]] / seconds[phones[1]] < 3


async def test_ten_logins_that_succeed_pass_in_a_row_and_at_once(api: Api):
    card = api.card("M")
    one_by_one = [(await login(api, card["phone"], card["password"])).status_code for _ in range(10)]
    at_once = await asyncio.gather(*(login(api, card["phone"], card["password"]) for _ in range(10)))
    assert one_by_one == [200] * 10
    assert [answer.status_code for answer in at_once] == [200] * 10


async def test_a_refresh_token_is_good_once_and_gives_the_next(api: Api):
    _, first = await session(api, await api.newcomer())
    answer = await refresh(api, first)
    assert answer.json().keys() == {"access_token", "token_type"}
    second = answer.cookies[COOKIE]
    assert second != first
    assert await me(api, answer.json()["access_token"]) == 200
    assert (await refresh(api, second)).status_code == 200


async def test_a_refresh_token_used_twice_long_apart_ends_its_family_and_no_other(api: Api):
    card = await api.newcomer()
    phone_access, first = await session(api, card)
    laptop_access, laptop = await session(api, card)
    rotated = await refresh(api, first)
    await used_long_ago(api, card)
    stolen = await refresh(api, first)
    assert is_refusal(stolen, 401) == ""
    assert (await refresh(api, rotated.cookies[COOKIE])).status_code == 401
    assert await me(api, phone_access) == 401
    assert await me(api, rotated.json()["access_token"]) == 401
    assert await me(api, laptop_access) == 200
    assert (await refresh(api, laptop)).status_code == 200


async def test_tabs_that_refresh_one_session_at_once_get_the_same_tokens_and_stay_inside(api: Api):
    card = await api.newcomer()
    _, first = await session(api, card)
    answers = await asyncio.gather(*(refresh(api, first) for _ in range(8)))
    answers.append(await refresh(api, first))
    assert [answer.status_code for answer in answers] == [200] * 9
    (access,) = {answer.json()["access_token"] for answer in answers}
    (second,) = {answer.cookies[COOKIE] for answer in answers}
    assert await me(api, access) == 200
    assert await api.rows.fetchval("SELECT count(*) FROM refresh_tokens WHERE user_id = $1", card["id"]) == 2
    await used_long_ago(api, card)
    assert (await refresh(api, second)).status_code == 200


async def test_after_a_logout_a_refresh_token_that_was_just_used_opens_nothing(api: Api):
    _, first = await session(api, await api.newcomer())
    access = (await refresh(api, first)).json()["access_token"]
    assert (await api.ask("POST", "/auth/logout", headers=bearer(access))).status_code == 200
    assert is_refusal(await refresh(api, first), 401) == ""
    assert await me(api, access) == 401


async def test_without_a_grace_a_second_use_ends_the_session_even_at_once(api: Api, app: FastAPI):
    access, first = await session(api, await api.newcomer())
    opened = app.state.resources
    strict = opened.settings.web.model_copy(update={"refresh_grace": timedelta(0)})
    app.state.resources = replace(opened, settings=opened.settings.model_copy(update={"web": strict}))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here") as http:
        ask = {"url": f"{PREFIX}/auth/refresh", "headers": {"Cookie": f"{COOKIE}={first}"}}
        statuses = sorted(answer.status_code for answer in await asyncio.gather(http.post(**ask), http.post(**ask)))
    app.state.resources = opened
    assert statuses == [200, 401]
    assert await me(api, access) == 401


async def test_what_is_no_refresh_token_is_refused(api: Api):
    access, _ = await session(api, await api.newcomer())
    for token in ("", "x", access, "a.b.c", "x" * 1_999):
        assert is_refusal(await refresh(api, token), 401) == ""
    assert is_refusal(await refresh(api, "x" * 2_001), 422) == ""


async def test_logging_out_ends_the_session_at_once_and_only_this_one(api: Api):
    card = await api.newcomer()
    access, token = await session(api, card)
    other, _ = await session(api, card)
    answer = await api.ask("POST", "/auth/logout", headers=bearer(access))
    assert (answer.status_code, answer.json()) == (200, {"message": "Successfully logged out"})
    assert await me(api, access) == 401
    assert (await refresh(api, token)).status_code == 401
    assert await me(api, other) == 200


async def test_what_the_tables_keep_of_tokens_and_passwords_opens_nothing(api: Api):
    card = await api.newcomer()
    access, token = await session(api, card)
    kept = str(await api.rows.fetch("SELECT * FROM refresh_tokens WHERE user_id = $1", card["id"]))
    kept += str(await api.rows.fetch("SELECT * FROM users WHERE id = $1", card["id"]))
    assert not any(secret in kept for secret in (access, token, card["password"]))
    assert "$argon2id$" in kept
