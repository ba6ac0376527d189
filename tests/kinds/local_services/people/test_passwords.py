"""Lost passwords, tokens, and identities of other providers."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import event

from adapters.auth.tokens import Tokens
from tests.kinds.local_services.people.house import PASSWORD, People, forgotten, refusal

NEW = "Another-123"


async def reset_code(people: People, person: dict[str, Any]) -> str:
    asked = await people.ask("POST", "/auth/password/reset/request", json={"phone": person["phone"]})
    assert asked.status_code == 202
    return await people.code_when_sent(person, "reset-password")


async def test_a_lost_password_is_set_by_a_code_once_which_ends_every_session_and_verifies_the_phone(people: People):
    person = await people.registered()
    body = {"phone": person["phone"], "code": await reset_code(people, person), "new_password": NEW}
    done = await people.ask("POST", "/auth/password/reset/confirm", json=body)
    assert done.status_code == 200, done.text
    assert refusal(await people.ask("POST", "/auth/password/reset/confirm", json=body)) == (400, "CodeRefused")
    assert (await people.ask("GET", "/users/me", person)).status_code == 401
    assert (await people.logged_in(person["phone"], NEW))["user"]["phone_verified"] is True
    old = await people.ask("POST", "/auth/login", json={"phone": person["phone"], "password": PASSWORD})
    assert refusal(old) == (401, "Unauthenticated")
    assert len(await people.acts(person, "password-change")) == 1


async def test_a_request_for_a_new_password_tells_nothing_of_who_is_known(people: People):
    person = await people.registered()
    wanted = [
        {"phone": person["phone"]},
        {"phone": people.phone()},
        {"email": f"{people.phone()}@example.com"},
    ]
    answers = [await people.ask("POST", "/auth/password/reset/request", json=each) for each in wanted]
    assert {(each.status_code, each.text) for each in answers} == {(202, answers[0].text)}
    for body in ({}, {"phone": person["phone"], "email": "a@example.com"}):
        assert (await people.ask("POST", "/auth/password/reset/request", json=body)).status_code == 422


async def test_a_lost_password_is_set_by_a_link_once_which_verifies_the_mail_address(people: People):
    email = f"d{people.phone()}@example.com"
    person = await people.registered(email=email)
    resources, (row,) = people.app.state.resources, await people.rows("SELECT now() AS now, now() + '1h' AS until")
    token = resources.password_links.issue("local_services", person["user"]["id"], row["now"], row["until"])
    body = {"token": token, "new_password": NEW}
    assert (await people.ask("POST", "/auth/password/reset/confirm", json=body)).status_code == 200
    assert refusal(await people.ask("POST", "/auth/password/reset/confirm", json=body)) == (400, "CodeRefused")
    assert (await people.logged_in(person["phone"], NEW))["user"]["email_verified"] is True


async def test_a_wish_for_a_code_that_a_worker_gets_twice_makes_one_and_the_next_wish_another(people: People):
    person, texts = await people.registered(), people.texts()
    first = [await texts.reset_code(forgotten(person["phone"], "twice" + person["phone"])) for _ in range(2)]
    assert first[0] is not None
    assert first[0] == first[1]
    second = await texts.reset_code(forgotten(person["phone"]))
    assert second is not None
    assert await texts.text_of(first[0].key) is None
    message = await texts.text_of(second.key)
    assert message is not None
    assert (message.to, await people.code(person, "reset-password") in message.text) == (f"+91{person['phone']}", True)


async def test_a_wish_for_a_code_that_waited_too_long_and_one_for_a_phone_of_nobody_make_none(people: People):
    person, texts = await people.registered(), people.texts()
    assert await texts.reset_code(forgotten(person["phone"], good_for=timedelta(0))) is None
    assert await texts.reset_code(forgotten(people.phone())) is None


@pytest.mark.parametrize(
    "proof", [{"token": "a.b.c"}, {"phone": "9841385379", "code": "123456"}], ids=["token", "unknown phone"]
)
async def test_a_token_or_code_that_nobody_sent_is_refused(people: People, proof: dict[str, str]):
    answer = await people.ask("POST", "/auth/password/reset/confirm", json={**proof, "new_password": NEW})
    assert refusal(answer) == (400, "CodeRefused")


async def test_a_wrong_code_is_as_much_work_for_a_phone_that_nobody_has(people: People):
    person = await people.registered()
    known, unknown = [await asked_of_codes(people, phone) for phone in (person["phone"], people.phone())]
    assert known
    assert known == unknown


async def asked_of_codes(people: People, phone: str) -> list[str]:
    """What PostgreSQL is asked of codes before a wrong one is refused."""
    asked: list[str] = []
    engine = people.app.state.resources.database.write.sync_engine

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if "codes" in statement:
            asked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    body = {"phone": phone, "code": "000000", "new_password": "Another-456"}
    answer = await people.ask("POST", "/auth/password/reset/confirm", json=body)
    event.remove(engine, "before_cursor_execute", note)
    assert refusal(answer) == (400, "CodeRefused")
    return asked


async def test_a_link_of_another_kind_and_a_token_of_another_kind_are_nobodys_here(people: People):
    person = await people.registered()
    resources, (row,) = people.app.state.resources, await people.rows("SELECT now() AS now, now() + '1h' AS until")
    link = resources.password_links.issue("vehicle_service", person["user"]["id"], row["now"], row["until"])
    answer = await people.ask("POST", "/auth/password/reset/confirm", json={"token": link, "new_password": NEW})
    assert refusal(answer) == (400, "CodeRefused")
    other = Tokens(resources.settings.secrets, "vehicle_service")
    forged = other.issue("access", person["user"]["id"], "SERVICE_SEEKER", row["now"]).token
    assert (await people.ask("GET", "/users/me", {"access_token": forged})).status_code == 401
    refresh = other.issue("refresh", person["user"]["id"], "SERVICE_SEEKER", row["now"]).token
    assert (await people.ask("POST", "/auth/refresh", json={"refresh_token": refresh})).status_code == 401


async def test_a_reuse_of_a_refresh_token_ends_the_family_and_is_in_the_audit_log(people: People):
    person = await people.registered()
    first = await people.ask("POST", "/auth/refresh", json={"refresh_token": person["refresh_token"]})
    assert (first.status_code, first.json()["user"]["id"]) == (200, person["user"]["id"])
    reused = await people.ask("POST", "/auth/refresh", json={"refresh_token": person["refresh_token"]})
    assert refusal(reused) == (401, "Unauthenticated")
    assert (await people.ask("GET", "/users/me", first.json())).status_code == 401
    assert [act["actor_id"] for act in await people.acts(person, "refresh-reuse")] == [person["user"]["id"]]


async def test_a_changed_password_is_in_the_audit_log_without_what_it_was(people: People):
    person = await people.registered()
    body = {"current_password": PASSWORD, "new_password": NEW}
    headers = {"X-Request-Id": "change-of-asha"}
    assert (await people.ask("POST", "/auth/password/change", person, json=body, headers=headers)).status_code == 200
    [act] = await people.acts(person, "password-change")
    assert act == {"actor_id": person["user"]["id"], "metadata": {"request_id": "change-of-asha"}}


async def test_a_login_elsewhere_a_new_password_and_a_block_are_told_in_the_application(people: People):
    admin, person = await people.admin(), await people.registered()
    told = "SELECT payload ->> 'event' AS event FROM user_notifications WHERE user_id = :id ORDER BY id"

    async def events() -> list[str]:
        return [row["event"] for row in await people.rows(told, id=person["user"]["id"])]

    assert await events() == [], "the first login is nobody else's"
    again = await people.logged_in(person["phone"])
    assert await events() == ["login"]
    change = {"current_password": PASSWORD, "new_password": NEW}
    assert (await people.ask("POST", "/auth/password/change", again, json=change)).status_code == 200
    await people.logged_in(person["phone"], NEW)
    assert await events() == ["login", "password-changed"], "no other login is alive"
    path = f"/users/{person['user']['id']}"
    for _ in range(2):
        await people.ask("PATCH", path, admin, json={"is_blocked": True})
    assert await events() == ["login", "password-changed", "blocked"]


async def id_token(provider: httpx.ASGITransport, sub: str, **claims: Any) -> dict[str, str]:
    async with httpx.AsyncClient(transport=provider, base_url="http://phone.test") as client:
        answer = await client.post("/sandbox/id-token", json={"sub": sub, "nonce": "n-1", **claims})
    return {**answer.json(), "nonce": "n-1"}


async def test_an_unknown_identity_registers_and_then_logs_in(people: People, provider_of_logins):
    body = await id_token(provider_of_logins, "asha-1", given_name="Asha", email="asha@example.com")
    begun = await people.ask("POST", "/auth/social/sandbox", json=body)
    assert (begun.status_code, begun.json()["expires_in"]) == (200, 900)
    assert begun.json()["profile"] == {"first_name": "Asha", "last_name": "", "email": "asha@example.com"}
    token = begun.json()["registration_token"]
    new = {name: value for name, value in people.new(registration_token=token).items() if name != "password"}
    made = await people.ask("POST", "/auth/register", json=new)
    assert made.status_code == 201, made.text
    again = await people.ask("POST", "/auth/register", json=people.new(registration_token=token))
    assert refusal(again) == (400, "CodeRefused")
    logged_in = await people.ask("POST", "/auth/social/sandbox", json=body)
    assert logged_in.json()["user"]["id"] == made.json()["user"]["id"]
    email = {"email": f"h{people.phone()}@example.com"}
    changed = await people.ask("PATCH", "/users/me", logged_in.json(), json=email)
    assert (changed.status_code, changed.json()["email"]) == (200, email["email"]), "who has no password shows none"


async def test_an_identity_is_linked_to_one_account_only_and_never_by_a_mail_address(
    people: People, provider_of_logins
):
    email = f"e{people.phone()}@example.com"
    person, other = await people.registered(email=email), await people.registered()
    body = await id_token(provider_of_logins, "asha-2", email=email)
    unknown = await people.ask("POST", "/auth/social/sandbox", json=body)
    assert "registration_token" in unknown.json(), "the same mail address joins nothing"
    for _ in range(2):
        linked = await people.ask("POST", "/auth/social/sandbox", person, json=body)
        assert (linked.status_code, linked.json()["user"]["id"]) == (200, person["user"]["id"])
    assert refusal(await people.ask("POST", "/auth/social/sandbox", other, json=body)) == (409, "Duplicate")
    late = people.new(registration_token=unknown.json()["registration_token"])
    assert refusal(await people.ask("POST", "/auth/register", json=late)) == (409, "Duplicate")


async def test_identities_of_nobody_we_trust_are_refused(people: People, provider_of_logins):
    body = await id_token(provider_of_logins, "asha-3")
    assert refusal(await people.ask("POST", "/auth/social/unknown", json=body)) == (404, "NotFound")
    for wrong in ({"aud": "another-app"}, {"alg": "none"}):
        body = await id_token(provider_of_logins, "asha-3", **wrong)
        assert refusal(await people.ask("POST", "/auth/social/sandbox", json=body)) == (401, "Unauthenticated")
    body = {**await id_token(provider_of_logins, "asha-3"), "nonce": "n-2"}
    assert refusal(await people.ask("POST", "/auth/social/sandbox", json=body)) == (401, "Unauthenticated")
