"""Registering by phone, and showing that a phone and a mail address are one's own."""

import asyncio
import re

import httpx
import pytest

from devstack.stack import Stack
from tests.addresses import new_address
from tests.kinds.local_services.people.house import PASSWORD, People, refusal


async def test_a_registration_logs_in_and_sends_a_code_which_verifies_the_phone_once(people: People):
    body = people.new()
    answer = await people.ask("POST", "/auth/register", json=body)
    made = answer.json()
    assert answer.status_code == 201, answer.text
    assert (made["token_type"], made["expires_in"]) == ("bearer", 1800)
    assert made["verification"]["channel"] == "sms"
    assert made["verification"]["to"] == f"+91******{body['phone'][-4:]}"
    user = made["user"]
    assert (user["role"], user["email"], user["phone"]) == ("SERVICE_SEEKER", None, f"+91{body['phone']}")
    assert (user["phone_verified"], user["reputation"], user["rating_avg"]) == (False, 82.5, None)
    assert user["id"].startswith("USR")
    code = await people.code(made)
    confirm = {"channel": "sms", "code": code}
    confirmed = await people.ask("POST", "/auth/verify/confirm", made, json=confirm)
    assert (confirmed.status_code, confirmed.json()["user"]["phone_verified"]) == (200, True)
    assert refusal(await people.ask("POST", "/auth/verify/confirm", made, json=confirm)) == (409, "AlreadyVerified")
    again = await people.ask("POST", "/auth/verify/request", made, json={"channel": "sms"})
    assert refusal(again) == (409, "AlreadyVerified")


async def test_the_text_message_has_the_code_as_its_only_run_of_six_digits_as_long_as_it_is_good(people: People):
    texts, made = people.texts(), await people.registered()
    (row,) = await people.rows("SELECT id FROM codes WHERE user_id = :id", id=made["user"]["id"])
    message = await texts.text_of(row["id"])
    assert message is not None
    assert message.to == f"+91{made['phone']}"
    assert re.findall("[0-9]{6}", message.text) == [await people.code(made)]
    body = {"channel": "sms", "code": await people.code(made)}
    assert (await people.ask("POST", "/auth/verify/confirm", made, json=body)).status_code == 200
    assert await texts.text_of(row["id"]) is None, "a code that was used is sent no more"
    with pytest.raises(LookupError):
        await texts.text_of("no row")


async def test_seekers_and_providers_are_numbered_together_and_nobody_registers_as_an_admin(people: People):
    seeker = await people.registered()
    provider = await people.registered(role="SERVICE_PROVIDER")
    assert provider["user"]["role"] == "SERVICE_PROVIDER"
    assert int(provider["user"]["id"][3:]) == int(seeker["user"]["id"][3:]) + 1
    refused = await people.ask("POST", "/auth/register", json=people.new(role="ADMIN"))
    assert refusal(refused) == (403, "RoleRequired")


async def test_a_phone_or_mail_address_that_is_known_is_refused_in_one_text(people: People):
    email = f"a{people.phone()}@example.com"
    known = await people.registered(email=email)
    answers = [
        await people.ask("POST", "/auth/register", json=people.new(**given))
        for given in ({"phone": known["phone"]}, {"email": email.upper()})
    ]
    assert [refusal(each) for each in answers] == [(409, "Duplicate")] * 2
    assert len({each.json()["detail"] for each in answers}) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"phone": "12345"},
        {"phone": "5841385379"},
        {"password": "short"},
        {"password": None},
        {"first_name": " "},
        {"email": "nobody"},
        {"role": "OWNER"},
        {"first_name": "a\u0000b"},
    ],
    ids=str,
)
async def test_what_cannot_be_registered_is_told(people: People, wrong: dict[str, object]):
    answer = await people.ask("POST", "/auth/register", json=people.new(**wrong))
    assert refusal(answer) == (422, "ShapeMismatch")


async def test_five_wrong_codes_and_the_right_one_is_refused_too_in_one_text(people: People):
    person = await people.registered()
    code = await people.code(person)
    wrong = f"{(int(code) + 1) % 10**6:06}"
    tried = [*[wrong] * 3, "no code", "12345678", code]
    answers = [
        await people.ask("POST", "/auth/verify/confirm", person, json={"channel": "sms", "code": each})
        for each in tried
    ]
    assert [refusal(each) for each in answers] == [(400, "CodeRefused")] * 6
    assert len({each.json()["detail"] for each in answers}) == 1


async def test_a_newer_code_ends_the_older_and_an_old_one_is_refused(people: People):
    person = await people.registered()
    older = await people.code(person)
    assert (await people.ask("POST", "/auth/verify/request", person, json={"channel": "sms"})).status_code == 202
    newer = await people.code(person)
    assert older != newer
    body = {"channel": "sms", "code": older}
    assert refusal(await people.ask("POST", "/auth/verify/confirm", person, json=body)) == (400, "CodeRefused")
    await people.rows("UPDATE codes SET expires_at = now() WHERE user_id = :id", id=person["user"]["id"])
    body = {"channel": "sms", "code": newer}
    assert refusal(await people.ask("POST", "/auth/verify/confirm", person, json=body)) == (400, "CodeRefused")


async def test_a_code_of_one_purpose_or_person_opens_nothing_else(people: People):
    person, other = await people.registered(), await people.registered()
    code = await people.code(person)
    stolen = await people.ask("POST", "/auth/verify/confirm", other, json={"channel": "sms", "code": code})
    assert refusal(stolen) == (400, "CodeRefused")
    reset = {"phone": person["phone"], "code": code, "new_password": "Another-123"}
    assert refusal(await people.ask("POST", "/auth/password/reset/confirm", json=reset)) == (400, "CodeRefused")
    assert (await people.logged_in(person["phone"], PASSWORD))["user"]["id"] == person["user"]["id"]


async def test_an_address_of_clients_gets_so_many_codes_an_hour_and_beyond_them_registers_nobody(people: People):
    body, crowd, address = people.new(), [await people.registered() for _ in range(2)], new_address()
    turns = crowd * (people.app.state.policy.codes_per_address // len(crowd))
    for channel, status in (("email", 400), ("sms", 202)):  # no code is sent by mail, and none is counted
        for person in turns:
            asked = await people.ask("POST", "/auth/verify/request", person, json={"channel": channel}, address=address)
            assert asked.status_code == status, asked.text
    assert refusal(await people.ask("POST", "/auth/register", json=body, address=address)) == (429, "TooMany")
    assert (await people.ask("POST", "/auth/register", json=body)).status_code == 201


async def test_a_phone_gets_five_codes_an_hour(people: People):
    person = await people.registered()
    answers = [await people.ask("POST", "/auth/verify/request", person, json={"channel": "sms"}) for _ in range(5)]
    assert [each.status_code for each in answers] == [202] * 4 + [429]
    assert (answers[-1].json()["code"], answers[-1].headers["Retry-After"]) == ("TooMany", "3600")


async def test_a_mail_address_is_shown_to_be_ones_own_by_a_code_and_a_new_one_anew(people: People):
    person = await people.registered()
    asked = await people.ask("POST", "/auth/verify/request", person, json={"channel": "email"})
    assert refusal(asked) == (400, "NoEmail")
    email = f"b{people.phone()}@example.com"
    change = {"email": email, "current_password": PASSWORD}
    assert (await people.ask("PATCH", "/users/me", person, json=change)).json()["email_verified"] is False
    assert (await people.ask("POST", "/auth/verify/request", person, json={"channel": "email"})).status_code == 202
    body = {"channel": "email", "code": await people.code(person, "verify-email")}
    confirmed = await people.ask("POST", "/auth/verify/confirm", person, json=body)
    assert (confirmed.status_code, confirmed.json()["user"]["email_verified"]) == (200, True)
    moved = await people.ask("PATCH", "/users/me", person, json={"email": f"c{email}", "current_password": PASSWORD})
    assert (moved.json()["email"], moved.json()["email_verified"]) == (f"c{email}", False)


async def test_a_new_phone_is_the_accounts_once_its_code_is_confirmed(people: People):
    person, other = await people.verified(), await people.registered()
    new = people.phone()
    ask = {"phone": new}
    assert refusal(await people.ask("POST", "/auth/phone/change", person, json=ask)) == (400, "PasswordNeeded")
    wrong = await people.ask("POST", "/auth/phone/change", person, json={**ask, "current_password": "Wrong-123"})
    assert refusal(wrong) == (400, "Invalid")
    known = {"phone": other["phone"], "current_password": PASSWORD}
    assert refusal(await people.ask("POST", "/auth/phone/change", person, json=known)) == (409, "Duplicate")
    asked = await people.ask("POST", "/auth/phone/change", person, json={**ask, "current_password": PASSWORD})
    assert asked.status_code == 202
    assert (await people.ask("GET", "/users/me", person)).json()["phone"] == f"+91{person['phone']}"
    code = await people.code(person, "change-phone")
    confirmed = await people.ask("POST", "/auth/phone/confirm", person, json={"code": code})
    assert (confirmed.status_code, confirmed.json()["user"]["phone"]) == (200, f"+91{new}")
    assert confirmed.json()["user"]["phone_verified"] is True
    assert (await people.ask("POST", "/auth/phone/confirm", person, json={"code": code})).status_code == 400
    assert (await people.logged_in(new))["user"]["id"] == person["user"]["id"]
    [act] = await people.acts(person, "phone-change")
    assert act["metadata"]["phone"] == [f"+91******{person['phone'][-4:]}", f"+91******{new[-4:]}"]


async def test_one_account_has_codes_sent_to_five_other_phones_an_hour_from_however_many_addresses(people: People):
    person = await people.verified()

    async def asks() -> int:
        body = {"phone": people.phone(), "current_password": PASSWORD}
        asked = await people.ask("POST", "/auth/phone/change", person, json=body, address=new_address())
        return asked.status_code

    assert [await asks() for _ in range(6)] == [202] * 5 + [429]


@pytest.mark.parametrize("path", ["verify/request", "verify/confirm", "phone/change", "phone/confirm"])
async def test_codes_are_for_who_is_logged_in(people: People, path: str):
    assert refusal(await people.ask("POST", f"/auth/{path}", json={})) == (401, "Unauthenticated")


async def test_before_the_code_of_the_text_message_nobody_requests_and_with_it_the_phone_is_verified(
    people: People, stack: Stack
):
    made = await people.registered()
    wish = {"listing_id": 1, "scheduled_at": "2027-01-04T05:00:00Z", "duration_hours": 2}
    assert refusal(await people.ask("POST", "/bookings/", made, json=wish)) == (403, "PhoneNotVerified")
    sink, texts = f"{stack.info['phone']['api']}/sandbox/messages", []
    async with httpx.AsyncClient(trust_env=False) as phone:
        while not texts:
            texts = (await phone.get(sink, params={"to": f"+91{made['phone']}"})).json()
            await asyncio.sleep(0.1)
    (code,) = re.findall("[0-9]{6}", texts[-1]["text"])
    confirmed = await people.ask("POST", "/auth/verify/confirm", made, json={"channel": "sms", "code": code})
    assert (confirmed.status_code, confirmed.json()["user"]["phone_verified"]) == (200, True)
    assert refusal(await people.ask("POST", "/bookings/", made, json=wish))[1] != "PhoneNotVerified"
