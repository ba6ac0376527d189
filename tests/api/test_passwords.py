"""A new password: changed by hand, or set with a link from a mail."""

import asyncio
import base64
import re
import time
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from temporalio.client import Client

from adapters.auth.password_links import PasswordLinks
from adapters.temporal.client import DATA_CONVERTER
from devstack.stack import Stack
from settings import Secrets
from tests.addresses import new_address
from tests.api.concurrent import Api, Json, bearer, is_refusal
from tests.api.mailbox import Mailbox, link_in
from tests.api.test_login import login, me, refresh, session

NEW, OTHER = "New-Secret-1", "Other-Secret-2"


async def change(api: Api, access: str, current: str, new: str = NEW, address: str = ""):
    body, proxy = {"current_password": current, "new_password": new}, {"X-Forwarded-For": address} if address else {}
    return await api.ask("POST", "/auth/password/change", json=body, headers=bearer(access) | proxy)


async def forgot(api: Api, address: str = "", **whom: str):
    """As it comes through a proxy on this machine: it counts for that address, not for this one."""
    somewhere = address or new_address()
    return await api.ask("POST", "/auth/password/reset/request", json=whom, headers={"X-Forwarded-For": somewhere})


async def confirm(api: Api, token: str, new: str = NEW):
    return await api.ask("POST", "/auth/password/reset/confirm", json={"token": token, "new_password": new})


async def link_for(api: Api, mailbox: Mailbox, card: Json, count: int = 1) -> str:
    assert (await forgot(api, email=card["email"])).status_code == 202
    return link_in((await mailbox.wait(card["email"], "password-reset", count))[-1])


async def test_a_change_counts_at_once_and_ends_every_session_also_this_one(api: Api):
    card = await api.newcomer()
    (phone, phone_cookie), (laptop, laptop_cookie) = await session(api, card), await session(api, card)
    answer = await change(api, phone, card["password"])
    api.http.cookies.clear()
    assert (answer.status_code, list(answer.json())) == (200, ["message"])
    assert [await me(api, access) for access in (phone, laptop)] == [401, 401]
    assert [(await refresh(api, cookie)).status_code for cookie in (phone_cookie, laptop_cookie)] == [401, 401]
    assert (await login(api, card["phone"], card["password"])).status_code == 401
    assert (await login(api, card["phone"], NEW)).status_code == 200


async def test_nobody_changes_a_password_without_knowing_it_and_wrong_passwords_lock_the_phone(api: Api):
    card, here = await api.newcomer(), new_address()
    access, _ = await session(api, card)
    for _ in range(5):
        assert is_refusal(await change(api, access, "Wrong-password-1", address=here), 400) == ""
    assert is_refusal(await change(api, access, card["password"], address=here), 429) == ""
    assert is_refusal(await login(api, card["phone"], card["password"], here), 429) == ""
    assert await me(api, access) == 200


async def test_guessing_at_once_does_not_get_around_the_lock(api: Api):
    card = await api.newcomer()
    access, _ = await session(api, card)
    tries = [*(f"Wrong-password-{number}" for number in range(20)), card["password"]]
    answers = await asyncio.gather(*(change(api, access, password) for password in tries))
    assert {answer.status_code for answer in answers[:-1]} <= {400, 429}
    assert answers[-1].status_code == 429
    assert await me(api, access) == 200


@pytest.mark.parametrize("new", ["Sh0rt", "Password123", "qwertyuiop", "x" * 9, "yz" * 65])
async def test_a_weak_password_is_refused_before_anything_else(api: Api, new: str):
    access, _ = await session(api, api.card("C"))
    assert is_refusal(await change(api, access, "Wrong-password-1", new), 422) == ""
    assert is_refusal(await confirm(api, "a.b.c", new), 422) == ""


async def test_the_link_of_the_mail_sets_a_password_once_and_lets_nobody_stay_logged_in(api: Api, mailbox: Mailbox):
    card = await api.newcomer()
    access, cookie = await session(api, card)
    link = await link_for(api, mailbox, card)
    assert await me(api, access) == 200
    assert (await confirm(api, link)).status_code == 200
    assert await me(api, access) == 401
    assert (await refresh(api, cookie)).status_code == 401
    assert is_refusal(await confirm(api, link, OTHER), 400) == ""
    assert [(await login(api, card["phone"], tried)).status_code for tried in (card["password"], OTHER, NEW)] == [
        401,
        401,
        200,
    ]


async def test_the_link_leads_to_a_page_of_ours(api: Api, mailbox: Mailbox):
    card = await api.newcomer()
    link = await link_for(api, mailbox, card)
    (mail,) = await mailbox.to(card["email"], "password-reset")
    assert f"{api.info['api']}/password#token={link}\n" in mail["text"].replace("\r", "")
    page = await api.http.get(f"{api.info['api']}/password")
    assert "new-password" in page.text


async def test_a_link_used_many_times_at_once_counts_once(api: Api, mailbox: Mailbox):
    card = await api.newcomer()
    link = await link_for(api, mailbox, card)
    wanted = [f"Wanted-Secret-{number}" for number in range(6)]
    answers = await asyncio.gather(*(confirm(api, link, password) for password in wanted))
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 5
    winner = next(password for password, answer in zip(wanted, answers, strict=True) if answer.status_code == 200)
    assert (await login(api, card["phone"], winner)).status_code == 200


async def test_a_phone_will_do_and_a_locked_one_is_open_again(api: Api, mailbox: Mailbox):
    card, here = await api.newcomer(), new_address()
    for _ in range(5):
        await login(api, card["phone"], "Wrong-password-1", here)
    assert (await login(api, card["phone"], card["password"], here)).status_code == 429
    await forgot(api, phone=f"+91 {card['phone']}")
    (mail,) = await mailbox.wait(card["email"], "password-reset")
    assert (await confirm(api, link_in(mail))).status_code == 200
    assert (await login(api, card["phone"], NEW, here)).status_code == 200


async def test_of_two_links_either_works_until_one_is_used_or_the_password_is_changed(api: Api, mailbox: Mailbox):
    card = await api.newcomer()
    first, second = await link_for(api, mailbox, card), await link_for(api, mailbox, card, 2)
    assert (await confirm(api, first)).status_code == 200
    assert (await confirm(api, second, OTHER)).status_code == 400
    third = await link_for(api, mailbox, card, 3)
    access, _ = await session(api, {**card, "password": NEW})
    assert (await change(api, access, NEW, OTHER)).status_code == 200
    assert (await confirm(api, third)).status_code == 400


async def test_a_link_that_is_over_forged_or_another_kind_of_token_does_nothing(api: Api, mailbox: Mailbox):
    card = await api.newcomer()
    access, cookie = await session(api, card)
    link = await link_for(api, mailbox, card)
    said = jwt.decode(link, options={"verify_signature": False})
    assert said["exp"] - time.time() == pytest.approx(3600, abs=60)
    forged = [
        jwt.encode(said, api.info["auth"][key], algorithm="HS256") for key in ("secret_key", "refresh_secret_key")
    ]
    links = PasswordLinks(Secrets(secret_key=api.info["auth"]["secret_key"]))
    now = datetime.now(UTC)
    forged.append(links.issue("table_reservation", card["id"], now, now + timedelta(hours=1)))
    head, _, signature = link.split(".")
    other = jwt.encode({**said, "sub": api.card("A")["id"]}, "x" * 32, algorithm="HS256").split(".")[1]
    for token in (*forged, access, cookie, f"{head}.{other}.{signature}", link[:-4] + "AAAA", "a.b.c"):
        assert is_refusal(await confirm(api, token), 400) == ""
    assert (await login(api, card["phone"], card["password"])).status_code == 200


async def test_the_link_opens_nothing_else(api: Api, mailbox: Mailbox):
    link = await link_for(api, mailbox, await api.newcomer())
    assert await me(api, link) == 401
    assert is_refusal(await refresh(api, link), 401) == ""


async def test_the_answer_does_not_tell_whether_somebody_exists(api: Api, mailbox: Mailbox):
    """Nor does its time: both hand the same order to the engine, and only there somebody looks who that is."""
    known, unknown = (await api.newcomer())["email"], "nobody-at-all@example.com"
    answers = [await forgot(api, email=email) for email in (known, unknown)]
    assert answers[0].status_code == answers[1].status_code == 202
    assert answers[0].json() == answers[1].json()
    await mailbox.wait(known, "password-reset")
    assert await mailbox.to(unknown, "password-reset") == []


async def test_an_address_asks_some_times_and_one_person_gets_a_few_mails(api: Api, mailbox: Mailbox):
    card, address = await api.newcomer(), new_address()
    answers = [await forgot(api, email=card["email"].upper()) for _ in range(8)]
    assert {answer.status_code for answer in answers} == {202}
    somebody = await api.newcomer()
    codes = [(await forgot(api, address, email=f"{n}@example.com")).status_code for n in range(21)]
    assert codes == [202] * 20 + [429]
    await link_for(api, mailbox, somebody)
    assert len(await mailbox.wait(card["email"], "password-reset", 5)) == 5


async def test_a_request_without_anybody_in_it_is_refused(api: Api):
    for body in ({}, {"email": None, "phone": None}, {"email": "x"}, {"phone": "123"}, {"email": {"$gt": ""}}):
        assert is_refusal(await api.ask("POST", "/auth/password/reset/request", json=body), 422) == "", body


async def test_a_mail_server_that_sleeps_fails_no_request_and_loses_no_mail(
    api: Api, mailbox: Mailbox, running_stack: Stack
):
    card = await api.newcomer()
    running_stack.halt("mail")
    try:
        assert (await forgot(api, email=card["email"])).status_code == 202
        await _tried(api, card["email"])
    finally:
        running_stack.revive("mail")
    mails = await mailbox.wait(card["email"], "password-reset")
    assert len(mails) == 1
    assert (await confirm(api, link_in(mails[0]))).status_code == 200


async def _tried(api: Api, email: str) -> None:
    """Wait until a try has failed and is in the log."""
    failed = "SELECT count(*) FROM notification_logs WHERE recipient_email = $1 AND status = 'failed'"
    async with asyncio.timeout(20):
        while not await api.rows.fetchval(failed, email):  # noqa: ASYNC110 - rows ring no bell
            await asyncio.sleep(0.1)


async def test_no_secret_is_in_a_history_in_the_rows_or_in_the_logs(api: Api, mailbox: Mailbox, stack: Stack):
    card = await api.newcomer()
    link = await link_for(api, mailbox, card)
    assert (await confirm(api, link)).status_code == 200
    client = await Client.connect(api.info["temporal"], data_converter=DATA_CONVERTER)
    workflows = [each async for each in client.list_workflows("WorkflowType = 'PasswordResetWorkflow'")]
    histories = [_said((await client.get_workflow_handle(each.id).fetch_history()).to_json()) for each in workflows]
    rows = [await api.rows.fetch("SELECT * FROM notifications"), await api.rows.fetch("SELECT * FROM users")]
    logs = [stack.folder.log(part).read_text() for part in ("api", "worker", "activities")]
    kept = f"{histories} {rows} {logs}"
    assert kept.count(card["email"]) > 2
    assert link not in kept
    assert link.rpartition(".")[2] not in kept
    assert NEW not in kept


def _said(history: str) -> str:
    """A history with what its payloads say."""
    payloads = re.findall(r'"data": ?"([A-Za-z0-9+/=]+)"', history)
    return history + " ".join(base64.b64decode(payload).decode("utf-8", "replace") for payload in payloads)
