"""What admins see and do of people, and the log of it."""

import httpx
import pytest
from sqlalchemy.exc import DBAPIError

from devstack.stack import Stack
from tests.kinds.local_services.people.house import PASSWORD, Json, People, refusal


async def test_admins_find_people_by_phone_name_and_role(people: People):
    admin, person = await people.admin(), await people.registered(role="SERVICE_PROVIDER", last_name="Zimmermann")
    wanted = [{"phone": person["phone"]}, {"q": "zimmerm", "role": "SERVICE_PROVIDER", "order": "newest"}]
    for query in wanted:
        found = await people.ask("GET", "/users/", admin, params={**query, "limit": 100})
        assert found.status_code == 200, found.text
        assert person["user"]["id"] in [row["id"] for row in found.json()]
    assert (await people.ask("GET", "/users/", admin, params={"phone": "12"})).status_code == 422
    other = await people.ask("GET", "/users/", admin, params={"phone": person["phone"], "role": "SERVICE_SEEKER"})
    assert (other.json(), other.headers["X-Total-Count"]) == ([], "0")


async def test_who_is_blocked_is_logged_out_and_told_so_with_the_right_password_only(people: People):
    admin, person = await people.admin(), await people.registered()
    path = f"/users/{person['user']['id']}"
    blocked = await people.ask("PATCH", path, admin, json={"is_blocked": True})
    assert (blocked.status_code, blocked.json()["is_blocked"]) == (200, True)
    assert (await people.ask("GET", "/users/me", person)).status_code == 401
    for password, told in ((PASSWORD, (403, "AccountBlocked")), ("Wrong-123", (401, "Unauthenticated"))):
        login = {"phone": person["phone"], "password": password}
        assert refusal(await people.ask("POST", "/auth/login", json=login)) == told
    refresh = {"refresh_token": person["refresh_token"]}
    assert refusal(await people.ask("POST", "/auth/refresh", json=refresh)) == (401, "Unauthenticated")
    assert refusal(await people.ask("GET", path, await people.registered())) == (404, "NotFound")
    for _ in range(2):
        assert (await people.ask("PATCH", path, admin, json={"is_blocked": False})).status_code == 200
    assert (await people.logged_in(person["phone"]))["user"]["id"] == person["user"]["id"]
    acts = [len(await people.acts(person, act)) for act in ("block", "unblock")]
    assert acts == [1, 1]


@pytest.fixture(scope="module")
async def others(people: People) -> list[Json]:
    """Somebody of each role that is no admin's."""
    return [await people.registered(role=role) for role in ("SERVICE_SEEKER", "SERVICE_PROVIDER")]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/users/"),
        ("PATCH", "/users/USR000001"),
        ("GET", "/audit-log"),
        ("GET", "/admins/"),
        ("POST", "/admins/"),
    ],
)
async def test_what_is_for_admins_is_refused_to_all_others(people: People, others: list[Json], method: str, path: str):
    body = {"json": {}} if method != "GET" else {}
    assert refusal(await people.ask(method, path, **body)) == (401, "Unauthenticated")
    for person in others:
        answer = await people.ask(method, path, person, **body)
        assert (answer.status_code, answer.json()["code"] in ("RoleRequired", "ScopeRequired")) == (403, True)


async def test_nobody_is_changed_who_is_not_there(people: People):
    admin = await people.admin()
    for path in ("/users/USR999999", f"/users/{admin['user']['id']}"):
        answer = await people.ask("PATCH", path, admin, json={"is_blocked": True})
        assert answer.status_code in (404, 422), answer.text
    assert (await people.ask("PATCH", "/users/USR999999", admin, json={"is_blocked": None})).status_code == 422


async def test_an_admin_makes_another_without_a_mail_address_and_both_are_in_the_log(people: People):
    admin = await people.admin()
    new = {"first_name": "Bela", "phone": people.phone(), "password": "Secret-456"}
    made = await people.ask("POST", "/admins/", admin, json=new)
    assert (made.status_code, made.json()["email"]) == (201, None), made.text
    other = await people.logged_in(new["phone"], "Secret-456")
    assert other["user"]["role"] == made.json()["role"] == "ADMIN"
    assert (await people.ask("GET", "/auth/me", other)).json()["role"] == "ADMIN"
    narrowed = {"action": "admin-create", "target_id": made.json()["id"], "target_type": "user"}
    [entry] = (await people.ask("GET", "/audit-log", other, params=narrowed)).json()
    assert (entry["actor_id"], entry["target_id"]) == (admin["user"]["id"], made.json()["id"])


async def test_the_log_is_narrowed_by_actor_action_and_time(people: People):
    admin, person = await people.admin(), await people.registered()
    await people.ask("PATCH", f"/users/{person['user']['id']}", admin, json={"is_blocked": True})
    mine = {"actor_id": admin["user"]["id"]}
    [entry] = (await people.ask("GET", "/audit-log", admin, params=mine)).json()
    assert (entry["action"], entry["target_type"], entry["target_id"]) == ("block", "user", person["user"]["id"])
    at = entry["created_at"]
    for more, count in (({"from": at}, 1), ({"to": "2026-01-01T00:00:00Z"}, 0), ({"action": "unblock"}, 0)):
        found = await people.ask("GET", "/audit-log", admin, params={**mine, **more})
        assert (found.status_code, len(found.json())) == (200, count)
    for wrong in ({"from": "yesterday"}, {"action": "party"}, {"target_type": "cat"}, {"limit": 0}):
        assert (await people.ask("GET", "/audit-log", admin, params=wrong)).status_code == 422


async def test_a_payout_account_counts_once_the_provider_knows_it(people: People, stack: Stack):
    admin, person = await people.admin(), await people.registered(role="SERVICE_PROVIDER")
    path = f"/users/{person['user']['id']}/payout-account"
    unknown = await people.ask("PUT", path, admin, json={"account_id": "acc_nobodyknowsthis"})
    assert refusal(unknown) == (400, "PaymentRejected")
    assert (await people.ask("GET", "/users/me", person)).json()["payout"] == {"status": "none", "account_id": None}
    url = f"{stack.info['razorpay']['base_url']}/sandbox/accounts"
    async with httpx.AsyncClient(trust_env=False) as sandbox:
        made = (await sandbox.post(url, json={"name": "Asha", "activated": True})).json()
    put = await people.ask("PUT", path, admin, json={"account_id": made["id"]})
    assert put.status_code == 200, put.text
    paid_to = {"status": "activated", "account_id": made["id"]}
    assert (await people.ask("GET", "/users/me", person)).json()["payout"] == paid_to
    [act] = await people.acts(person, "payout-account")
    assert act["metadata"]["account_id"] == [None, made["id"]]
    for body in ({"account_id": "GB33BUKB20201555555555"}, {}):
        assert (await people.ask("PUT", path, admin, json=body)).status_code == 422
    assert refusal(await people.ask("PUT", path, person, json={"account_id": made["id"]})) == (403, "RoleRequired")
    stranger = "/users/USR999999/payout-account"
    assert refusal(await people.ask("PUT", stranger, admin, json={"account_id": made["id"]})) == (404, "NotFound")


async def test_an_admin_has_an_account_looked_at_now_by_naming_it_again(people: People, stack: Stack):
    admin, person = await people.admin(), await people.registered(role="SERVICE_PROVIDER")
    path = f"/users/{person['user']['id']}/payout-account"
    url = f"{stack.info['razorpay']['base_url']}/sandbox/accounts"
    seen = []
    async with httpx.AsyncClient(trust_env=False) as sandbox:
        made = (await sandbox.post(url, json={"name": "Asha", "activated": False})).json()
        for activated in (False, True):
            await sandbox.patch(f"{url}/{made['id']}", json={"activated": activated})
            put = await people.ask("PUT", path, admin, json={"account_id": made["id"]})
            seen.append(put.json()["payout"]["status"] == "activated")
    assert seen == [False, True]


@pytest.mark.parametrize("change", ["UPDATE audit_log SET actor_id = 'ADM000001'", "DELETE FROM audit_log"])
async def test_nothing_in_the_log_is_changed_or_deleted(people: People, change: str):
    with pytest.raises(DBAPIError, match="never changed"):
        await people.rows(change)
