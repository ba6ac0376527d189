"""What one API process is told holds for the other at its very next request, whatever happens to the news between them.

A token that a process knows by heart is told from one that it looks up by a change that nobody is told of: the rows
change with the triggers off, and whoever still answers with the old name did not look.
"""

from collections.abc import AsyncIterator
from itertools import count

import psutil
import pytest

from devstack.stack import Stack
from tests.api.concurrent import Api, Json, bearer, until
from tests.api.second_api import SecondApi, second_api
from tests.api.test_login import COOKIE, login, used_long_ago

_NUMBERS = count(1)
MECHANIC = 2


@pytest.fixture(scope="module")
async def other(stack: Stack) -> AsyncIterator[SecondApi]:
    async with second_api(stack) as found:
        yield found


async def me(api: Api, access: str) -> tuple[int, str]:
    answer = await api.ask("GET", "/auth/me", headers=bearer(access))
    return answer.status_code, answer.json()["user"]["first_name"] if answer.status_code == 200 else ""


async def session(api: Api, card: Json) -> tuple[str, str]:
    answer = await login(api, card["phone"], card["password"])
    return answer.json()["access_token"], answer.cookies[COOKIE]


async def unheard(api: Api, card: Json) -> str:
    """Another first name for somebody that nobody is told of."""
    name = f"Nina{next(_NUMBERS)}"
    async with api.rows.acquire() as rows, rows.transaction():
        await rows.execute("SET LOCAL session_replication_role = replica")
        await rows.execute("UPDATE users SET first_name = $2 WHERE id = $1", card["id"], name)
    return name


async def knows(api: Api, card: Json, access: str) -> bool:
    """Whether it answers from memory."""
    before = await me(api, access)
    await unheard(api, card)
    return await me(api, access) == before


async def known_to(card: Json, access: str, *apis: Api) -> None:
    for api in apis:
        await until(lambda api=api: knows(api, card, access))


async def cut_off(api: Api) -> None:
    """End the listening connection of the other process from the far end."""
    relayed = [each.laddr.port for each in psutil.Process().net_connections() if each.raddr]
    ended = await api.rows.fetch(
        "SELECT pg_terminate_backend(pid) FROM auth_listeners JOIN pg_stat_activity USING (pid) "
        "WHERE client_port = ANY($1)",
        relayed,
    )
    assert len(ended) == 1


async def test_a_logout_in_one_is_known_to_the_other_at_the_next_request(api: Api, other: SecondApi):
    card = await api.newcomer()
    access, _ = await session(api, card)
    await known_to(card, access, api, other)
    for turn in range(4):
        here, there = (api, other) if turn % 2 else (other, api)
        access, _ = await session(here, card)
        assert [(await me(each, access))[0] for each in (here, there, here, there)] == [200] * 4
        answer = await here.ask("POST", "/auth/logout", headers=bearer(access))
        assert answer.status_code == 200
        assert await me(there, access) == (401, "")
        assert await me(here, access) == (401, "")


async def test_a_stolen_refresh_token_ends_its_session_in_both(api: Api, other: SecondApi):
    card = await api.newcomer()
    access, token = await session(api, card)
    await known_to(card, access, api, other)
    for each in (api, other):
        await each.ask("POST", "/auth/refresh", headers={"Cookie": f"{COOKIE}={token}"})
        each.http.cookies.clear()
        await used_long_ago(api, card)
    assert [await me(each, access) for each in (api, other)] == [(401, "")] * 2


async def test_a_scope_that_a_role_loses_or_gets_counts_in_the_other_at_the_next_request(api: Api, other: SecondApi):
    mechanic, admin = api.card("M"), api.card("A")
    (before,) = [each for each in (await api.ask("GET", "/rbac/roles", admin)).json() if each["id"] == MECHANIC]
    without = [scope for scope in before["scopes"] if scope != "READ:UTILS"]
    assert (await other.ask("GET", "/utils/status", mechanic)).status_code == 200
    try:
        for _ in range(2):
            for scopes, status in ((without, 403), (before["scopes"], 200)):
                given = await api.ask("PUT", f"/rbac/roles/{MECHANIC}/scopes", admin, json={"scopes": scopes})
                assert given.json() == {**before, "scopes": scopes}
                assert (await other.ask("GET", "/utils/status", mechanic)).status_code == status
    finally:
        await api.ask("PUT", f"/rbac/roles/{MECHANIC}/scopes", admin, json={"scopes": before["scopes"]})


async def test_a_new_name_a_new_password_and_a_farewell_in_one_count_in_the_other_at_the_next_request(
    api: Api, other: SecondApi
):
    for here, there in ((api, other), (other, api)):
        card = await api.newcomer()
        (access, _), (laptop, _) = await session(here, card), await session(there, card)
        await known_to(card, laptop, here, there)

        async def write(method: str, path: str, here=here, access=access, **body: str) -> None:
            answer = await here.ask(method, path, headers=bearer(access), **({"json": body} if body else {}))
            assert answer.status_code == 200, answer.text

        await write("PUT", f"/customers/{card['id']}", name="Mira New")
        assert await me(there, laptop) == (200, "Mira")
        await write("POST", "/auth/password/change", current_password=card["password"], new_password="New-Secret-1")
        assert [await me(each, laptop) for each in (there, here)] == [(401, "")] * 2
        access, _ = await session(there, {**card, "password": "New-Secret-1"})
        await known_to(card, access, here, there)
        await write("DELETE", f"/customers/{card['id']}", access=access)
        assert [await me(each, access) for each in (there, here)] == [(401, "")] * 2


async def test_a_row_that_is_changed_by_hand_is_seen_by_both(api: Api, other: SecondApi):
    card = await api.newcomer()
    access, _ = await session(api, card)
    changes = {
        "UPDATE users SET first_name = 'Anna' WHERE id = $1": (200, "Anna"),
        "UPDATE users SET deleted_at = now() WHERE id = $1": (401, ""),
    }
    for change, seen in changes.items():
        await known_to(card, access, api, other)
        await api.rows.execute(change, card["id"])
        for each in (api, other):
            await until(lambda each=each, seen=seen: _sees(each, access, seen))


async def test_the_row_decides_the_role_of_a_known_token_too(api: Api, other: SecondApi):
    card = await api.newcomer()
    access, _ = await session(api, card)
    await known_to(card, access, api, other)
    of_role = "UPDATE users SET role_id = (SELECT id FROM roles WHERE name = $2) WHERE id = $1"
    await api.rows.execute(of_role, card["id"], "mechanic")
    for each in (api, other):
        await until(lambda each=each: _is(each, access, "mechanic"))
        assert (await each.ask("POST", "/car/", headers=bearer(access), json={})).json()["code"] == "ScopeRequired"
    # A CST who is a mechanic is what the tests of attacks look for in all rows.
    await api.rows.execute(of_role, card["id"], "customer")


async def test_a_process_whose_listening_connection_is_cut_refuses_at_once(api: Api, other: SecondApi):
    card = await api.newcomer()
    for _ in range(2):
        access, _ = await session(api, card)
        await known_to(card, access, api, other)
        await cut_off(api)
        assert (await api.ask("POST", "/auth/logout", headers=bearer(access))).status_code == 200
        assert await me(other, access) == (401, "")


async def test_a_process_that_uses_its_listening_connection_just_when_that_ends_listens_again(
    api: Api, other: SecondApi
):
    card = await api.newcomer()
    access, _ = await session(api, card)
    await known_to(card, access, other)
    with other.relay.holding_ends():
        await cut_off(api)
        await until(lambda: _looks(other, card, access))
    await known_to(card, access, other)


@pytest.mark.parametrize("deaf_one_logs_out", [False, True])
async def test_a_process_that_the_news_do_not_reach_refuses_too(api: Api, other: SecondApi, deaf_one_logs_out: bool):
    card = await api.newcomer()
    access, _ = await session(api, card)
    await known_to(card, access, api, other)
    with other.relay.holding_notifications():
        asked = other if deaf_one_logs_out else api
        assert (await asked.ask("POST", "/auth/logout", headers=bearer(access))).status_code == 200
        assert [await me(each, access) for each in (other, api)] == [(401, "")] * 2


async def test_a_process_that_hears_nothing_looks_every_token_up_until_it_hears_again(api: Api, other: SecondApi):
    card = await api.newcomer()
    access, _ = await session(api, card)
    await known_to(card, access, api, other)
    with other.relay.holding_notifications():
        await until(lambda: _looks(other, card, access))
        for _ in range(3):
            assert not await knows(other, card, access)
        assert await knows(api, card, access)
    await known_to(card, access, other)


async def _looks(api: Api, card: Json, access: str) -> bool:
    return not await knows(api, card, access)


async def _sees(api: Api, access: str, seen: tuple[int, str]) -> bool:
    return await me(api, access) == seen


async def _is(api: Api, access: str, role: str) -> bool:
    return (await api.ask("GET", "/auth/me", headers=bearer(access))).json()["role"] == role
