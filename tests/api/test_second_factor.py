"""The second factor of an admin: set up with the password, asked at every login, each code good once."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from adapters.postgres.database import Database
from devstack.stack import Stack
from kinds.vehicle_service.postgres.storage import STORAGE
from operations.admins import reset_second_factor
from settings import Stores
from tests.addresses import new_address
from tests.api.concurrent import Api, bearer, is_refusal, until
from tests.api.people import appointed, hired
from tests.api.second_factors import HERE, Holder, begun, holder, login_with, shown_by, wrong_for
from tests.api.test_login import login, me, refresh, session
from tests.api_beside import api_beside

MOST = 10
"""As `REVCARE_CODES_PER_PERSON` has it by default."""


@pytest.fixture(scope="module")
async def required(stack: Stack) -> AsyncIterator[Api]:
    """An API as in production: no admin without a second factor."""
    with api_beside(stack, {"REVCARE_ADMIN_SECOND_FACTOR": "required"}) as url:
        async with Api({**stack.info, "api": url}) as api:
            yield api


async def test_it_is_set_up_with_the_password_and_counts_once_a_code_has_confirmed_it(api: Api):
    card = await appointed(api)
    access, _ = await session(api, card)
    other, other_cookie = await session(api, card)
    wrong = await api.ask("POST", HERE, headers=bearer(access), json={"current_password": "Wrong-password-1"})
    assert is_refusal(wrong, 400) == ""
    first = await begun(api, card, access)
    app = await begun(api, card, access)
    assert (await login_with(api, card, None)).status_code == 200, "it does not count yet"
    for code in (wrong_for(app), shown_by(first), "A" * 16):
        refused = await api.ask("POST", f"{HERE}/confirm", headers=bearer(access), json={"code": code})
        assert is_refusal(refused, 400) == ""
    done = await api.ask("POST", f"{HERE}/confirm", headers=bearer(access), json={"code": shown_by(app)})
    assert len(set(done.json()["recovery_codes"])) == 10
    assert done.headers["cache-control"] == "no-store"
    assert [await me(api, each) for each in (access, other)] == [200, 401], "other sessions have shown no code"
    assert (await refresh(api, other_cookie)).status_code == 401
    shown = (await api.ask("GET", HERE, headers=bearer(access))).json()
    assert (shown["enabled"], shown["required"], shown["recovery_codes_left"]) == (True, False, 10)
    again = await api.ask("POST", HERE, headers=bearer(access), json={"current_password": card["password"]})
    assert is_refusal(again, 409) == ""


async def test_a_login_asks_for_a_code_and_takes_each_once(api: Api):
    admin = await holder(api)
    missing = await login_with(api, admin.card, None)
    assert (is_refusal(missing, 403), missing.json()["code"]) == ("", "SecondFactorNeeded")
    assert is_refusal(await login(api, admin.card["phone"], "Wrong-password-1"), 401) == ""
    assert is_refusal(await login_with(api, admin.card, wrong_for(admin.app), new_address()), 401) == ""
    code = await admin.code()
    assert (await login_with(api, admin.card, f"{code[:3]} {code[3:]}")).status_code == 200
    replayed = await login_with(api, admin.card, code, new_address())
    assert (is_refusal(replayed, 401), "used already" in replayed.json()["detail"]) == ("", True)


async def test_one_code_at_many_logins_at_once_opens_one(api: Api):
    admin = await holder(api)
    code = await admin.code()
    answers = await asyncio.gather(*(login_with(api, admin.card, code, new_address()) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401]


async def test_a_recovery_code_stands_for_the_app_once(api: Api):
    admin = await holder(api)
    code = admin.recovery_codes[3]
    assert (await login_with(api, admin.card, code.lower())).status_code == 200
    assert (await login_with(api, admin.card, code, new_address())).status_code == 401
    assert (await admin.ask("GET", HERE)).json()["recovery_codes_left"] == 9
    renewed = await admin.ask("POST", f"{HERE}/recovery-codes", json={"code": await admin.code()})
    fresh = renewed.json()["recovery_codes"]
    assert (await login_with(api, admin.card, admin.recovery_codes[4], new_address())).status_code == 401
    assert (await login_with(api, admin.card, fresh[0])).status_code == 200


async def test_codes_are_not_guessed_neither_at_the_login_nor_inside(api: Api):
    admin = await holder(api)
    for _ in range(MOST - 2):
        refused = await admin.ask("POST", f"{HERE}/verify", json={"code": wrong_for(admin.app)})
        assert is_refusal(refused, 400) == ""
    assert (await admin.ask("POST", f"{HERE}/verify", json={"code": await admin.code()})).status_code == 200
    tries = [login_with(api, admin.card, wrong_for(admin.app), new_address()) for _ in range(MOST + 3)]
    statuses = sorted(answer.status_code for answer in await asyncio.gather(*tries))
    assert statuses == [401] * MOST + [429] * 3
    for right in (await admin.code(), admin.recovery_codes[0]):
        late = await login_with(api, admin.card, right, new_address())
        assert is_refusal(late, 429) == ""
        assert int(late.headers["retry-after"]) > 0
        assert is_refusal(await admin.ask("POST", f"{HERE}/verify", json={"code": right}), 429) == ""


async def test_the_tables_keep_nothing_that_a_code_could_be_made_from(api: Api):
    admin = await holder(api)
    kept = str(await api.rows.fetch("SELECT * FROM second_factors WHERE user_id = $1", admin.card["id"]))
    assert admin.app.secret not in kept
    assert not any(code in kept or code.replace("-", "") in kept for code in admin.recovery_codes)


async def test_it_is_taken_off_with_the_password_and_a_code(api: Api):
    admin = await holder(api)
    password, wrong = admin.card["password"], wrong_for(admin.app)
    for current, code in ((password, wrong), ("Wrong-password-1", await admin.code())):
        body = {"current_password": current, "code": code}
        assert is_refusal(await admin.ask("POST", f"{HERE}/disable", json=body), 400) == ""
    body = {"current_password": password, "code": await admin.code()}
    assert (await admin.ask("POST", f"{HERE}/disable", json=body)).status_code == 200
    assert (await login_with(api, admin.card, None)).status_code == 200
    assert is_refusal(await admin.ask("POST", f"{HERE}/verify", json={"code": await admin.code()}), 409) == ""


async def test_it_is_for_admins(api: Api):
    for card in (await api.newcomer(), await hired(api)):
        body = {"current_password": card["password"]}
        assert is_refusal(await api.ask("POST", HERE, card, json=body), 403) == ""


async def test_an_operator_takes_it_off_for_who_has_lost_everything(api: Api, stack: Stack):
    admin = await holder(api)
    database = Database(Stores(postgresql_url=stack.info["postgres"]), STORAGE.schema)
    try:
        await reset_second_factor(database, admin.card["id"])
        with pytest.raises(LookupError):
            await reset_second_factor(database, admin.card["id"])
    finally:
        await database.close()

    async def is_out() -> bool:
        return await me(api, admin.access) == 401

    await until(is_out)
    assert (await login_with(api, admin.card, None)).status_code == 200


async def test_who_leaves_takes_it_along(api: Api):
    admin = await holder(api)
    assert (await api.ask("DELETE", f"/admins/{admin.card['id']}", api.card("A"))).status_code == 200
    assert await api.rows.fetch("SELECT FROM second_factors WHERE user_id = $1", admin.card["id"]) == []


async def test_where_it_is_required_an_admin_without_one_can_only_set_one_up(api: Api, required: Api):
    card = await appointed(api)
    answer = await login_with(required, card, None)
    assert answer.json()["second_factor_needed"] is True
    access = answer.json()["access_token"]
    asked = [("GET", "/auth/me"), ("GET", "/admins/"), ("GET", "/auth/sessions"), ("GET", "/backup/list")]
    asked += [("GET", "/bookings/1"), ("GET", "/bookings/1/events"), ("POST", "/admins/")]
    for method, path in asked:
        refused = await required.ask(method, path, headers=bearer(access))
        assert (is_refusal(refused, 403), refused.json()["code"]) == ("", "SecondFactorNeeded"), path
    assert (await required.ask("GET", HERE, headers=bearer(access))).json()["required"] is True
    app = await begun(required, card, access)
    body = {"code": shown_by(app)}
    done = await required.ask("POST", f"{HERE}/confirm", headers=bearer(access), json=body)
    admin = Holder(required, card, access, app, done.json()["recovery_codes"])
    assert await me(required, access) == 200
    inside = await login_with(required, card, await admin.code())
    assert "second_factor_needed" not in inside.json()
    body = {"current_password": card["password"], "code": await admin.code()}
    assert (await admin.ask("POST", f"{HERE}/disable", json=body)).status_code == 200
    assert await me(required, access) == 403


async def test_where_it_is_required_of_admins_others_need_none_and_whoever_needs_one_can_leave(api: Api, required: Api):
    for card in (await api.newcomer(), await hired(api)):
        access, _ = await session(required, card)
        assert await me(required, access) == 200
    access, _ = await session(required, await appointed(api))
    assert (await required.ask("POST", "/auth/logout", headers=bearer(access))).status_code == 200
