"""A kind whose people have a phone and need no mail address, and whose clients keep no cookies: tables by an app."""

import itertools
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import jwt
import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.resources import Resources
from api.app import create_app
from api.auth.account_rules import AccountRules
from api.auth.login_by import LoginBy
from api.kind import KindApi
from api.schemas.auth import AccessToken
from devstack.stack import Stack
from domain.accounts import AccountAct
from domain.errors import NotYours
from settings import Settings
from tests.api.conftest import surroundings
from tests.kinds.table_reservation.api import API
from tests.kinds.table_reservation.domain.booking import TableBooking
from tests.kinds.table_reservation.test_api import served

__all__ = ["surroundings"]

PASSWORD = "Secret-123"
_NUMBERS = itertools.count(7_000_000_201)
_BANNED: set[str] = set()
_ACTS: list[AccountAct] = []


class Tokens(AccessToken):
    """What apps get of a login."""

    refresh_token: str
    expires_in: int
    user: dict[str, str]


async def _shown(opened: Resources, person_id: str) -> dict[str, Any]:
    return {"user": {"id": person_id}}


async def _admit(connection: AsyncConnection, person_id: str) -> None:
    if person_id in _BANNED:
        raise NotYours("no table for you")


async def _kept(connection: AsyncConnection, act: AccountAct) -> None:
    _ACTS.append(act)


def for_apps() -> KindApi[TableBooking]:
    names = {"customer": "GUEST"}
    roles = tuple(replace(role, email_optional=True, shown_as=names.get(role.name, "")) for role in API.kind.roles)
    storage = replace(API.storage, kind=replace(API.kind, roles=roles), record_act=_kept)
    rules = AccountRules(for_apps=True, answer=Tokens, shown=_shown, admit=_admit)
    return replace(API, storage=storage, login_by=LoginBy.PHONE, accounts=rules)


@pytest.fixture(scope="module")
async def house(both_kinds: Stack, surroundings: None) -> AsyncIterator[httpx.AsyncClient]:
    """The application in this process; a spent refresh token is good for no second time."""
    settings = Settings()
    web = settings.web.model_copy(update={"refresh_grace": timedelta(0)})
    app = create_app(for_apps(), settings=settings.model_copy(update={"web": web}))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://tables/api/v1") as http,
    ):
        yield http


async def guest(house: httpx.AsyncClient) -> dict[str, str]:
    """Somebody new, without a mail address."""
    new = {"first_name": "Gita", "phone": str(next(_NUMBERS)), "password": PASSWORD}
    made = await house.post("/customers/", json=new)
    assert (made.status_code, made.json()["email"]) == (201, None), made.text
    return {"id": made.json()["id"], "phone": new["phone"]}


async def logged_in(house: httpx.AsyncClient, phone: str) -> dict[str, Any]:
    answer = await house.post("/auth/login", json={"phone": phone, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    house.cookies.clear()
    return answer.json()


def bearer(tokens: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens['access_token']}"}


async def test_who_has_no_mail_address_logs_in_by_form_or_json_and_reads_both_tokens_in_the_body(house):
    new = await guest(house)
    by_json = await house.post("/auth/login", json={"phone": new["phone"], "password": PASSWORD, "more": 1})
    by_form = await house.post("/auth/login", data={"username": new["phone"], "password": PASSWORD})
    for answer in (by_json, by_form):
        told = answer.json()
        assert (answer.status_code, told["token_type"], told["expires_in"]) == (200, "bearer", 1800)
        assert told["user"] == {"id": new["id"]}
        assert answer.cookies["refresh_token"] == told["refresh_token"]
        me = (await house.get("/auth/me", headers=bearer(told))).json()
        assert (me["user"]["email"], me["user"]["role"], me["role"]) == (None, "GUEST", "GUEST")
        said = jwt.decode(told["access_token"], options={"verify_signature": False})
        assert (said["role"], said["aud"]) == ("GUEST", "table_reservation")
    house.cookies.clear()


@pytest.mark.parametrize(
    "body",
    [{"json": {"phone": "7000000999"}}, {"json": [1]}, {"data": {"username": "x"}}, {"content": b"{", "headers": {
        "content-type": "application/json"}}, {"json": {"phone": 7, "password": "x"}}, {"files": {"username": b"x"}}],
)  # fmt: skip
async def test_a_login_of_another_shape_is_told_what_is_wrong(house, body):
    answer = await house.post("/auth/login", **body)
    assert (answer.status_code, answer.json()["code"]) == (422, "ShapeMismatch"), answer.text


async def test_the_refresh_token_of_the_body_is_taken_once_and_its_second_use_ends_the_family_and_is_recorded(house):
    new = await guest(house)
    first, other = await logged_in(house, new["phone"]), await logged_in(house, new["phone"])
    renewed = await house.post("/auth/refresh", json={"refresh_token": first["refresh_token"]})
    assert (renewed.status_code, renewed.json()["user"]) == (200, {"id": new["id"]})
    second = renewed.json()
    assert second["refresh_token"] != first["refresh_token"]
    house.cookies.clear()
    assert (await house.get("/auth/me", headers=bearer(second))).status_code == 200
    for _ in range(2):
        reused = await house.post("/auth/refresh", json={"refresh_token": first["refresh_token"]})
        assert (reused.status_code, reused.json()["code"]) == (401, "Unauthenticated")
    assert (await house.get("/auth/me", headers=bearer(second))).status_code == 401
    assert (await house.get("/auth/me", headers=bearer(other))).status_code == 200, "another login lives"
    acts = [act for act in _ACTS if act.target == new["id"]]
    assert acts == [AccountAct("refresh-reuse", new["id"], new["id"])]


async def test_a_refresh_without_a_token_is_refused_and_one_of_the_cookie_is_taken(house):
    nothing = await house.post("/auth/refresh")
    assert (nothing.status_code, nothing.json()["code"]) == (401, "Unauthenticated")
    tokens = await logged_in(house, (await guest(house))["phone"])
    by_cookie = await house.post("/auth/refresh", headers={"Cookie": f"refresh_token={tokens['refresh_token']}"})
    assert by_cookie.status_code == 200
    house.cookies.clear()


async def test_whom_the_kind_does_not_admit_is_told_so_only_with_the_right_password(house):
    new = await guest(house)
    _BANNED.add(new["id"])
    answers = [
        await house.post("/auth/login", json={"phone": new["phone"], "password": password})
        for password in (PASSWORD, "Wrong-123")
    ]
    assert [(each.status_code, each.json()["code"]) for each in answers] == [
        (403, "NotYours"),
        (401, "Unauthenticated"),
    ]


async def test_phone_and_mail_address_of_who_has_none_change_with_the_password_and_the_first_is_recorded(house):
    new = await guest(house)
    headers, path = bearer(await logged_in(house, new["phone"])), f"/customers/{new['id']}"
    email, phone = f"{new['id'].lower()}@example.com", str(next(_NUMBERS))
    refused = await house.put(path, headers=headers, json={"phone": phone})
    assert (refused.status_code, refused.json()["code"]) == (400, "PasswordNeeded")
    for change in ({"phone": phone}, {"email": email}):
        answer = await house.put(path, headers=headers, json={**change, "current_password": PASSWORD})
        assert answer.status_code == 200, answer.text
    assert (answer.json()["phone"], answer.json()["email"]) == (f"+91{phone}", email)
    assert AccountAct("phone-change", new["id"], new["id"]) in _ACTS


async def test_without_a_mail_address_a_password_is_needed_and_a_lost_one_is_mailed_to_nobody(house):
    named = {"first_name": "Gita", "phone": str(next(_NUMBERS))}
    assert (await house.post("/customers/", json=named)).status_code == 422
    new = await guest(house)
    assert (await house.post("/auth/password/reset/request", json={"phone": new["phone"]})).status_code == 202


async def test_the_document_tells_both_forms_of_a_login_and_which_addresses_may_be_null():
    async with served(for_apps()) as client:
        document = (await client.get("/openapi.json")).json()
    login = document["paths"]["/api/v1/auth/login"]["post"]["requestBody"]["content"]
    assert {kind: each["schema"]["required"] for kind, each in login.items()} == {
        "application/json": ["phone", "password"],
        "application/x-www-form-urlencoded": ["username", "password"],
    }
    assert "email" not in document["components"]["schemas"]["NewCustomer"]["required"]
    answered = document["components"]["schemas"]["AdminAnswer"]["properties"]["email"]
    assert {each["type"] for each in answered["anyOf"]} == {"string", "null"}


async def test_a_kind_without_customers_has_no_routes_of_them():
    roles = tuple(role for role in API.kind.roles if role.name != "customer")
    async with served(replace(API, storage=replace(API.storage, kind=replace(API.kind, roles=roles)))) as client:
        paths = (await client.get("/openapi.json")).json()["paths"]
    assert not [path for path in paths if path.startswith("/api/v1/customers")]
    assert "/api/v1/admins/" in paths
