"""What people see of their own sessions, and how they end one."""

import secrets

import httpx
import pytest

from api.auth.origins import device_in
from tests.addresses import new_address
from tests.api.concurrent import Api, Json, bearer, is_refusal
from tests.api.people import appointed, hired
from tests.api.test_login import COOKIE, login, me, refresh, session

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
CHROME = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36"


async def sessions_of(api: Api, access: str) -> list[Json]:
    answer = await api.ask("GET", "/auth/sessions", headers=bearer(access))
    assert answer.status_code == 200, answer.text
    return answer.json()


async def end(api: Api, access: str, session_id: str) -> httpx.Response:
    return await api.ask("DELETE", f"/auth/sessions/{session_id}", headers=bearer(access))


async def from_device(api: Api, card: Json, user_agent: str, address: str) -> tuple[str, str]:
    form = {"username": card["phone"], "password": card["password"]}
    headers = {"X-Forwarded-For": address, "User-Agent": user_agent}
    answer = await api.ask("POST", "/auth/login", data=form, headers=headers)
    api.http.cookies.clear()
    return answer.json()["access_token"], answer.cookies[COOKIE]


@pytest.mark.parametrize("role", ["C", "M", "A"])
async def test_everybody_sees_where_they_are_logged_in_and_which_one_is_this(api: Api, role: str):
    card = await {"C": api.newcomer, "M": lambda: hired(api), "A": lambda: appointed(api)}[role]()
    laptop, mobile = new_address(), f"2001:db8:{secrets.randbelow(65536):x}:2"
    await from_device(api, card, FIREFOX, laptop)
    phone, _ = await from_device(api, card, CHROME, f"{mobile}:3:4:5:6")
    newest, oldest = await sessions_of(api, phone)
    assert [newest["device"], oldest["device"]] == ["Chrome on Android", "Firefox on Linux"]
    assert [newest["address"], oldest["address"]] == [f"{mobile}::/64", laptop]
    assert [newest["current"], oldest["current"]] == [True, False]
    for each in (newest, oldest):
        assert each["began_at"] <= each["last_used_at"]


async def test_a_session_stays_the_same_when_it_is_renewed_and_says_from_where(api: Api):
    card, moved = await api.newcomer(), new_address()
    access, cookie = await from_device(api, card, FIREFOX, new_address())
    (before,) = await sessions_of(api, access)
    headers = {"Cookie": f"{COOKIE}={cookie}", "User-Agent": CHROME, "X-Forwarded-For": moved}
    renewed = await api.ask("POST", "/auth/refresh", headers=headers)
    api.http.cookies.clear()
    for token in (access, renewed.json()["access_token"]):
        (after,) = await sessions_of(api, token)
        assert (after["id"], after["began_at"], after["current"]) == (before["id"], before["began_at"], True)
        assert (after["device"], after["address"]) == ("Chrome on Android", moved)


async def test_a_session_that_is_ended_from_elsewhere_is_refused_at_once_and_no_other(api: Api):
    card = await api.newcomer()
    phone, phone_cookie = await session(api, card)
    renewed = await refresh(api, phone_cookie)
    laptop, laptop_cookie = await session(api, card)
    (lost,) = [each["id"] for each in await sessions_of(api, laptop) if not each["current"]]
    answer = await end(api, laptop, lost)
    assert (answer.status_code, list(answer.json())) == (200, ["message"])
    assert [await me(api, token) for token in (phone, renewed.json()["access_token"], laptop)] == [401, 401, 200]
    assert (await refresh(api, renewed.cookies[COOKIE])).status_code == 401
    assert [each["current"] for each in await sessions_of(api, laptop)] == [True]
    assert is_refusal(await end(api, laptop, lost), 404) == ""
    assert (await refresh(api, laptop_cookie)).status_code == 200


async def test_ending_the_current_session_is_a_logout(api: Api):
    access, cookie = await session(api, await api.newcomer())
    (this,) = await sessions_of(api, access)
    assert (await end(api, access, this["id"])).status_code == 200
    assert await me(api, access) == 401
    assert (await refresh(api, cookie)).status_code == 401


async def test_another_persons_session_is_not_there(api: Api):
    mine, theirs = await session(api, await appointed(api)), await session(api, await api.newcomer())
    (foreign,) = await sessions_of(api, theirs[0])
    known, unknown = await end(api, mine[0], foreign["id"]), await end(api, mine[0], "no-such-session")
    assert is_refusal(known, 404) == ""
    assert known.json()["detail"].replace(foreign["id"], "no-such-session") == unknown.json()["detail"]
    assert await me(api, theirs[0]) == 200
    assert foreign["id"] not in str(await sessions_of(api, mine[0]))


async def test_who_is_logged_out_or_has_a_new_password_has_no_session_of_before(api: Api):
    card = await api.newcomer()
    gone, _ = await session(api, card)
    stays, _ = await session(api, card)
    await api.ask("POST", "/auth/logout", headers=bearer(gone))
    assert len(await sessions_of(api, stays)) == 1
    body = {"current_password": card["password"], "new_password": "Another-Secret-1"}
    await api.ask("POST", "/auth/password/change", headers=bearer(stays), json=body)
    answer = await login(api, card["phone"], "Another-Secret-1")
    assert [each["current"] for each in await sessions_of(api, answer.json()["access_token"])] == [True]


def test_a_device_is_told_by_its_browser_and_its_system_or_by_one_word():
    safari = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Safari/604.1"
    edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36 Edg/140.0"
    assert [device_in(each) for each in (FIREFOX, CHROME, safari, edge)] == [
        "Firefox on Linux",
        "Chrome on Android",
        "Safari on iPhone",
        "Edge on Windows",
    ]
    assert [device_in(each) for each in ("curl/8.5.0", "okhttp", "python-httpx/0.28")] == [
        "curl",
        "okhttp",
        "python-httpx",
    ]
    for hostile in ("", "evil.example/1", "https://evil.example", "<b>", "1/2", "A" * 1000, "\x00\n"):
        assert device_in(hostile) is None
