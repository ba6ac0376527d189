"""A login on a new device is told by mail; on a known one, and too often, it is not."""

import httpx

from tests.addresses import new_address
from tests.api.concurrent import Api, Json
from tests.api.mailbox import Mailbox
from tests.api.test_login import login
from tests.api.test_passwords import link_for

MOST = 5
"""As `REVCARE_LOGIN_MAILS_PER_PERSON` has it by default."""
SLUG = "new-device"


async def somebody(api: Api) -> Json:
    """Whose account is older than an hour."""
    card = await api.newcomer()
    await api.rows.execute("UPDATE users SET created_at = now() - interval '61 minutes' WHERE id = $1", card["id"])
    return card


async def logged_in(api: Api, card: Json, device: str = "") -> httpx.Response:
    answer = await login(api, card["phone"], card["password"], device=device)
    assert answer.status_code == 200, answer.text
    return answer


async def told(api: Api, mailbox: Mailbox, card: Json) -> list[Json]:
    """The mails of their logins, once a mail that was asked for after them is there."""
    await link_for(api, mailbox, card)
    return await mailbox.to(card["email"], SLUG)


async def test_a_login_on_a_new_device_is_told_by_mail(api: Api, mailbox: Mailbox):
    card = await somebody(api)
    form = {"username": card["phone"], "password": card["password"]}
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    address = new_address()
    headers = {"X-Forwarded-For": address, "User-Agent": agent}
    answer = await api.ask("POST", "/auth/login", data=form, headers=headers)
    api.http.cookies.clear()
    (mail,) = await mailbox.wait(card["email"], SLUG)
    assert "Firefox on Linux" in mail["text"]
    assert address in mail["text"]
    assert answer.json()["access_token"] not in str(mail)
    await logged_in(api, card, answer.cookies["known_device"])
    assert len(await told(api, mailbox, card)) == 1


async def test_a_device_that_another_person_is_known_on_is_new(api: Api, mailbox: Mailbox):
    card, other = await somebody(api), await somebody(api)
    theirs = (await logged_in(api, other)).cookies["known_device"]
    await logged_in(api, card, theirs)
    assert len(await mailbox.wait(card["email"], SLUG)) == 1


async def test_whoever_has_just_registered_is_not_told(api: Api, mailbox: Mailbox):
    card = await api.newcomer()
    await logged_in(api, card)
    assert await told(api, mailbox, card) == []


async def test_a_person_gets_so_many_of_these_mails_in_a_day(api: Api, mailbox: Mailbox):
    card = await somebody(api)
    for _ in range(MOST + 2):
        await logged_in(api, card)
    await mailbox.wait(card["email"], SLUG, MOST)
    assert len(await told(api, mailbox, card)) == MOST
    await api.rows.execute(
        "UPDATE login_attempts SET since = since - interval '1 day' WHERE subject = $1", f"login mails {card['id']}"
    )
    await logged_in(api, card)
    assert len(await mailbox.wait(card["email"], SLUG, MOST + 1)) == MOST + 1


async def test_a_wrong_password_is_not_told(api: Api, mailbox: Mailbox):
    card = await somebody(api)
    assert (await login(api, card["phone"], "Wrong-password-1")).status_code == 401
    assert await told(api, mailbox, card) == []
