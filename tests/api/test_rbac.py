"""Roles and their scopes over HTTP."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from adapters.postgres.people.rbac import KEYS_OF_THE_HOUSE
from kinds.vehicle_service.domain.roles import ALL_SCOPES, SCOPES, Role
from tests.api.concurrent import Api, Json, is_refusal

ADMIN, MECHANIC, CUSTOMER = 1, 2, 3
ROLES = {ADMIN: Role.ADMIN, MECHANIC: Role.MECHANIC, CUSTOMER: Role.CUSTOMER}


async def roles(api: Api) -> dict[int, list[str]]:
    return {each["id"]: each["scopes"] for each in (await api.ask("GET", "/rbac/roles", api.card("C"))).json()}


async def put(api: Api, role: int, body: Json):
    return await api.ask("PUT", f"/rbac/roles/{role}/scopes", api.card("A"), json=body)


@pytest.fixture
async def mechanics(api: Api) -> AsyncIterator[list[str]]:
    """The scopes of mechanics, which they have again afterwards."""
    before = (await roles(api))[MECHANIC]
    yield before
    assert (await put(api, MECHANIC, {"scopes": before})).status_code == 200


async def test_the_roles_have_the_scopes_of_the_table(api: Api):
    answer = await api.ask("GET", "/rbac/roles", api.card("M"))
    assert [(each["id"], each["name"]) for each in answer.json()] == [(id_, role.value) for id_, role in ROLES.items()]
    assert {id_: set(scopes) for id_, scopes in (await roles(api)).items()} == {
        id_: SCOPES[role] for id_, role in ROLES.items()
    }


async def test_all_scopes_are_listed_with_who_has_them(api: Api):
    asked = [api.ask("GET", "/rbac/scopes", api.card("C"), params={"limit": 100, "offset": at}) for at in (0, 100)]
    parts = await api.all(asked)
    rows = [row for part in parts for row in part.json()]
    assert {row["name"] for row in rows} == set(ALL_SCOPES)
    assert parts[0].headers["x-total-count"] == str(len(ALL_SCOPES))
    for row in rows:
        assert row["roles"] == [role.value for role in ROLES.values() if row["name"] in SCOPES[role]]


async def test_replacing_scopes_gives_takes_and_shows(api: Api, mechanics):
    wanted = sorted({*mechanics, "READ:NOTIFICATION_LOG"} - {"READ:UTILS"})
    answer = await put(api, MECHANIC, {"scopes": [*wanted, *wanted]})
    assert (answer.status_code, answer.json()) == (200, {"id": MECHANIC, "name": "mechanic", "scopes": wanted})
    assert await roles(api) == {**await roles(api), MECHANIC: wanted}
    refused = await api.ask("GET", "/utils/status", api.card("M"))
    assert is_refusal(refused, 403) == ""
    assert refused.json()["detail"] == "READ:UTILS scope required"
    own = (await api.ask("GET", "/auth/me", api.card("M"))).json()
    assert own["scopes"] == wanted


async def test_a_role_may_be_left_without_any_scope(api: Api, mechanics):
    assert (await put(api, MECHANIC, {"scopes": []})).json()["scopes"] == []
    refused = await api.ask("GET", "/rbac/roles", api.card("M"))
    assert refused.json()["code"] == "ScopeRequired"


async def test_what_is_no_scope_or_no_role_changes_nothing(api: Api, mechanics):
    unknown = await put(api, MECHANIC, {"scopes": ["READ:BOOKINGS", "READ:SECRETS"]})
    assert is_refusal(unknown, 400) == ""
    assert unknown.json()["scopes"] == ["READ:SECRETS"]
    for role in (4, 2_000_000_000):
        assert is_refusal(await put(api, role, {"scopes": ["READ:BOOKINGS"]}), 404) == ""
    injected = "READ:BOOKINGS'; DROP TABLE roles; --"
    for scopes in (["bookings"], ["READ:BOOKINGS\x00"], [injected], None, "READ:BOOKINGS"):
        assert is_refusal(await put(api, MECHANIC, {"scopes": scopes}), 422) == ""
    assert is_refusal(await put(api, MECHANIC, {}), 422) == ""
    assert (await roles(api))[MECHANIC] == mechanics


@pytest.mark.parametrize("key", sorted(KEYS_OF_THE_HOUSE))
async def test_admins_keep_what_they_need_to_undo_it(api: Api, key: str):
    before = (await roles(api))[ADMIN]
    refused = await put(api, ADMIN, {"scopes": [scope for scope in before if scope != key]})
    assert is_refusal(refused, 409) == ""
    assert key in refused.json()["detail"]
    assert (await roles(api))[ADMIN] == before
    assert is_refusal(await put(api, ADMIN, {"scopes": []}), 409) == ""


async def test_of_two_admins_at_once_one_is_followed_whole(api: Api, mechanics):
    choices = [sorted(f"{action}:{thing}" for thing in ("CARS", "AREAS", "GST")) for action in ("READ", "WRITE")]
    for _ in range(5):
        answers = await asyncio.gather(*(put(api, MECHANIC, {"scopes": scopes}) for scopes in choices))
        assert [answer.status_code for answer in answers] == [200, 200]
        assert (await roles(api))[MECHANIC] in choices
